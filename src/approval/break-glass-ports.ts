/** What break-glass needs from a store. */
import { redactSecrets } from '../base/redact-secrets.ts';
import { visibleShort } from '../base/visible.ts';
import type { RequestId, RequestUid } from '../model/names.ts';
import type { HeldRequest } from './ports.ts';

/** One command that passed. */
export interface BreakGlassUse {
  /** Of the request that passed. */
  readonly id: RequestId;
  readonly session: string;
  readonly target: string;
  readonly login: string;
  /** Its beginning, made visible; the log has all of it. */
  readonly command: string;
  readonly rule: string | null;
  /** ms since the epoch */
  readonly at: number;
}

/** Somebody else looked at it. */
export interface BreakGlassReview {
  readonly by: string;
  /** ms since the epoch */
  readonly at: number;
  readonly note: string | null;
}

/** The time in which one person's held commands pass, from its start to its review. */
export interface BreakGlass {
  /** Of the request by which it was asked for. */
  readonly uid: RequestUid;
  readonly id: RequestId;
  readonly user: string;
  readonly reason: string;
  /** One of them was held at the start, and has to be held until the end. */
  readonly roles: readonly string[];
  readonly policyHash: string;
  /** Receivers that the policy named at the start; they hear of the end too. Absent: nobody. */
  readonly notify?: readonly string[];
  /** The run of the daemon that it began in; it ends with that run. */
  readonly boot: string;
  /** ms since the epoch */
  readonly from: number;
  readonly until: number;
  /** By when somebody else has to look at it. */
  readonly reviewBy: number;
  /** How many commands passed. */
  readonly uses: number;
  /** The first of them. */
  readonly commands: readonly BreakGlassUse[];
  readonly state: 'open' | 'ended';
  readonly endedAt: number | null;
  /** Who ended it; null when nobody did. */
  readonly endedBy: string | null;
  /** What ended it, in words. */
  readonly ending: string | null;
  readonly review: BreakGlassReview | null;
}

export interface BreakGlassEnd {
  readonly by: string | null;
  readonly why: string;
  /** ms since the epoch */
  readonly at: number;
}

/** Every verb is one transaction and durable when it resolves. Uses are counted by `ApprovalStore.consume`, with the request that passes. */
export interface BreakGlassStore {
  /** False if the user has one that is open or not reviewed. */
  begin(one: BreakGlass): Promise<boolean>;
  find(uid: RequestUid): Promise<BreakGlass | null>;
  /** Oldest first. */
  list(): Promise<readonly BreakGlass[]>;
  /** True if it was open until now. */
  end(uid: RequestUid, end: BreakGlassEnd): Promise<boolean>;
  /** True once: it has ended, nobody has reviewed it, and the reviewer is somebody else. */
  review(uid: RequestUid, review: BreakGlassReview): Promise<boolean>;
  /** Forgets those that were reviewed before `before`. */
  prune(before: number): Promise<void>;
}

const COMMANDS = 100;
const COMMAND_LENGTH = 200;

/** Whether it keeps its user from another one. */
export function isUnsettled({ state, review }: BreakGlass): boolean {
  return state === 'open' || review === null;
}

/** It after one command; null when that may not pass. @param now ms since the epoch */
export function afterPass(one: BreakGlass, pass: HeldRequest, now: number): BreakGlass | null {
  const { user, session, target, login, command, policyHash } = pass.statement;
  const same = one.user === user && one.policyHash === policyHash && one.boot === pass.boot;
  if (one.state !== 'open' || !same || now >= one.until || pass.subject !== undefined) return null;
  const text = visibleShort(redactSecrets(command), COMMAND_LENGTH);
  const use: BreakGlassUse = { id: pass.id, session, target, login, command: text, rule: pass.rule, at: now };
  return { ...one, uses: one.uses + 1, commands: [...one.commands, use].slice(0, COMMANDS) };
}

/** It after its end; null when it had ended already. */
export function afterEnd(one: BreakGlass, { by, why, at }: BreakGlassEnd): BreakGlass | null {
  return one.state === 'open' ? { ...one, state: 'ended', endedAt: at, endedBy: by, ending: why } : null;
}

/** It after a review; null when that does not count. */
export function afterReview(one: BreakGlass, review: BreakGlassReview): BreakGlass | null {
  const counts = one.state === 'ended' && one.review === null && review.by !== one.user;
  return counts ? { ...one, review } : null;
}
