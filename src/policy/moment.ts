/**
 * Points in time as people write them, in tests of a policy and on the command line, and as they are shown. A
 * time without an offset is read in the policy's own zone, never in that of the process: the same files must
 * mean the same on every machine.
 */

/** What a text says about a point in time. */
export type MomentReading =
  /** ms since the epoch */
  | { readonly kind: 'moment'; readonly at: number }
  /** What is wrong and what to write instead. */
  | { readonly kind: 'unclear'; readonly why: string };

const SPELLING = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/;
const EXAMPLE = '2026-11-20T10:00+01:00';
const DAY = 86_400_000;

/** @param zone of the policy's settings, for times without an offset; null when it names none */
export function readMoment(text: string, zone: string | null): MomentReading {
  const [, date, time, offset] = SPELLING.exec(text) ?? [];
  if (date === undefined) return unclear(`"${text}" is not a time; write it as ${EXAMPLE}`);
  if (time === undefined) return unclear(`"${text}" has no time of day; write it as ${date}T10:00+01:00`);
  const wall = wallOf(date, time);
  if (wall === null) return unclear(`"${text}" is on no calendar or clock`);
  if (offset !== undefined) return withOffset(text, `${date}T${time}${offset}`);
  if (zone !== null) return inZone(text, wall, zone);
  const spelled = `${date}T${time}`;
  return unclear(`"${text}" has no offset; write ${spelled}+01:00 or ${spelled}Z, or set time_zone: under settings:`);
}

/** `Fri 2026-11-20 20:00 Europe/Berlin` @param at ms since the epoch */
export function describeMoment(at: number, zone: string): string {
  const part = partsOf(at, zone);
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${zone}`;
}

function unclear(why: string): MomentReading {
  return { kind: 'unclear', why };
}

/** The clock on the wall as if it were UTC, in ms; null for 30 February and 25 o'clock. */
function wallOf(date: string, time: string): number | null {
  const wall = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 16) !== `${date}T${time.slice(0, 5)}`
    ? null
    : wall;
}

function withOffset(text: string, spelled: string): MomentReading {
  const at = Date.parse(spelled);
  return Number.isNaN(at) ? unclear(`"${text}" has an offset that is none; write it as ${EXAMPLE}`) : moment(at);
}

function moment(at: number): MomentReading {
  return { kind: 'moment', at };
}

/** Tries the offsets of the day before and the day after: the clocks change at most once between them. */
function inZone(text: string, wall: number, zone: string): MomentReading {
  const tried = new Set([wall - DAY, wall + DAY].map((near) => wall - offsetAt(near, zone)));
  const [only, other] = [...tried].filter((at) => at + offsetAt(at, zone) === wall);
  if (only === undefined) return unclear(`"${text}" is skipped by the clocks of ${zone}; write it with its offset`);
  if (other !== undefined) return unclear(`"${text}" comes twice in ${zone}; write it with its offset`);
  return moment(only);
}

/** ms that the clocks of `zone` are ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const whole = Math.floor(at / 1000) * 1000;
  const part = partsOf(whole, zone);
  const clock = `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}Z`;
  return Date.parse(clock) - whole;
}

function partsOf(at: number, zone: string): (type: Intl.DateTimeFormatPartTypes) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return (type) => parts.get(type) ?? '';
}
