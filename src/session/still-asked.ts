/** Whether what was approved is what the policy asks for at the moment of release. */
import { isDeepStrictEqual } from 'node:util';
import type { PassedBy } from '../model/approval-request.ts';
import type { Decision } from '../model/decision.ts';

/**
 * Whether a fresh decision asks for no more than what was approved: nothing at all, or the same of the same policy.
 * The same policy may ask for more than before: at another hour, of somebody who lost a role, on a target whose
 * labels changed. What passes by a grant must be remembered on the same terms, too; what passes by break-glass must
 * pass by it still, and what people approved must not need it.
 */
export function stillAsked(again: Decision, held: Decision, request: PassedBy): boolean {
  if (again.effect === 'deny') return false;
  if (again.effect !== 'approve') return true;
  if (request.byGrant !== undefined && !isDeepStrictEqual(again.grant, held.grant)) return false;
  const lifted =
    request.byBreakGlass === undefined
      ? (again.breakGlass?.lifts ?? []).length > 0
      : !isDeepStrictEqual(again.breakGlass, held.breakGlass);
  if (lifted) return false;
  return again.policyHash === held.policyHash && isDeepStrictEqual(again.requirement, held.requirement);
}
