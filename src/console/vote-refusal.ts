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
  'grant-not-offered': 'usage',
  failed: 'failed',
};

export function voteRefusal(outcome: RefusedVote, request: ApprovalRequest): HeldlineError {
  const kind = KINDS[outcome.kind] ?? 'not-allowed';
  const hint = hintFor(outcome, request);
  const more = hint === null ? { kind } : { kind, hint };
  return new HeldlineError(`vote.${outcome.kind}`, refusedVoteWords(outcome, request), more);
}

function hintFor(outcome: RefusedVote, { id }: ApprovalRequest): string | null {
  if (outcome.kind === 'grant-not-offered') return 'Approve it without --grant.';
  const isSigned = outcome.kind === 'factor-not-available' && outcome.stages.some(takesSignatures);
  return isSigned ? `Sign it: approve ${id} --sign` : null;
}
