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

/** What a break-glass would make of a line, for explanations; a member of `policy explain --json`. */
export type BreakGlassOutlook =
  | {
      readonly passes: true;
      /** Who may begin one. */
      readonly roles: readonly string[];
      /** Denials that it lifts. */
      readonly lifts: readonly string[];
    }
  | { readonly passes: false; readonly roles: readonly string[]; readonly because: string };

/** null: the policy knows none, or the line needs none. @param passing of the same line */
export function breakGlassOutlook(
  { breakGlass, rules }: CompiledPolicy,
  { effect }: Decision,
  { verdicts }: Judgement,
  passing: Decision | null,
): BreakGlassOutlook | null {
  if (breakGlass === null || effect === 'allow' || effect === 'auto-approve') return null;
  const { roles, keeps } = breakGlass;
  if (passing !== null) return { passes: true, roles, lifts: passing.breakGlass?.lifts ?? [] };
  const ruling = new Set(verdicts.flatMap((verdict) => verdict.rules));
  const hard = rules.find((rule) => ruling.has(rule) && rule.hard);
  if (hard !== undefined) return { passes: false, roles, because: `rule ${hard.id} is hard` };
  const kept = rules.find((rule) => ruling.has(rule) && keeps.includes(rule.id));
  const because = kept === undefined ? 'the posture denies it' : `it keeps rule ${kept.id}`;
  return { passes: false, roles, because };
}

/** `lifts payroll, so it passes, for role sre`, `does not help: rule never is hard` */
export function breakGlassInWords(outlook: BreakGlassOutlook): string {
  if (!outlook.passes) return `does not help: ${outlook.because}`;
  const { lifts, roles } = outlook;
  const how = lifts.length === 0 ? 'passes' : `lifts ${lifts.join(', ')}, so it passes`;
  return `${how}, for role ${roles.join(' or ')}`;
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
