/**
 * Conditions on everything but the text: who, where, when, and what the checks said. Three-valued: what is not
 * known is `unknown`, and the effect of the rule decides what that means (see `decide.ts`).
 */
import type { CommandContext } from '../../model/command-line.ts';
import { allOf, anyOf, negate, type Truth } from '../../model/selector.ts';
import type { Labels } from '../../model/target.ts';
import type { SaidUrgency } from '../../model/urgency.ts';

/** What a check said; absent from the map when it failed, timed out or was not asked. */
export type CheckValue = boolean | number | string;
export type CheckValues = ReadonlyMap<string, CheckValue>;

/** What a condition is asked about. */
export interface ConditionFacts {
  readonly context: CommandContext;
  readonly user?: { readonly name: string; readonly roles: readonly string[] };
  readonly target?: { readonly name: string; readonly labels: Labels };
  readonly login?: string;
  /** ms since the epoch */
  readonly at: number;
  readonly checks: CheckValues;
  readonly urgency: SaidUrgency;
}

/** A compiled condition that can say which part of it failed. */
export interface Condition {
  /** As written, for explanations. */
  readonly text: string;
  evaluate(facts: ConditionFacts): Truth;
  /** Names of the checks that it asks for. */
  readonly checks: readonly string[];
  /** The parts of a conjunction; empty for everything else. */
  readonly parts: readonly Condition[];
  /** What is not known and leaves it open, e.g. `label.env`; empty when it is true or false. */
  unknowns(facts: ConditionFacts): readonly string[];
  /** Everything that it asks about, as written, with the answer. */
  asked(facts: ConditionFacts): readonly (readonly [string, Truth])[];
}

/** A condition without parts. @param text begins with the name of the fact that it asks for, and a blank */
export function leaf(
  text: string,
  evaluate: (facts: ConditionFacts) => Truth,
  checks: readonly string[] = [],
): Condition {
  const unknowns = (facts: ConditionFacts): readonly string[] =>
    evaluate(facts) === 'unknown' ? text.split(' ', 1) : [];
  return { text, evaluate, checks, parts: [], unknowns, asked: (facts) => [[text, evaluate(facts)]] };
}

/** The unknowns of the parts, when they leave the whole open. */
function unknownsOf(
  parts: readonly Condition[],
  evaluate: Condition['evaluate'],
): Pick<Condition, 'evaluate' | 'unknowns' | 'asked'> {
  const unknowns = (facts: ConditionFacts): readonly string[] =>
    evaluate(facts) === 'unknown' ? [...new Set(parts.flatMap((part) => part.unknowns(facts)))] : [];
  const asked = (facts: ConditionFacts): readonly (readonly [string, Truth])[] =>
    parts.flatMap((part) => part.asked(facts));
  return { evaluate, unknowns, asked };
}

export function conjunction(parts: readonly Condition[]): Condition {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return {
    text: parts.map((part) => part.text).join(' and '),
    ...unknownsOf(parts, (facts) => allOf(parts.map((part) => part.evaluate(facts)))),
    checks: parts.flatMap((part) => part.checks),
    parts,
  };
}

export function disjunction(parts: readonly Condition[]): Condition {
  return {
    text: `(${parts.map((part) => part.text).join(' or ')})`,
    ...unknownsOf(parts, (facts) => anyOf(parts.map((part) => part.evaluate(facts)))),
    checks: parts.flatMap((part) => part.checks),
    parts: [],
  };
}

export function negation(part: Condition): Condition {
  return {
    text: `not ${part.text}`,
    ...unknownsOf([part], (facts) => negate(part.evaluate(facts))),
    checks: part.checks,
    parts: [],
  };
}

/** The text of the first part that is not true; null when the whole is. */
export function firstFailing(condition: Condition, facts: ConditionFacts): string | null {
  const value = condition.evaluate(facts);
  if (value === true) return null;
  const part = condition.parts.map((one) => firstFailing(one, facts)).find((text) => text !== null);
  return part ?? `${condition.text} is ${String(value)}`;
}
