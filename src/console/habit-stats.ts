/**
 * What was unusual about somebody's last day, measured by their own four weeks before it: an hour at which they never
 * worked, or far more held commands than ever. Says what to look at and nothing else. Pure; knows no files.
 */
import type { AuditEvent } from '../model/audit-event.ts';

export interface Unusual {
  readonly user: string;
  readonly what: 'hour' | 'count';
  /** The hour of the day in UTC, or how many were held. */
  readonly value: number;
  /** Of a count: the busiest day before. */
  readonly usual: number | null;
}

const DAY = 86_400_000;
/** ms before the end that are looked at: the last day, and four weeks to compare it with. */
export const HABIT_SPAN: number = 29 * DAY;
/** Days on which somebody was active before their hours say anything. */
const ENOUGH_DAYS = 5;
/** Held commands in a day that are not worth a word. */
const FEW = 5;
/** How many times the busiest day is far more. */
const FAR_MORE = 2;

interface Habit {
  readonly days: Set<number>;
  readonly hours: Set<number>;
  readonly heldByDay: Map<number, number>;
  readonly lastHours: Set<number>;
  lastHeld: number;
}

export class HabitCounter {
  readonly #until: number;
  readonly #habits = new Map<string, Habit>();

  /** @param until end of the last day, ms since the epoch */
  constructor(until: number) {
    this.#until = until;
  }

  /** Takes sessions and requests of the span. */
  take({ type, actor, time }: AuditEvent): void {
    const at = Date.parse(time);
    const age = this.#until - at;
    const counts = type === 'session.started' || type === 'approval.requested';
    if (!counts || actor === undefined || age < 0 || age > HABIT_SPAN) return;
    const habit = this.#habitOf(actor.user);
    const hour = new Date(at).getUTCHours();
    const day = Math.floor(age / DAY);
    if (day === 0) habit.lastHours.add(hour);
    else {
      habit.days.add(day);
      habit.hours.add(hour);
    }
    if (type !== 'approval.requested') return;
    if (day === 0) habit.lastHeld += 1;
    else habit.heldByDay.set(day, (habit.heldByDay.get(day) ?? 0) + 1);
  }

  result(): readonly Unusual[] {
    return [...this.#habits].flatMap(([user, habit]) => [...unusualHours(user, habit), ...unusualCount(user, habit)]);
  }

  #habitOf(user: string): Habit {
    const found = this.#habits.get(user);
    if (found !== undefined) return found;
    const fresh = { days: new Set<number>(), hours: new Set<number>(), lastHours: new Set<number>() };
    const habit: Habit = { ...fresh, heldByDay: new Map(), lastHeld: 0 };
    this.#habits.set(user, habit);
    return habit;
  }
}

/** Next to an hour of theirs is still theirs. */
function unusualHours(user: string, { days, hours, lastHours }: Habit): readonly Unusual[] {
  if (days.size < ENOUGH_DAYS) return [];
  const isTheirs = (hour: number): boolean => [23, 24, 25].some((near) => hours.has((hour + near) % 24));
  const odd = [...lastHours].filter((hour) => !isTheirs(hour)).sort((a, b) => a - b);
  return odd.map((value) => ({ user, what: 'hour', value, usual: null }));
}

function unusualCount(user: string, { days, heldByDay, lastHeld }: Habit): readonly Unusual[] {
  const usual = Math.max(0, ...heldByDay.values());
  if (days.size < ENOUGH_DAYS || lastHeld <= FEW || lastHeld <= usual * FAR_MORE) return [];
  return [{ user, what: 'count', value: lastHeld, usual }];
}
