/** What a requester may say about an open request: why, once, and how urgent it is. Neither changes what is asked for. */
import type { AuditDraft } from '../model/audit-event.ts';
import type { Urgency } from '../model/urgency.ts';
import { approvalEvent } from './approval-events.ts';
import type { HeldRequest } from './ports.ts';
import { reasonObjection } from './reason-rule.ts';

/** The request with what was said, and the event that has to be in the log before that; or why it may not be said. */
export type Said =
  | { readonly kind: 'said'; readonly next: HeldRequest; readonly event: AuditDraft }
  | { readonly kind: 'refused'; readonly why: string };

/** A request that waited for its reason becomes listed. */
export function withReason(before: HeldRequest, text: string): Said {
  if (before.votes.length > 0) return { kind: 'refused', why: 'Somebody has voted already.' };
  const why = reasonObjection(before.requirement.reason, text);
  if (why !== null) return { kind: 'refused', why };
  const next = { ...before, reason: text.trim(), listed: true, version: before.version + 1 };
  const type = before.listed ? 'approval.reason_set' : 'approval.requested';
  return { kind: 'said', next, event: approvalEvent(type, next, { reason: text.trim() }) };
}

export function withUrgency(before: HeldRequest, urgency: Urgency): Said {
  const raised = before.raised === true || urgency === 'high' ? { raised: true as const } : {};
  const next = { ...before, ...raised, urgency, version: before.version + 1 };
  return { kind: 'said', next, event: approvalEvent('approval.urgency_set', next, { approval: { urgency } }) };
}
