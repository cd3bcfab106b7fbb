/** What the approval desk is built from, and what it answers to the holder of a line. */
import type { Clock } from '../base/clock.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { Digest, SessionId } from '../model/names.ts';
import type { BreakGlasses } from './break-glasses.ts';
import type { CommandGrants } from './command-grants.ts';
import type { Grant } from './grant.ts';
import type { ApprovalStore, CodeVerifier, OnCall, People, SignatureVerifier } from './ports.ts';
import type { BastionIdentity } from './signed-statement.ts';

export interface ApprovalDeskParts {
  readonly store: ApprovalStore;
  readonly codes: CodeVerifier;
  readonly signatures: SignatureVerifier;
  /** What signatures are made for. */
  readonly bastion: BastionIdentity;
  readonly people: People;
  readonly audit: AuditSink;
  /** Approvals that are remembered. */
  readonly grants: CommandGrants;
  readonly breakGlasses: BreakGlasses;
  readonly onCall: OnCall;
  readonly clock: Clock;
  /** This run of the daemon. */
  readonly boot: string;
  /** Hears of what went wrong on the way to a refusal, for the log. */
  readonly onFailure: (what: string, failure: unknown) => void;
  readonly limits?: Partial<DeskLimits>;
  /** The requests whose commands were released since then, ms since the epoch, for the start. */
  readonly releasedSince?: (since: number) => Promise<ReadonlySet<string>>;
}

export interface DeskLimits {
  /** Open requests a user. */
  readonly quota: number;
  /** How long one step of the store or the audit log may take, ms. */
  readonly stepDeadline: number;
  /** How long a short id rests before it is given out again, ms. */
  readonly idRest: number;
  /** How long an ended request stays in the list, ms. */
  readonly memory: number;
}

export type ConsumeOutcome =
  | { readonly kind: 'granted'; readonly grant: Grant }
  | { readonly kind: 'refused'; readonly why: string };

/** What the holder of the line expects to consume. */
export interface ExpectedHold {
  readonly session: SessionId;
  readonly channel: number;
  readonly digest: Digest;
}
