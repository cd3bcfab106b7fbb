import { expect, test } from 'vitest';
import type { AuditEvent } from '../model/audit-event.ts';
import { BreakGlassCounter } from './break-glass-stats.ts';

const DUE = Date.UTC(2026, 10, 21);

function event(type: string, uid: string): AuditEvent {
  const chain = { v: 1, seq: 1, time: '', id: '', prev: '', hash: '' } as const;
  const breakglass = { uid, reviewBy: new Date(DUE).toISOString() };
  return { ...chain, type, breakglass, node: { id: 'n', boot: 'b', version: '0' } };
}

test('what was begun, used and not reviewed in time', () => {
  const counter = new BreakGlassCounter();
  for (const [type, uid] of [
    ['started', 'a'],
    ['used', 'a'],
    ['used', 'a'],
    ['ended', 'a'],
    ['review_refused', 'a'],
    ['started', 'b'],
    ['reviewed', 'b'],
  ] as const) {
    counter.take(event(`breakglass.${type}`, uid));
  }
  expect(counter.result(DUE - 1)).toEqual({ started: 2, passed: 2, unreviewed: 1, overdue: 0 });
  expect(counter.result(DUE)).toEqual({ started: 2, passed: 2, unreviewed: 1, overdue: 1 });
});
