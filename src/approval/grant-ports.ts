/** What remembering approvals needs from a store. */
import type { GrantTerms } from '../model/grant-terms.ts';
import type { RequestId, RequestUid } from '../model/names.ts';
import type { HeldRequest } from './ports.ts';

/** `used-up`: as many commands passed as were allowed. `voided`: what it was given for is not what there is. */
export type CommandGrantState = 'active' | 'used-up' | 'expired' | 'revoked' | 'voided';

/** An approval that later commands pass by, on the terms that were approved. */
export interface CommandGrant {
  /** Of the request that was approved. */
  readonly uid: RequestUid;
  readonly id: RequestId;
  /** That request, with the votes that carry the grant as well. */
  readonly given: HeldRequest;
  readonly terms: GrantTerms;
  /** ms since the epoch */
  readonly from: number;
  readonly until: number;
  /** Uses that are spent; never more than `terms.uses`. */
  readonly used: number;
  /** The run of the daemon that gave it; it ends with that run. */
  readonly boot: string;
  readonly state: CommandGrantState;
  readonly endedAt: number | null;
  /** Who ended it; null when nobody did. */
  readonly endedBy: string | null;
  /** What ended it, in words. */
  readonly ending: string | null;
}

/** How a grant ends. */
export interface GrantEnd {
  readonly state: Exclude<CommandGrantState, 'active' | 'used-up'>;
  readonly by: string | null;
  readonly why: string;
  /** ms since the epoch */
  readonly at: number;
}

/**
 * Every verb is one transaction and durable when it resolves. Uses are spent by `ApprovalStore.consume`, in the same
 * transaction as the request that passes.
 */
export interface CommandGrantStore {
  /** False if there is one of this uid already: an approval is remembered once. */
  add(grant: CommandGrant): Promise<boolean>;
  find(uid: RequestUid): Promise<CommandGrant | null>;
  /** Oldest first. */
  list(): Promise<readonly CommandGrant[]>;
  /** True if it was active until now. */
  end(uid: RequestUid, end: GrantEnd): Promise<boolean>;
  /** Forgets those that ended before `before`. */
  prune(before: number): Promise<void>;
}

/** The grant after one pass of `cost` uses; null when it does not allow it. @param now ms since the epoch */
export function afterUse(grant: CommandGrant, pass: HeldRequest, now: number): CommandGrant | null {
  const cost = pass.statement.grant?.cost ?? Number.POSITIVE_INFINITY;
  const used = grant.used + cost;
  const allows = grant.state === 'active' && grant.boot === pass.boot && now < grant.until && used <= grant.terms.uses;
  if (!allows || grant.given.statement.policyHash !== pass.statement.policyHash) return null;
  if (used < grant.terms.uses) return { ...grant, used };
  return { ...grant, used, state: 'used-up', endedAt: now, ending: 'all uses are spent' };
}
