/** What the log says of a break-glass: whose, why, from when to when, and what passed by it. */
import type { AuditDraft } from '../model/audit-event.ts';
import { approvalEvent } from './approval-events.ts';
import type { BreakGlass } from './break-glass-ports.ts';
import type { HeldRequest } from './ports.ts';

/** @param facts who did it, and what they said; without a reason it is that of its start */
export function breakGlassEvent(
  type: string,
  one: BreakGlass,
  { actor, reason = one.reason }: Pick<AuditDraft, 'actor' | 'reason'>,
): AuditDraft {
  return {
    type,
    outcome: 'success',
    ...(actor === undefined ? {} : { actor }),
    reason,
    policy: { hash: one.policyHash },
    breakglass: block(one),
  };
}

/** One command passes. Written before it does. */
export function usedEvent(one: BreakGlass, pass: HeldRequest): AuditDraft {
  const event = approvalEvent('breakglass.used', pass, { reason: one.reason });
  return { ...event, breakglass: { ...block(one), lifts: pass.byBreakGlass?.lifts ?? [] } };
}

function block({ id, uid, user, from, until, reviewBy, uses, review }: BreakGlass): Readonly<Record<string, unknown>> {
  const time = (ms: number): string => new Date(ms).toISOString();
  const times = { from: time(from), to: time(until), reviewBy: time(reviewBy) };
  return { id, uid, user, ...times, uses, ...(review === null ? {} : { reviewer: review.by }) };
}
