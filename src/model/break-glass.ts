/** What the policy says about break-glass: who may pass without being asked for a time, and what stays all the same. */
import { type Factor, type Requirement, SELF_REQUIREMENT } from './requirement.ts';

export interface BreakGlassRule {
  /** Any one of them is enough. */
  readonly roles: readonly string[];
  /** What proves the person at its start. */
  readonly factor: Factor;
  /** Characters of the reason. */
  readonly minLength: number;
  readonly minutes: number;
  /** Rules that stay in force besides the hard ones. */
  readonly keeps: readonly string[];
  /** Receivers of notifications that are told whatever else they want to hear. */
  readonly notify: readonly string[];
  /** ms from its end by which somebody else has to look at it. */
  readonly reviewWithin: number;
}

/** One's own proof and a reason. Also what stands for a denial that is lifted, as the requirement of its line. */
export function breakGlassRequirement({ factor, minLength }: BreakGlassRule): Requirement {
  return {
    ...SELF_REQUIREMENT,
    names: ['break-glass'],
    stages: [{ who: 'requester', count: 1, factors: [factor] }],
    reason: { required: true, minLength },
    release: 'immediate',
  };
}
