import { expect, test } from 'vitest';
import type { RefusedVote } from '../approval/refused-vote.ts';
import type { RequestId } from '../model/names.ts';
import { voteRefusal } from './vote-refusal.ts';

const NOW = 1_000_000;

test.each<[RefusedVote, number, string]>([
  [{ kind: 'wrong-code', triesLeft: 2 }, 422, 'vote.wrong-code'],
  [{ kind: 'code-needed' }, 422, 'vote.code-needed'],
  [{ kind: 'already-decided', state: 'expired' }, 410, 'request.expired'],
  [{ kind: 'already-decided', state: 'released' }, 409, 'request.decided'],
  [{ kind: 'mismatch' }, 409, 'vote.mismatch'],
  [{ kind: 'self-refused' }, 403, 'vote.self-refused'],
  [{ kind: 'not-found' }, 404, 'vote.not-found'],
  [{ kind: 'failed', why: 'the store: secret things' }, 503, 'vote.failed'],
])('%j', (outcome, status, code) => {
  const refusal = voteRefusal(outcome, { id: '7KQ2' as RequestId }, NOW);
  expect(refusal).toMatchObject({ status, code });
  expect(refusal.message).not.toContain('secret things');
});

test('a pause says when it ends', () => {
  const refusal = voteRefusal({ kind: 'codes-paused', until: NOW + 29_500 }, { id: '7KQ2' as RequestId }, NOW);
  expect(refusal).toMatchObject({ status: 429, retryAfter: 30 });
});
