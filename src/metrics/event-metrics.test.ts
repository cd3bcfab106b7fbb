/** What is counted of the audit log, and how it is written down for Prometheus. */
import { expect, test } from 'vitest';
import type { AuditEvent } from '../model/audit-event.ts';
import { EventMetrics } from './event-metrics.ts';
import { metricText } from './metric-text.ts';

let seq = 0;

function event(type: string, seconds: number, more: Partial<AuditEvent> = {}): AuditEvent {
  seq += 1;
  const node = { id: 'n', boot: 'b', version: '0' };
  const time = new Date(Date.UTC(2026, 10, 20, 10, 0, 0) + seconds * 1000).toISOString();
  return { v: 1, seq, time, id: String(seq), node, prev: '', hash: '', type, outcome: 'success', ...more };
}

function request(uid: string, at: number, rule: string | null): AuditEvent {
  const policy = { hash: 'h', rule, decision: 'approve', ids: [] } as const;
  return event('approval.requested', at, { approval: { uid, requester: 'alice' }, policy, actor: { user: 'alice' } });
}

function vote(uid: string, at: number, user: string): AuditEvent {
  return event('approval.vote', at, { approval: { uid, verdict: 'approve' }, actor: { user } });
}

function pageAfter(events: readonly AuditEvent[]): string {
  const metrics = new EventMetrics();
  for (const one of events) metrics.take(one);
  return metricText(metrics.families());
}

test('times, endings, rules and hasty approvals are counted', () => {
  const page = pageAfter([
    request('a', 0, 'deletes'),
    vote('a', 3, 'bob'),
    event('approval.approved', 3, { approval: { uid: 'a' } }),
    event('command.released', 3.06, { approval: { uid: 'a' } }),
    request('b', 10, 'deletes'),
    event('approval.expired', 130, { approval: { uid: 'b' } }),
    request('c', 200, null),
    event('approval.denied', 240, { approval: { uid: 'c' } }),
    event('command.submitted', 300),
  ]);
  expect(page).toContain('heldline_requests_total{outcome="approved"} 1\n');
  expect(page).toContain('heldline_requests_total{outcome="expired"} 1\n');
  expect(page).toContain('heldline_requests_total{outcome="voided"} 0\n');
  expect(page).toContain('heldline_held_total{rule="deletes"} 2\n');
  expect(page).toContain('heldline_held_total{rule="default"} 1\n');
  expect(page).toContain('heldline_hold_decision_seconds_bucket{le="5"} 1\n');
  expect(page).toContain('heldline_hold_decision_seconds_bucket{le="60"} 2\n');
  expect(page).toContain('heldline_hold_decision_seconds_count 2\n');
  expect(page).toContain('heldline_release_latency_seconds_bucket{le="0.05"} 0\n');
  expect(page).toContain('heldline_release_latency_seconds_bucket{le="0.075"} 1\n');
  expect(page).toContain('heldline_hasty_approvals_total 1\n');
  expect(page).toContain('heldline_commands_total 1\n');
});

test("one's own code in a hurry is not hasty, and nobody is named", () => {
  const page = pageAfter([request('a', 0, 'deletes'), vote('a', 2, 'alice')]);
  expect(page).toContain('heldline_hasty_approvals_total 0\n');
  expect(page).not.toContain('alice');
});

test('a self-test counts as nothing but events', () => {
  const page = pageAfter([event('selftest.step', 0, { detail: { step: 'approval.requested' } })]);
  expect(page).toContain('heldline_audit_events_total 1\n');
  expect(page).not.toMatch(/^heldline_held_total\{/m);
  expect(page).toContain('heldline_hold_decision_seconds_count 0\n');
});

test('label values are escaped', () => {
  expect(pageAfter([request('a', 0, 'a "b" \\ c\nd')])).toContain('{rule="a \\"b\\" \\\\ c\\nd"} 1\n');
});
