/** What people read when a one-time code was not accepted. The same words in every place. */
import type { CodeOutcome } from '../model/code-outcome.ts';

/** One sentence or two, without `heldline:`. */
export function codeRefusal(outcome: Exclude<CodeOutcome, { kind: 'accepted' }>): string {
  switch (outcome.kind) {
    case 'wrong':
      if (outcome.clockOffset === undefined) return 'That code is not right.';
      return `That code is not right. Your phone's clock seems ${Math.abs(outcome.clockOffset)} s off.`;
    case 'replayed':
      return `That code was used already; wait for the next one (${Math.ceil(outcome.waitMs / 1000)} s).`;
    case 'paused':
      return 'Too many wrong codes; wait a moment before the next one.';
    case 'locked':
      return `Your codes are locked after too many wrong ones. An administrator unlocks them: heldline totp unlock`;
    case 'not-enrolled':
      return 'You have no one-time codes yet. Set them up with: ssh -t bastion enroll';
    case 'clock-went-back':
      return `The bastion's clock went back; no code can be checked until it is right again.`;
  }
}
