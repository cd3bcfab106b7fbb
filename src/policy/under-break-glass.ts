/**
 * What an open break-glass makes of a line: it lifts what holds it and what denies it, but for hard rules and those that
 * the section `keeps`. It is all or nothing: a line of which anything stays is decided as if there were no break-glass. What
 * a posture denies, without a rule, stays too.
 */
import { breakGlassRequirement } from '../model/break-glass.ts';
import type { Decision } from '../model/decision.ts';
import type { Requirement } from '../model/requirement.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { Rule } from './rule.ts';
import type { Judgement } from './verdict.ts';

/** The denials that do not count, and what their lines are asked for in their place. */
export interface LiftedRules {
  includes(rule: Rule): boolean;
  /** null: nothing is lifted. */
  readonly requirement: Requirement | null;
}

export const NOTHING_LIFTED: LiftedRules = { includes: () => false, requirement: null };

/** Those that a break-glass of this policy lifts; none when the policy knows no break-glass. */
export function liftedRules({ breakGlass }: CompiledPolicy): LiftedRules {
  if (breakGlass === null) return NOTHING_LIFTED;
  const { keeps } = breakGlass;
  return {
    includes: (rule) => !rule.hard && !keeps.includes(rule.id),
    requirement: breakGlassRequirement(breakGlass),
  };
}

/**
 * The decision by which a line passes; null when something of it stays, or it needs no break-glass.
 * @param judgement with `liftedRules` of the policy @param decided what it comes to
 */
export function passingDecision(
  { breakGlass }: CompiledPolicy,
  { verdicts }: Judgement,
  decided: Decision,
): Decision | null {
  if (breakGlass === null || decided.effect !== 'approve') return null;
  const rules = verdicts.filter(({ effect }) => effect === 'approve').flatMap((verdict) => verdict.rules);
  if (rules.some(({ id }) => breakGlass.keeps.includes(id))) return null;
  const lifts = new Set(rules.filter(({ effect }) => effect === 'deny').map(({ id }) => id));
  // Nothing is remembered of what nobody approved.
  const { grant: _grant, ...decision } = decided;
  return { ...decision, breakGlass: { lifts: [...lifts].sort() } };
}

/** For explanations: who passes with it, or what stays. null: the policy knows none, or the line needs none. @param passing of the same line */
export function breakGlassInWords(
  { breakGlass, rules }: CompiledPolicy,
  { effect }: Decision,
  { verdicts }: Judgement,
  passing: Decision | null,
): string | null {
  if (breakGlass === null || effect === 'allow' || effect === 'auto-approve') return null;
  if (passing !== null) {
    const lifted = passing.breakGlass?.lifts ?? [];
    const how = lifted.length === 0 ? 'passes' : `lifts ${lifted.join(', ')}, so it passes`;
    return `${how}, for role ${breakGlass.roles.join(' or ')}`;
  }
  const ruling = new Set(verdicts.flatMap((verdict) => verdict.rules));
  const hard = rules.find((rule) => ruling.has(rule) && rule.hard);
  if (hard !== undefined) return `does not help: rule ${hard.id} is hard`;
  const kept = rules.find((rule) => ruling.has(rule) && breakGlass.keeps.includes(rule.id));
  return kept === undefined ? 'does not help: the posture denies it' : `does not help: it keeps rule ${kept.id}`;
}

/** For `policy check`: who may break the glass, and what stays. Empty when nobody may. */
export function breakGlassLines({ breakGlass, rules }: CompiledPolicy): readonly string[] {
  if (breakGlass === null) return [];
  const { roles, minutes, factor, keeps, notify } = breakGlass;
  const stays = rules.filter((rule) => rule.hard || keeps.includes(rule.id)).map(({ id }) => id);
  const isLifted = ({ id, effect, matchFile }: Rule): boolean =>
    effect === 'deny' && matchFile?.request === undefined && !stays.includes(id);
  const lifted = rules.filter(isLifted).map(({ id }) => id);
  return [
    `break-glass: role ${roles.join(' or ')} for ${minutes} min, by ${factor}; told besides: ${notify.join(', ') || 'nobody'}`,
    `  stays: ${stays.join(', ') || 'nothing'}; denials that it lifts: ${lifted.join(', ') || 'none'}`,
  ];
}
