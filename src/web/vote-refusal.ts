/** Why a vote did not count, as an answer of the API. */
import { type RefusedVote, refusedVoteWords } from '../approval/refused-vote.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { type Refusal, type RefusalStatus, refuse } from './refusal.ts';

const STATUS: Readonly<Record<Exclude<RefusedVote['kind'], 'already-decided'>, RefusalStatus>> = {
  'wrong-code': 422,
  'used-code': 422,
  'code-needed': 422,
  'factor-not-available': 422,
  'wrong-signature': 422,
  'not-enrolled': 403,
  'codes-locked': 403,
  out: 403,
  'self-refused': 403,
  'not-an-approver': 403,
  'too-fresh': 403,
  'not-found': 404,
  'already-voted': 409,
  mismatch: 409,
  'signature-used': 409,
  'grant-not-offered': 409,
  'reason-missing': 409,
  'codes-paused': 429,
  'clock-went-back': 503,
  suspended: 503,
  failed: 503,
};

/** @param now ms since the epoch */
export function voteRefusal(outcome: RefusedVote, request: Pick<ApprovalRequest, 'id'>, now: number): Refusal {
  const words = refusedVoteWords(outcome, request);
  if (outcome.kind === 'already-decided') {
    return outcome.state === 'expired' ? refuse(410, 'request.expired', words) : refuse(409, 'request.decided', words);
  }
  const refusal = refuse(STATUS[outcome.kind], `vote.${outcome.kind}`, words);
  if (outcome.kind !== 'codes-paused') return refusal;
  return { ...refusal, retryAfter: Math.max(1, Math.ceil((outcome.until - now) / 1000)) };
}
