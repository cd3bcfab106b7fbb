/** What the desk writes into the audit log. Never a code. */
import { sha256Hex } from '../base/digest.ts';
import { asksNobody } from '../model/approval-request.ts';
import type { AuditDraft, AuditOutcome } from '../model/audit-event.ts';
import type { HoldDraft } from './hold-draft.ts';
import type { HeldRequest } from './ports.ts';

/** How a request ends without a release. */
export type Ending = 'denied' | 'expired' | 'cancelled' | 'voided';

/** What the log makes of each end. */
export const ENDINGS: Readonly<Record<Ending, AuditOutcome>> = {
  denied: 'denied',
  expired: 'expired',
  cancelled: 'failure',
  voided: 'failure',
};

/** Facts that are not in the request itself. */
export interface EventFacts {
  /** Who did it; absent: the requester. */
  readonly actor?: { readonly user: string; readonly address?: string };
  readonly outcome?: AuditOutcome;
  readonly reason?: string;
  /** More members of the `approval` block. */
  readonly approval?: Readonly<Record<string, unknown>>;
}

/** One fact about a request, with everything that a reader needs to know which one. */
export function approvalEvent(type: string, request: HeldRequest, facts: EventFacts = {}): AuditDraft {
  const { statement, digest, id } = request;
  const { uid, session, channel, user, target, login, context, command, policyHash } = statement;
  const urgency = request.urgency === undefined ? {} : { urgency: request.urgency };
  return {
    type,
    outcome: facts.outcome ?? 'success',
    actor: facts.actor ?? { user },
    target: { name: target, login, labels: request.labels },
    session: { id: session, channel },
    ...(facts.reason === undefined ? {} : { reason: facts.reason }),
    command: { text: command, sha256: sha256Hex(command), context },
    policy: { hash: policyHash, rule: request.rule, decision: 'approve', ids: request.ids },
    approval: { id, uid, digest, requester: user, expiresAt: statement.expiresAt, ...urgency, ...facts.approval },
    ...(request.byGrant === undefined ? {} : { grant: { ...request.byGrant } }),
    ...(request.byBreakGlass === undefined ? {} : { breakglass: { ...request.byBreakGlass } }),
  };
}

/** What is written before anybody can vote on a request, or before it passes without that. */
export function openingEvents(request: HeldRequest, draft: HoldDraft): readonly AuditDraft[] {
  const { user, address, reason } = draft;
  const event = (type: string): AuditDraft => {
    const draftOf = approvalEvent(type, request, { actor: { user, address }, ...(reason === null ? {} : { reason }) });
    const { policy, ...rest } = draftOf;
    if (policy === undefined || request.facts === undefined) return draftOf;
    return { ...rest, policy: { ...policy, facts: request.facts } };
  };
  if (asksNobody(request)) return [event('approval.approved')];
  const held = request.subject === undefined ? [event('command.held')] : [];
  return request.listed ? [...held, event('approval.requested')] : held;
}
