/** How long a receiver that failed is left alone. */

const FIRST = 1000;
const LONGEST = 60_000;
/** A receiver that asks for more is not obeyed further than this. */
const LONGEST_ASKED = 600_000;

/**
 * ms until the next attempt after `failures` in a row: doubling up to a minute, between half and all of it so that
 * receivers of many bastions are not met by all at once; at least what the receiver asked for.
 * @param random 0 to 1 @param asked ms, or null
 */
export function restAfter(failures: number, random: number, asked: number | null): number {
  const backoff = Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 10));
  const jittered = backoff * (0.5 + random / 2);
  return Math.max(jittered, Math.min(asked ?? 0, LONGEST_ASKED));
}

/** `Retry-After` (RFC 9110 §10.2.3) in ms, or null when it says nothing usable. @param now ms since the epoch */
export function retryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = /^[A-Z][a-z]{2}, .* GMT$/.test(header.trim()) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
