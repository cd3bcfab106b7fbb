/** A held action that waits for people, and what they said. */
import type { CommandContext } from './command-line.ts';
import type { Severity } from './decision.ts';
import type { GrantTerms } from './grant-terms.ts';
import type { Digest, RequestId, RequestUid, SessionId } from './names.ts';
import type { Factor, Requirement } from './requirement.ts';
import type { Urgency } from './urgency.ts';

/**
 * `access`: to a target for a time. `hook`: what a rule wants done after a command. `break-glass`: to pass without being
 * asked for a time. `self-test`: nothing; the bastion tries out its own way from hold to release, and nobody is shown it.
 */
export type RequestSubject = 'access' | 'hook' | 'break-glass' | 'self-test';

export type RequestState = 'pending' | 'approved' | 'released' | 'denied' | 'expired' | 'cancelled' | 'voided';

/** The one canonical statement that is approved; its digest is in every vote, notification and event. */
export interface Statement {
  readonly uid: RequestUid;
  readonly session: SessionId;
  /** Number of the channel within the session. */
  readonly channel: number;
  readonly user: string;
  readonly target: string;
  readonly login: string;
  readonly context: CommandContext;
  /** Exactly what will be submitted. */
  readonly command: string;
  readonly policyHash: string;
  /** ms since the epoch */
  readonly expiresAt: number;
  /** What an approval may be remembered for, if those who give it say so; absent when it may not. */
  readonly grant?: GrantTerms;
}

export interface Vote {
  readonly approver: string;
  readonly verdict: 'approve' | 'deny';
  readonly digest: Digest;
  readonly factor: Factor | null;
  /** Where it was given: `panel`, `ssh`, `cli`, `console`, `web`. */
  readonly door: string;
  readonly reason?: string;
  /** Whoever gave it wants it remembered, on the terms of the statement. */
  readonly grant?: true;
  /** ms since the epoch */
  readonly at: number;
  /** Present when the vote was proven by a signature. */
  readonly signature?: VoteSignature;
}

/** Everything that `ssh-keygen -Y verify` needs to check a vote without the bastion. */
export interface VoteSignature {
  /** What was signed, to the byte. */
  readonly statement: string;
  readonly namespace: string;
  /** As `ssh-keygen -Y sign` made it. */
  readonly armored: string;
  /** `TYPE BASE64`, as in an allowed_signers file. */
  readonly publicKey: string;
  /** `SHA256:...` of that key. */
  readonly fingerprint: string;
  /** Whether a security key checked a PIN or a finger. */
  readonly userVerified: boolean;
}

/** One line, visible characters only. Says nothing about what is asked for, and is not in its digest. */
export interface RequestMessage {
  readonly text: string;
  /** ms since the epoch */
  readonly at: number;
}

export interface ApprovalRequest {
  readonly id: RequestId;
  readonly statement: Statement;
  readonly digest: Digest;
  readonly state: RequestState;
  readonly ids: readonly string[];
  readonly severity: Severity | null;
  readonly rule: string | null;
  readonly why: string;
  readonly reason: string | null;
  readonly requirement: Requirement;
  readonly votes: readonly Vote[];
  /** ms since the epoch */
  readonly createdAt: number;
  readonly decidedAt: number | null;
  /** What ended it, in words, when it has ended. */
  readonly ending?: string | null;
  /** The run of the daemon that holds the line; nobody else may consume. */
  readonly boot: string;
  /** As the requester says; absent: normal. */
  readonly urgency?: Urgency;
  /** What the requester has added for those who are asked, oldest first; absent: nothing. */
  readonly messages?: readonly RequestMessage[];
  /** What was asked about besides the line when it was decided, each with the answer; absent when nothing was. */
  readonly facts?: Readonly<Record<string, string>>;
  /** What is asked for when it is no held command. */
  readonly subject?: RequestSubject;
  /** It was approved by an earlier approval that is remembered; `uid` and `id` of that request. */
  readonly byGrant?: Pass;
  /** Nobody approved it: it passes by the break-glass of its requester. */
  readonly byBreakGlass?: Pass & {
    /** Rules that deny it and are lifted. */
    readonly lifts: readonly string[];
  };
}

/** The request that was approved when what others pass by began. */
export interface Pass {
  readonly uid: RequestUid;
  readonly id: RequestId;
}

/** Whether it begins a break-glass or passes by one. */
export function isBreakGlass({ subject, byBreakGlass }: Pick<ApprovalRequest, 'subject' | 'byBreakGlass'>): boolean {
  return subject === 'break-glass' || byBreakGlass !== undefined;
}

/** What it passes by, when nobody is asked about it. */
export type PassedBy = Pick<ApprovalRequest, 'byGrant' | 'byBreakGlass'>;

/** Whether it was approved from the start, so that nobody is asked about it. */
export function asksNobody({ byGrant, byBreakGlass }: PassedBy): boolean {
  return byGrant !== undefined || byBreakGlass !== undefined;
}
