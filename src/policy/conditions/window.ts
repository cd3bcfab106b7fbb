/**
 * `window: office`: hours of the week in a time zone, by the wall clock there. A window whose end is not after
 * its start crosses midnight and belongs to the day it starts. In the hour that a change to summer time skips,
 * a window starts at the first minute that exists; in the repeated hour both passes count.
 */
import type { Day } from '../schema/days.ts';
import type { WindowFile } from '../schema/section-files.ts';
import type { Condition } from './condition.ts';
import { disjunction, leaf } from './condition.ts';

const DAYS: readonly Day[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The zone of windows that name none, when the settings name none either. */
export const DEFAULT_ZONE = 'UTC';

export interface Window {
  readonly name: string;
  readonly days: readonly Day[];
  /** Minutes after midnight. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  readonly format: Intl.DateTimeFormat;
}

/** Whether `zone` is an IANA time zone that this system knows. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** @param zone checked with `isTimeZone` */
export function compileWindow(name: string, file: WindowFile, zone: string): Window {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return { name, days: file.days, from: minutes(file.from), to: minutes(file.to), zone, format };
}

function minutes(text: string): number {
  const [hour = '0', minute = '0'] = text.split(':');
  return Number(hour) * 60 + Number(minute);
}

/** @param at ms since the epoch */
export function windowHolds(window: Window, at: number): boolean {
  const { day, minute } = wallTime(window.format, at);
  const today = window.days.includes(DAYS[day] ?? 'sun');
  if (window.from < window.to) return today && minute >= window.from && minute < window.to;
  const yesterday = window.days.includes(DAYS[(day + 6) % 7] ?? 'sun');
  return (today && minute >= window.from) || (yesterday && minute < window.to);
}

function wallTime(format: Intl.DateTimeFormat, at: number): { readonly day: number; readonly minute: number } {
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, part.value]));
  const day = DAYS.indexOf((parts.get('weekday') ?? '').toLowerCase().slice(0, 3) as Day);
  return { day, minute: Number(parts.get('hour') ?? 0) * 60 + Number(parts.get('minute') ?? 0) };
}

/** Holds within any of the windows. */
export function windowCondition(windows: readonly Window[]): Condition {
  return disjunction(windows.map((window) => leaf(`window ${window.name}`, (facts) => windowHolds(window, facts.at))));
}
