/** Days of the week as people write them, and what to write instead. */

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** For what stands in the place of a list of days: `write [mon, tue, wed, thu, fri]` for `mon-fri`. */
export function daysHint(found: unknown): string {
  const days = typeof found === 'string' ? spelledDays(found) : null;
  return days === null ? 'write a list such as [mon, tue, wed, thu, fri]' : `write [${days.join(', ')}]`;
}

/** For what stands in the place of one day; undefined when it is no way to write days. */
export function dayHint(found: unknown): string | undefined {
  const days = typeof found === 'string' ? spelledDays(found) : null;
  return days === null ? undefined : `write ${days.join(', ')}`;
}

function spelledDays(text: string): readonly Day[] | null {
  const spans = text.split(',').map(spanOf);
  const days = spans.flatMap((span) => span ?? []);
  return spans.includes(null) ? null : DAYS.filter((day) => days.includes(day));
}

/** One day, or two with all between them, also over the end of the week. */
function spanOf(text: string): readonly Day[] | null {
  const ends = text.trim().split(/ *- *| to /);
  const [first = -1, last = first] = ends.map(dayOf);
  if (ends.length > 2 || first < 0 || last < 0) return null;
  return first <= last ? DAYS.slice(first, last + 1) : [...DAYS.slice(first), ...DAYS.slice(0, last + 1)];
}

/** -1 when it is none. */
function dayOf(text: string): number {
  const word = text.toLowerCase();
  const isDay = /^(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?$/.test(word);
  return isDay ? DAYS.findIndex((day) => word.startsWith(day)) : -1;
}
