/** What a line is judged by besides its text, as explanations show it: the hour and its windows, who and where. */
import { rfc3339 } from '../base/rfc3339.ts';
import { visible } from '../base/visible.ts';
import type { EvaluationContext } from '../model/decision.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { DEFAULT_ZONE, windowHolds } from './conditions/window.ts';
import { describeMoment } from './moment.ts';

/** A point in time as the policy sees it. */
export interface Moment {
  /** ms since the epoch */
  readonly at: number;
  /** The policy's own zone. */
  readonly zone: string;
  readonly windows: readonly WindowState[];
}

interface WindowState {
  readonly name: string;
  /** The zone that its hours are in. */
  readonly zone: string;
  readonly open: boolean;
}

/** Members of `policy explain --json`. */
export interface MomentJson {
  readonly at: string;
  readonly time_zone: string;
  readonly windows: Readonly<Record<string, 'open' | 'closed'>>;
}

/** @param at ms since the epoch */
export function momentOf({ timeZone, windows }: CompiledPolicy, at: number): Moment {
  const states = [...windows.values()].map((window) => ({
    name: window.name,
    zone: window.zone,
    open: windowHolds(window, at),
  }));
  return { at, zone: timeZone ?? DEFAULT_ZONE, windows: states };
}

export function momentJson({ at, zone, windows }: Moment): MomentJson {
  return {
    at: rfc3339(at),
    time_zone: zone,
    windows: Object.fromEntries(windows.map((window) => [window.name, stateText(window)])),
  };
}

/** `Fri 2026-11-20 20:00 Europe/Berlin; window office: closed` */
export function momentText({ at, zone, windows }: Moment): string {
  const states = windows.map((window) => {
    const elsewhere = window.zone === zone ? '' : ` (${window.zone})`;
    return `; window ${window.name}${elsewhere}: ${stateText(window)}`;
  });
  return `${describeMoment(at, zone)}${states.join('')}`;
}

/** `target web1 (env=prod), user bob (sre)`, and `urgency high` when that was said */
export function subjectText({ target, user, urgency }: EvaluationContext): string {
  const labels = Object.entries(target?.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  const place = target?.name === undefined || target.name === '' ? 'a target' : `target ${target.name}`;
  const person = user === undefined ? 'nobody in particular' : personText(user);
  const haste = urgency === undefined ? '' : `, urgency ${urgency}`;
  return visible(`${place} (${labels.join(', ') || 'no labels'}), ${person}${haste}`);
}

function personText({ name, roles }: NonNullable<EvaluationContext['user']>): string {
  return `${name === '' ? 'a user' : `user ${name}`} (${roles.join(', ') || 'no roles'})`;
}

function stateText({ open }: WindowState): 'open' | 'closed' {
  return open ? 'open' : 'closed';
}
