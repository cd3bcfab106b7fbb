/** Why a vote did not count, as the failure that a verb ends with. */
import { takesSignatures } from '../approval/eligibility.ts';
import { type RefusedVote, refusedVoteWords } from '../approval/refused-vote.ts';
import { type FailureKind, HeldlineError } from '../base/heldline-error.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';

const KINDS: Readonly<Partial<Record<RefusedVote['kind'], FailureKind>>> = {
  'not-found': 'not-found',
  'already-decided': 'conflict',
  'already-voted': 'conflict',
  mismatch: 'conflict',
  'signature-used': 'conflict',
  failed: 'failed',
};

export function voteRefusal(outcome: RefusedVote, request: ApprovalRequest): HeldlineError {
  const kind = KINDS[outcome.kind] ?? 'not-allowed';
  const isSigned = outcome.kind === 'factor-not-available' && outcome.stages.some(takesSignatures);
  const hint = isSigned ? { hint: `Sign it: approve ${request.id} --sign` } : {};
  return new HeldlineError(`vote.${outcome.kind}`, refusedVoteWords(outcome, request), { kind, ...hint });
}
