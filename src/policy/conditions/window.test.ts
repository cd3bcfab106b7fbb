import { describe, expect, test } from 'vitest';
import { compileWindow, isTimeZone, windowHolds } from './window.ts';

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

function holds(
  from: string,
  to: string,
  zone: string,
  at: string,
  days: readonly (typeof WEEK)[number][] = WEEK,
): boolean {
  return windowHolds(compileWindow('w', { days, from, to }, zone), Date.parse(at));
}

describe('windows', () => {
  test.each([
    ['before', '2026-11-20T06:59:59Z', false],
    ['at its start', '2026-11-20T07:00:00Z', true],
    ['inside', '2026-11-20T12:00:00Z', true],
    ['at its end', '2026-11-20T17:00:00Z', false],
    ['on another day', '2026-11-21T12:00:00Z', false],
  ])('office hours in Berlin: %s', (_, at, expected) => {
    expect(holds('08:00', '18:00', 'Europe/Berlin', at, ['mon', 'tue', 'wed', 'thu', 'fri'])).toBe(expected);
  });

  test.each([
    ['friday evening', '2026-11-20T23:00:00Z', true],
    ['the night after friday', '2026-11-21T05:59:00Z', true],
    ['saturday morning', '2026-11-21T06:00:00Z', false],
    ['saturday evening', '2026-11-21T23:00:00Z', false],
    ['the night before friday', '2026-11-20T03:00:00Z', false],
  ])('a window over midnight belongs to the day it starts: %s', (_, at, expected) => {
    expect(holds('22:00', '06:00', 'UTC', at, ['fri'])).toBe(expected);
  });

  test('starts at the first minute that exists when the clocks go forward', () => {
    // Berlin, 29 March 2026: 01:59:59 CET is followed by 03:00:00 CEST.
    expect(holds('02:30', '05:00', 'Europe/Berlin', '2026-03-29T00:59:59Z')).toBe(false);
    expect(holds('02:30', '05:00', 'Europe/Berlin', '2026-03-29T01:00:00Z')).toBe(true);
  });

  test('both passes of the repeated hour count when the clocks go back', () => {
    // Berlin, 25 October 2026: 02:30 comes at 00:30Z and at 01:30Z.
    expect(holds('02:00', '03:00', 'Europe/Berlin', '2026-10-25T00:30:00Z')).toBe(true);
    expect(holds('02:00', '03:00', 'Europe/Berlin', '2026-10-25T01:30:00Z')).toBe(true);
    expect(holds('02:00', '03:00', 'Europe/Berlin', '2026-10-25T02:00:00Z')).toBe(false);
  });

  test('zones', () => {
    expect(isTimeZone('Europe/Berlin')).toBe(true);
    expect(isTimeZone('Europe/Nowhere')).toBe(false);
  });
});
