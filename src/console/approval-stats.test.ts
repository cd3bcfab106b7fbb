import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../model/audit-event.ts';
import { ApprovalCounter } from './approval-stats.ts';

function event(type: string, second: number, uid: string, more: Partial<AuditEvent> = {}): AuditEvent {
  const time = new Date(second * 1000).toISOString();
  const approval = { uid, requester: 'alice', ...more.approval };
  return {
    v: 1,
    seq: 0,
    id: '',
    node: { id: '', boot: '', version: '' },
    prev: '',
    hash: '',
    type,
    time,
    policy: { hash: 'h', rule: 'rm' },
    ...more,
    approval,
  };
}

function count(...events: readonly AuditEvent[]) {
  const counter = new ApprovalCounter();
  for (const one of events) counter.take(one);
  return counter.result();
}

const vote = { actor: { user: 'bob' }, approval: { verdict: 'approve' } };

describe('what became of held commands', () => {
  test('nothing yet', () => {
    expect(count()).toMatchObject({ requests: 0, auto: 0, open: 0, wait: null, rules: [], approvers: [] });
  });

  test('counts each by how it ended last, and the waiting by how people decided', () => {
    const result = count(
      event('approval.requested', 0, 'a'),
      event('approval.approved', 10, 'a'),
      event('approval.voided', 11, 'a'),
      event('approval.requested', 20, 'b'),
      event('approval.denied', 50, 'b'),
      event('approval.requested', 60, 'c'),
      event('approval.expired', 180, 'c'),
      event('approval.requested', 200, 'd', { policy: { hash: 'h', rule: null } }),
      event('command.auto_approved', 201, ''),
      event('approval.denied', 202, 'unknown'),
    );
    expect(result).toMatchObject({ requests: 4, auto: 1, open: 1, wait: { p50: 10_000, p95: 30_000 } });
    expect(result.endings).toEqual({ approved: 0, denied: 1, expired: 1, cancelled: 0, voided: 1 });
    expect(result.rules).toEqual([
      { rule: 'rm', held: 3 },
      { rule: 'default', held: 1 },
    ]);
  });

  test('names those who approve in a hurry, never those who approve their own', () => {
    const result = count(
      event('approval.requested', 0, 'a'),
      event('approval.vote', 4, 'a', vote),
      event('approval.requested', 10, 'b'),
      event('approval.vote', 16, 'b', vote),
      event('approval.requested', 20, 'c'),
      event('approval.vote', 21, 'c', { actor: { user: 'alice' }, approval: { verdict: 'approve' } }),
      event('approval.vote', 21, 'c', { actor: { user: 'carol' }, approval: { verdict: 'deny' } }),
    );
    expect(result.approvers).toEqual([{ approver: 'bob', approvals: 2, hasty: 1 }]);
  });
});
