/** What stays the same for as long as a session is open. */
import type { HoldDraft } from '../approval/hold-draft.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { SessionRecord } from '../model/session.ts';
import type { SaidUrgency } from '../model/urgency.ts';
import type { Access } from '../target/access.ts';

export interface SessionFacts {
  readonly record: SessionRecord;
  readonly access: Access;
  /** Number of the channel; one session carries one channel. */
  readonly channel: number;
  /** What the client calls itself; foreign text. */
  readonly client: string;
  /** What the client said when it opened the channel; absent: nothing, which is normal. */
  readonly urgency?: SaidUrgency;
}

/** What a hold needs to know of a session. It opens nothing, so it needs no proof of access. */
export interface HoldFacts extends Omit<SessionFacts, 'access'> {
  readonly access: Pick<Access, 'principal' | 'target' | 'login'>;
}

/** For a request that is made of a line of the session: what was said and understood. */
export function requestUrgency({ urgency }: HoldFacts): Pick<HoldDraft, 'urgency'> {
  return urgency === undefined || urgency === 'normal' || urgency === 'unknown' ? {} : { urgency };
}

/** The blocks that every audit event of a session carries. */
export function sessionBlocks(facts: HoldFacts): Pick<AuditDraft, 'actor' | 'target' | 'session'> {
  const { record, access, channel, client } = facts;
  const { principal, target, login } = access;
  return {
    actor: {
      user: principal.user,
      address: principal.address,
      roles: principal.roles,
      mfa: principal.proof.secondFactor,
      client,
    },
    target: {
      name: target.name,
      login,
      labels: target.labels,
      ...(target.kind === 'ssh' ? { host: target.host } : {}),
    },
    session: { id: record.id, channel, proto: record.door },
  };
}
