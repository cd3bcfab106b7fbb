/** What a vote consists of and what can become of it. Everything but `counted` and `approved` releases nothing. */
import type { ApprovalRequest, RequestState } from '../model/approval-request.ts';
import type { RequestUid } from '../model/names.ts';
import type { Principal } from '../model/principal.ts';
import type { Stage } from '../model/requirement.ts';
import type { HeldRequest } from './ports.ts';

export interface VoteInput {
  readonly uid: RequestUid;
  /** Who votes, signed in on the channel that the code came over; `address` is `local` on the admin socket. */
  readonly voter: Principal;
  readonly verdict: 'approve' | 'deny';
  /** Of the statement that the voter was shown: all of it or at least 16 hex digits. */
  readonly digest: string;
  /** As shown with the statement. */
  readonly policyHash: string;
  /** The voter's current one-time code; only `approve` needs one, or a signature in its place. */
  readonly code: string | null;
  /** The voter's armoured signature over `approvalStatement`, in place of a code. */
  readonly signature?: string;
  /** Where it was given: `panel`, `ssh`, `cli`, `console`, `web`. */
  readonly door: string;
  readonly reason: string | null;
  /** The voter wants it remembered on the terms of the statement. A signature has to be over these terms then. */
  readonly grant?: boolean;
}

export type VoteOutcome =
  /** Counts; other people are still needed. */
  | { readonly kind: 'counted'; readonly request: ApprovalRequest }
  | { readonly kind: 'approved'; readonly request: ApprovalRequest }
  | { readonly kind: 'denied'; readonly request: ApprovalRequest }
  /** The requester said no to their own request. */
  | { readonly kind: 'cancelled'; readonly request: ApprovalRequest }
  | {
      readonly kind: 'wrong-code';
      /** For this voter and request; at 0 the voter is out of it, and a requester's request is denied. */
      readonly triesLeft: number;
      /** Seconds by which the voter's clock seems to be ahead (negative: behind), when that can be told. */
      readonly clockOffset?: number;
    }
  | { readonly kind: 'used-code'; readonly waitMs: number }
  /** ms since the epoch */
  | { readonly kind: 'codes-paused'; readonly until: number }
  | { readonly kind: 'codes-locked' }
  | { readonly kind: 'not-enrolled' }
  | { readonly kind: 'clock-went-back' }
  | { readonly kind: 'code-needed' }
  /** Three wrong codes on this request. */
  | { readonly kind: 'out' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'already-decided'; readonly state: RequestState }
  | { readonly kind: 'already-voted' }
  /** Digest or policy are not those of the request: something else was shown. */
  | { readonly kind: 'mismatch' }
  /** Somebody else is asked for. */
  | { readonly kind: 'self-refused' }
  | { readonly kind: 'not-an-approver' }
  | { readonly kind: 'too-fresh'; readonly what: 'account' | 'roles' | 'factor' | 'key' }
  /** The stages that ask this voter want another factor than the one that was given. */
  | { readonly kind: 'factor-not-available'; readonly stages: readonly Stage[] }
  /** `why`: a sentence for the voter. */
  | { readonly kind: 'wrong-signature'; readonly why: string }
  /** A signature of this voter has counted on this request before, and its vote is void. */
  | { readonly kind: 'signature-used' }
  /** It is to be remembered, but its rules or its text forbid that: nobody is to believe that it was. */
  | { readonly kind: 'grant-not-offered' }
  | { readonly kind: 'reason-missing' }
  /** The clock went back: nothing is decided until it is right again. */
  | { readonly kind: 'suspended' }
  /** Something did not work; `why` is for the log. */
  | { readonly kind: 'failed'; readonly why: string };

export type ReasonOutcome =
  | { readonly kind: 'set'; readonly request: HeldRequest }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'already-decided'; readonly state: RequestState }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'failed'; readonly why: string };
