/** Merging the requirements of several rules into the one that a hold asks for. */
import type { ReasonRule, Requirement, Stage } from '../model/requirement.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';

/**
 * Every stage of every requirement must be met, identical stages once; the shortest expiry, the strictest
 * reason. One's own code comes first in a chain. One's own code alone for an empty list.
 */
export function mergeRequirements(requirements: readonly Requirement[]): Requirement {
  const [first, ...rest] = distinct(requirements);
  if (first === undefined) return SELF_REQUIREMENT;
  if (rest.length === 0) return first;
  const every = [first, ...rest];
  return {
    names: every.flatMap((one) => one.names),
    stages: mergeStages(every),
    mode: every.some((one) => one.mode === 'sequential') ? 'sequential' : 'parallel',
    expires: Math.min(...every.map((one) => one.expires)),
    reason: mergeReasons(every.map((one) => one.reason)),
    release: every.some((one) => one.release === 'enter') ? 'enter' : 'immediate',
  };
}

function distinct(requirements: readonly Requirement[]): readonly Requirement[] {
  const byName = new Map(requirements.map((one) => [one.names.join(' '), one]));
  return [...byName.values()];
}

function mergeStages(requirements: readonly Requirement[]): readonly Stage[] {
  const byText = new Map(requirements.flatMap((one) => one.stages).map((stage) => [JSON.stringify(stage), stage]));
  const stages = [...byText.values()];
  return [
    ...stages.filter((stage) => stage.who === 'requester'),
    ...stages.filter((stage) => stage.who !== 'requester'),
  ];
}

function mergeReasons(reasons: readonly ReasonRule[]): ReasonRule {
  const tickets = [...new Set(reasons.flatMap((reason) => reason.ticket ?? []))];
  const merged = {
    required: reasons.some((reason) => reason.required),
    minLength: Math.max(...reasons.map((reason) => reason.minLength)),
  };
  const [only] = tickets;
  if (only === undefined) return merged;
  const ticket = tickets.length === 1 ? only : tickets.map((one) => `(?=[\\s\\S]*?(?:${one}))`).join('');
  return { ...merged, ticket };
}
