/** Points in time as records spell them. */

/** RFC 3339 in UTC with microseconds, e.g. `2026-11-20T10:00:00.000000Z`. @param ms since the epoch */
export function rfc3339(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.floor((ms - whole) * 1000);
  return `${new Date(whole).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}
