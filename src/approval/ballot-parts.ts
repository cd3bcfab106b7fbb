/** One vote on its way, and what its steps work with. */
import type { AuditDraft } from '../model/audit-event.ts';

import type { EventFacts } from './approval-events.ts';
import type { OpenHold } from './open-hold.ts';
import type { CastVote, CodeVerifier, HeldRequest, People, Person, SignatureVerifier } from './ports.ts';
import type { BastionIdentity } from './signed-statement.ts';
import type { VoteInput, VoteOutcome } from './vote.ts';

export interface BallotParts {
  readonly codes: CodeVerifier;
  readonly signatures: SignatureVerifier;
  readonly bastion: BastionIdentity;
  readonly people: People;
  /** ms since the epoch */
  readonly now: () => number;
  readonly log: (draft: AuditDraft) => Promise<void>;
  /** Stores the next version and tells the watchers; throws after ending the request if it cannot. */
  readonly save: (hold: OpenHold, next: HeldRequest) => Promise<void>;
  readonly end: (
    hold: OpenHold,
    state: 'denied' | 'cancelled' | 'expired',
    why: string,
    facts?: EventFacts,
  ) => Promise<HeldRequest>;
  /** Runs one step with a deadline. */
  readonly step: <T>(what: string, work: () => Promise<T>) => Promise<T>;
}

/** A vote with who gives it, looked up now. */
export interface Ballot {
  readonly input: VoteInput;
  readonly hold: OpenHold;
  readonly parts: BallotParts;
  readonly people: ReadonlyMap<string, Person>;
  readonly person: Person;
  readonly keyFingerprint: string | null;
}

/** Whether the voter proved to be the person: by what, or why not. */
export type ProofOutcome =
  | {
      readonly kind: 'proven';
      readonly by: Pick<CastVote, 'factor' | 'signature'>;
      /** What the log says of it. */
      readonly facts: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'refused'; readonly outcome: VoteOutcome };

export function refusedWith(outcome: VoteOutcome): ProofOutcome {
  return { kind: 'refused', outcome };
}

/** Who did it, for the log. */
export function actorOf({ voter }: VoteInput): { user: string; address: string } {
  return { user: voter.user, address: voter.address };
}
