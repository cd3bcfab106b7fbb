/** What the panel says when the desk has answered. Null: nothing to say, the request itself has moved on. */
import type { ReasonOutcome, VoteOutcome } from '../../approval/vote.ts';
import { factorsOfAny } from '../../model/factor-words.ts';

/** @param now ms since the epoch */
export function answerToVote(outcome: VoteOutcome, now: number): string | null {
  switch (outcome.kind) {
    case 'counted':
    case 'approved':
    case 'denied':
    case 'cancelled':
      return null;
    case 'wrong-code':
      return wrongCode(outcome.triesLeft, outcome.clockOffset);
    case 'used-code':
      return `That code was used already; wait for the next one (${seconds(outcome.waitMs)}).`;
    case 'codes-paused':
      return `Too many wrong codes; wait ${seconds(outcome.until - now)}.`;
    case 'codes-locked':
      return 'Your codes are locked after too many wrong ones; an administrator has to reset them.';
    case 'not-enrolled':
      return 'You have no one-time codes yet: ssh to the bastion and type enroll.';
    case 'clock-went-back':
    case 'suspended':
      return "The bastion's clock went back; nothing can be approved until it is right again.";
    case 'code-needed':
      return 'A code has six digits.';
    case 'out':
      return 'No tries are left.';
    case 'already-voted':
      return 'You have approved this already; others are still needed.';
    case 'self-refused':
    case 'not-an-approver':
      return 'Somebody else has to approve this.';
    case 'too-fresh':
      return `Your ${outcome.what} was made or changed by somebody who cannot approve this; wait a day.`;
    case 'factor-not-available':
      return `This takes your ${factorsOfAny(outcome.stages)}.`;
    case 'wrong-signature':
      return outcome.why;
    case 'signature-used':
      return 'Your signature has counted before; it does not count again.';
    case 'grant-not-offered':
      return 'This cannot be remembered.';
    case 'reason-missing':
      return 'A reason is needed first.';
    case 'not-found':
    case 'already-decided':
    case 'mismatch':
      return 'This was decided meanwhile.';
    case 'failed':
      return 'That could not be checked just now. Try again.';
  }
}

export function answerToReason(outcome: ReasonOutcome): string | null {
  switch (outcome.kind) {
    case 'set':
      return null;
    case 'refused':
      return outcome.why;
    case 'already-decided':
    case 'not-found':
      return 'This was decided meanwhile.';
    case 'failed':
      return 'That could not be written down just now. Try again.';
  }
}

function wrongCode(triesLeft: number, clockOffset: number | undefined): string {
  const clock =
    clockOffset === undefined ? '' : ` Your phone's clock seems ${Math.abs(Math.round(clockOffset))} s off.`;
  return `That code is not right. ${triesLeft} ${triesLeft === 1 ? 'try' : 'tries'} left.${clock}`;
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1000))} s`;
}
