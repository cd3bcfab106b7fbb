/** Why a vote did not count, in words. The same on every door. */
import type { ApprovalRequest } from '../model/approval-request.ts';
import { factorsOfAny } from '../model/factor-words.ts';
import type { VoteOutcome } from './vote.ts';

/** Whatever became of a vote that did not count. */
export type RefusedVote = Exclude<VoteOutcome, { kind: 'approved' | 'counted' | 'denied' | 'cancelled' }>;

type CodeRefusal = Extract<
  RefusedVote,
  {
    kind:
      | 'wrong-code'
      | 'used-code'
      | 'codes-paused'
      | 'codes-locked'
      | 'not-enrolled'
      | 'clock-went-back'
      | 'code-needed'
      | 'out';
  }
>;

/** A sentence or two for the voter. */
export function refusedVoteWords(outcome: RefusedVote, request: Pick<ApprovalRequest, 'id'>): string {
  switch (outcome.kind) {
    case 'wrong-code':
    case 'used-code':
    case 'codes-paused':
    case 'codes-locked':
    case 'not-enrolled':
    case 'clock-went-back':
    case 'code-needed':
    case 'out':
      return codeWords(outcome);
    case 'not-found':
      return `there is no request ${request.id}`;
    case 'already-decided':
      return `${request.id} is ${outcome.state} already`;
    case 'already-voted':
      return `you have voted on ${request.id} already`;
    case 'mismatch':
      return 'the digest is not that of this request; read it again before you decide';
    case 'self-refused':
      return 'somebody else has to approve this; your own code does not count';
    case 'not-an-approver':
      return `you are not asked to decide ${request.id}`;
    case 'too-fresh':
      return `your ${outcome.what} was made or changed by the requester less than 24 hours ago`;
    case 'factor-not-available':
      return `${request.id} takes your ${factorsOfAny(outcome.stages)}`;
    case 'wrong-signature':
      return outcome.why;
    case 'signature-used':
      return `your signature has counted on ${request.id} before; it does not count again`;
    case 'grant-not-offered':
      return `an approval of ${request.id} cannot be remembered; its rules or its text forbid it`;
    case 'reason-missing':
      return 'the requester has not given a reason yet';
    case 'suspended':
      return "the bastion's clock went back; nothing is decided until it is right again";
    case 'failed':
      return 'the vote could not be written down, so it does not count';
  }
}

function codeWords(outcome: CodeRefusal): string {
  switch (outcome.kind) {
    case 'wrong-code':
      return `That code is not right. ${outcome.triesLeft} ${outcome.triesLeft === 1 ? 'try' : 'tries'} left.`;
    case 'used-code':
      return `That code was used already; wait for the next one (${Math.ceil(outcome.waitMs / 1000)} s).`;
    case 'codes-paused':
      return 'Too many wrong codes; wait a moment before the next one.';
    case 'codes-locked':
      return 'Your codes are locked after too many wrong ones. An administrator unlocks them: heldline totp unlock';
    case 'not-enrolled':
      return 'You have no one-time codes yet. Set them up with: ssh -t bastion enroll';
    case 'clock-went-back':
      return "The bastion's clock went back; no code can be checked until it is right again.";
    case 'code-needed':
      return 'Approving needs your one-time code.';
    case 'out':
      return 'Three wrong codes: you are out of this request.';
  }
}
