/** Whether what was approved is what the policy asks for at the moment of release. */
import type { Decision } from '../model/decision.ts';

/** Whether a fresh decision asks for no more than what was approved: the same policy's hold, or nothing at all. */
export function stillAsked(again: Decision, held: Decision): boolean {
  if (again.effect === 'deny') return false;
  return again.effect !== 'approve' || again.policyHash === held.policyHash;
}
