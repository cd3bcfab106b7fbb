/** Decisions that the broker makes itself, all of them refusals. */
import type { Decision } from '../model/decision.ts';

/** A `deny` for a reason that is not in the policy files: lost access, a failure, a frozen recording. */
export function denial(rule: string, why: string, policyHash: string): Decision {
  return {
    effect: 'deny',
    ids: [],
    opaque: null,
    unparsable: false,
    incomplete: false,
    rule,
    requirement: null,
    commands: [],
    reasons: [{ rule, effect: 'deny', ids: [], message: why }],
    severity: null,
    why,
    facts: {},
    policyHash,
  };
}
