/** Whether what was approved is what the policy asks for at the moment of release. */
import { isDeepStrictEqual } from 'node:util';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { Decision } from '../model/decision.ts';

/**
 * Whether a fresh decision asks for no more than what was approved: nothing at all, or the same of the same policy.
 * The same policy may ask for more than before: at another hour, of somebody who lost a role, on a target whose
 * labels changed. What passes by a grant must be remembered on the same terms, too.
 */
export function stillAsked(again: Decision, held: Decision, request: Pick<ApprovalRequest, 'byGrant'>): boolean {
  if (again.effect === 'deny') return false;
  if (again.effect !== 'approve') return true;
  if (request.byGrant !== undefined && !isDeepStrictEqual(again.grant, held.grant)) return false;
  return again.policyHash === held.policyHash && isDeepStrictEqual(again.requirement, held.requirement);
}
