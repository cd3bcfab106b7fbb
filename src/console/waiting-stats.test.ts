/** Who waits how long, and when. */
import { expect, test } from 'vitest';
import type { AuditEvent } from '../model/audit-event.ts';
import { WaitingCounter } from './waiting-stats.ts';

function event(type: string, second: number, more: Partial<AuditEvent>): AuditEvent {
  const node = { id: '', boot: '', version: '' };
  const time = new Date(second * 1000).toISOString();
  return { v: 1, seq: 0, id: '', node, prev: '', hash: '', type, time, ...more };
}

function session(user: string, roles: readonly string[]): AuditEvent {
  return event('session.started', 0, { actor: { user, roles } });
}

function request(uid: string, requester: string, at: number, decided: number | null): AuditEvent[] {
  const asked = event('approval.requested', at, { approval: { uid, requester } });
  const approval = { uid };
  return decided === null ? [asked] : [asked, event('approval.approved', decided, { approval })];
}

test('waiting is counted by role and by hour, for every role that somebody has', () => {
  const counter = new WaitingCounter();
  const events = [
    session('alice', ['dba', 'dev']),
    session('bob', []),
    ...request('a', 'alice', 10, 20),
    ...request('b', 'alice', 20, 50),
    ...request('c', 'alice', 3700, null),
    ...request('d', 'bob', 3700, 3701),
    event('approval.voided', 3702, { approval: { uid: 'd' } }),
  ];
  for (const one of events) counter.take(one);
  expect(counter.result()).toEqual({
    roles: [
      { role: 'dba', held: 3, wait: { p50: 10_000, p95: 30_000 } },
      { role: 'dev', held: 3, wait: { p50: 10_000, p95: 30_000 } },
      { role: '-', held: 1, wait: { p50: 1000, p95: 1000 } },
    ],
    hours: [
      { hour: 0, held: 2, wait: { p50: 10_000, p95: 30_000 } },
      { hour: 1, held: 2, wait: { p50: 1000, p95: 1000 } },
    ],
  });
});
