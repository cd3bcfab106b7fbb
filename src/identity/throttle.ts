/**
 * How wrong codes slow a person down: five within five minutes pause the factor for 30 seconds, doubling up to
 * 15 minutes; ten in a row lock it until an administrator unlocks it. Counted per person, over all doors and
 * requests, and kept over restarts. Pure: the caller stores what comes out.
 */
import type { Throttle } from './ports.ts';

const WINDOW = 5 * 60_000;
const WINDOW_LIMIT = 5;
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 15 * 60_000;
const LOCK_AFTER = 10;

export const CLEAN_THROTTLE: Throttle = {
  consecutive: 0,
  recent: [],
  pauses: 0,
  pausedUntil: null,
  locked: false,
};

/** The state after one more wrong code at `now` (ms since the epoch). */
export function afterWrongCode(before: Throttle, now: number): Throttle {
  const recent = [...before.recent.filter((at) => at > now - WINDOW), now];
  const consecutive = before.consecutive + 1;
  const locked = before.locked || consecutive >= LOCK_AFTER;
  if (recent.length < WINDOW_LIMIT) return { ...before, consecutive, recent, locked };
  const pause = Math.min(FIRST_PAUSE * 2 ** before.pauses, LONGEST_PAUSE);
  return { consecutive, recent, locked, pauses: before.pauses + 1, pausedUntil: now + pause };
}

/** Whether codes are looked at now; `until` in ms since the epoch. */
export function throttleState(
  throttle: Throttle,
  now: number,
): { readonly kind: 'open' } | { readonly kind: 'locked' } | { readonly kind: 'paused'; readonly until: number } {
  if (throttle.locked) return { kind: 'locked' };
  const { pausedUntil } = throttle;
  if (pausedUntil === null || pausedUntil <= now) return { kind: 'open' };
  // After a backward jump of the clock a pause must not become longer than the longest one.
  return { kind: 'paused', until: Math.min(pausedUntil, now + LONGEST_PAUSE) };
}
