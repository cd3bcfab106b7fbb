/** What of somebody's last day is worth a look, by their own four weeks before. */
import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../model/audit-event.ts';
import { HabitCounter, type Unusual } from './habit-stats.ts';

const UNTIL = Date.UTC(2026, 10, 20, 18, 0, 0);
const HOUR = 3_600_000;

function event(type: string, hoursAgo: number, user = 'alice'): AuditEvent {
  const time = new Date(UNTIL - hoursAgo * HOUR).toISOString();
  const node = { id: '', boot: '', version: '' };
  return { v: 1, seq: 0, id: '', node, prev: '', hash: '', type, time, actor: { user } };
}

/** A session at 10:00 UTC on each of the days before, with so many held commands. */
function weeks(days: number, held: number): AuditEvent[] {
  return Array.from({ length: days }, (_, index) => {
    const ago = 8 + 24 * (index + 1);
    return [event('session.started', ago), ...Array.from({ length: held }, () => event('approval.requested', ago))];
  }).flat();
}

function unusual(...events: readonly AuditEvent[]): readonly Unusual[] {
  const counter = new HabitCounter(UNTIL);
  for (const one of events) counter.take(one);
  return counter.result();
}

describe('hours', () => {
  test('at which somebody never worked are named', () => {
    expect(unusual(...weeks(10, 0), event('session.started', 15))).toEqual([
      { user: 'alice', what: 'hour', value: 3, usual: null },
    ]);
  });

  test('next to their own, and those of people who are new, are not', () => {
    expect(unusual(...weeks(10, 0), event('session.started', 7))).toEqual([]);
    expect(unusual(...weeks(3, 0), event('session.started', 15))).toEqual([]);
    expect(unusual(...weeks(10, 0), event('session.started', 15, 'bob'))).toEqual([]);
  });
});

describe('counts', () => {
  const today = (count: number): AuditEvent[] => Array.from({ length: count }, () => event('approval.requested', 8));

  test('far beyond the busiest day are named', () => {
    expect(unusual(...weeks(10, 3), ...today(7))).toEqual([{ user: 'alice', what: 'count', value: 7, usual: 3 }]);
  });

  test('that are few, or no more than usual, are not', () => {
    expect(unusual(...weeks(10, 1), ...today(5))).toEqual([]);
    expect(unusual(...weeks(10, 4), ...today(8))).toEqual([]);
  });

  test('older than four weeks are forgotten', () => {
    expect(unusual(...weeks(40, 0), ...today(1))).toEqual([]);
  });
});
