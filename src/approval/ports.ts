/** What an approval needs from a store, from those who know people and codes, and from the audit log. */
import type { ApprovalRequest, RequestState, Vote } from '../model/approval-request.ts';
import type { CodeOutcome } from '../model/code-outcome.ts';
import type { Digest, RequestId, RequestUid, SessionId } from '../model/names.ts';
import type { Requirement } from '../model/requirement.ts';
import type { SignatureOffer, SignatureOutcome } from '../model/signature-outcome.ts';
import type { Labels } from '../model/target.ts';

/** A vote and the step of a sequential chain that it was given in; null where all steps are open at once. */
export interface CastVote extends Vote {
  readonly step: number | null;
  /** `SHA256:...` of the key, or the token, that the voter was signed in with; null on the local socket. */
  readonly keyFingerprint: string | null;
}

/** How far one step of the requirement has come. */
export interface StepProgress {
  /** ms since the epoch; null while earlier steps are unanswered. */
  readonly openedAt: number | null;
  /** How many escalation stages have been opened besides the first. */
  readonly level: number;
  /** By the voters as they were at the last vote; they are judged anew before anything is released. */
  readonly answered: boolean;
}

/** Who is on call, as a check of the policy says. */
export interface OnCall {
  /** Names without repetition, in the order of the answer; null when it did not answer. */
  names(check: string): Promise<readonly string[] | null>;
}

/** A request with what only the desk needs. */
export interface HeldRequest extends ApprovalRequest {
  readonly votes: readonly CastVote[];
  readonly labels: Labels;
  /** What the policy asks for, where people on call are asked in place of their group. */
  readonly unnarrowed?: Requirement;
  /** It was urgent once: that is told again once. */
  readonly raised?: true;
  /** How often those who are asked were told again because the requester wanted it, and when last, ms since the epoch. */
  readonly reminded?: { readonly times: number; readonly at: number };
  readonly steps: readonly StepProgress[];
  /** Wrong codes per approver, for this request. */
  readonly wrongCodes: Readonly<Record<string, number>>;
  /** Whose signatures have counted: each counts once, also when the vote was void later. Absent: nobody's. */
  readonly signers?: readonly string[];
  /** False while a required reason is missing: neither listed nor votable. */
  readonly listed: boolean;
  /** What ended it, in words. */
  readonly ending: string | null;
  /** Raised by every change. */
  readonly version: number;
}

/** What a consumption is bound to. */
export interface ConsumeBinding {
  readonly session: SessionId;
  readonly channel: number;
  readonly digest: Digest;
  readonly boot: string;
  /** The version that was judged; a later one is refused. */
  readonly version: number;
}

/** Every verb is one transaction and durable when it resolves; a rejection means that the outcome is unknown. */
export interface ApprovalStore {
  /** `id-taken` when the short id was used within `reuseAfter` ms; `too-many` beyond `quota` open ones of the user. */
  open(request: HeldRequest, limits: OpenLimits): Promise<'opened' | 'id-taken' | 'too-many'>;
  find(uid: RequestUid): Promise<HeldRequest | null>;
  findById(id: RequestId): Promise<HeldRequest | null>;
  /** Oldest first. */
  list(): Promise<readonly HeldRequest[]>;
  /** Puts `next` in place if the stored one has version `next.version - 1` and is not ended. */
  advance(next: HeldRequest): Promise<'advanced' | 'changed-meanwhile' | 'gone'>;
  /** `approved` becomes `released`, for this binding and before the expiry; true at most once, ever. */
  consume(uid: RequestUid, binding: ConsumeBinding, now: number): Promise<boolean>;
  /** `released` becomes `expired`: it was consumed by a run that ended before it let the command pass. */
  expireUnused(uid: RequestUid, ending: string, now: number): Promise<void>;
  /** Forgets requests that ended before `before` and short ids last used before `idsBefore`. */
  prune(before: number, idsBefore: number): Promise<number>;
}

/** Access to a target for a time, as it was approved. */
export interface AccessGrant {
  readonly id: RequestId;
  readonly uid: RequestUid;
  readonly user: string;
  readonly target: string;
  readonly login: string;
  /** ms since the epoch */
  readonly from: number;
  readonly until: number;
  readonly reason: string | null;
  readonly approvers: readonly string[];
  readonly state: AccessGrantState;
  readonly endedAt: number | null;
  /** Who ended it before its time. */
  readonly endedBy: string | null;
}

export type AccessGrantState = 'active' | 'given-back' | 'revoked' | 'expired';

/** Every verb is one transaction and durable when it resolves. */
export interface AccessGrantStore {
  /** False if there is one of this uid already: access is given once a request. */
  add(grant: AccessGrant): Promise<boolean>;
  /** By id; of several with one id, the latest. */
  find(id: RequestId): Promise<AccessGrant | null>;
  /** Oldest first. */
  list(): Promise<readonly AccessGrant[]>;
  /** True if it was active until now. */
  end(uid: RequestUid, state: Exclude<AccessGrantState, 'active'>, by: string | null, at: number): Promise<boolean>;
  /** Forgets those that ended before `before`. */
  prune(before: number): Promise<void>;
}

export interface OpenLimits {
  readonly quota: number;
  /** ms */
  readonly reuseAfter: number;
}

/** Whether a state ends a request. */
export function isEnded(state: RequestState): boolean {
  return state !== 'pending' && state !== 'approved';
}

/** Whether people may know of it: what waits for its reason is not shown yet, and a self-test never. */
export function isShown({ listed, subject }: HeldRequest): boolean {
  return listed && subject !== 'self-test';
}

/** Checks a one-time code and uses it up before it says `accepted`. */
export interface CodeVerifier {
  verify(user: string, code: string): Promise<CodeOutcome>;
}

/** Checks that a signature is one of a key that is the user's now, over exactly the message and for the namespace. */
export interface SignatureVerifier {
  verify(user: string, offer: SignatureOffer): Promise<SignatureOutcome>;
}

/** One person as of now, with what somebody else may have made of them. */
export interface Person {
  readonly name: string;
  readonly roles: readonly string[];
  readonly disabled: boolean;
  /** What they sign in with: SSH keys, and tokens of the HTTP API. */
  readonly keys: readonly { readonly fingerprint: string; readonly addedAt: number; readonly addedBy: string }[];
  /** Account creation, roles, factor: who had a hand in it, and when last. */
  readonly touches: readonly {
    readonly what: 'account' | 'roles' | 'factor';
    readonly by: string;
    readonly at: number;
  }[];
}

export interface People {
  find(name: string): Promise<Person | null>;
  list(): Promise<readonly Person[]>;
}
