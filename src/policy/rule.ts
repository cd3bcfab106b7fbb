/** A compiled rule and whether it applies to one item. */
import type { AfterHook } from '../model/after-hook.ts';
import type { Effect } from '../model/decision.ts';
import type { Truth } from '../model/selector.ts';
import type { Condition, ConditionFacts } from './conditions/condition.ts';
import { firstFailing } from './conditions/condition.ts';
import type { JudgedItem, LineFacts } from './judged-item.ts';
import { firstMismatch, type Mismatch } from './matching/match-trace.ts';
import type { RuleMatch } from './matching/rule-match.ts';
import type { MatchFile } from './schema/match-file.ts';

/** How far an approval may be remembered. */
export interface GrantRule {
  readonly scope: 'command' | 'pattern' | 'session';
  readonly minutes: number;
  readonly maxUses: number;
}

export interface Rule {
  readonly id: string;
  readonly effect: Effect;
  /** Name of the requirement; null unless the effect is `approve`. */
  readonly approval: string | null;
  readonly hard: boolean;
  readonly when: Condition | null;
  readonly match: RuleMatch | null;
  /** The match as written, for explanations. */
  readonly matchFile: MatchFile | null;
  readonly except: { readonly when: Condition | null; readonly match: RuleMatch | null } | null;
  readonly message: string | null;
  readonly grant: GrantRule | null;
  /** The globs by which it names operands, for the patterns of grants. */
  readonly operandGlobs: readonly string[];
  readonly after: AfterHook | null;
  readonly autoApprovable: boolean;
  /** The match names a `meta.*` id: an `allow` that does not is no leave for what could not be read. */
  readonly namesMeta: boolean;
  readonly file: string;
  readonly line: number;
}

/** What a rule is asked with, the same for all items of a line. */
export interface RuleQuestion {
  readonly facts: ConditionFacts;
  readonly line: LineFacts;
  /** Whether a match that depends on text known at run time counts, for deny and approve. */
  readonly possible: 'match' | 'ignore';
}

/** Deny and approve take doubt as a match; allow and auto-approve take it as none. */
function isStrict(rule: Rule): boolean {
  return rule.effect === 'deny' || rule.effect === 'approve';
}

/** The match is asked first: it is what most rules fail by. */
export function ruleApplies(rule: Rule, item: JudgedItem, question: RuleQuestion): boolean {
  return matchMet(rule, item, question) && whenMet(rule, question) && !excepted(rule, item, question);
}

/** Null when the rule applies; else the first thing that keeps it from applying, and how far it came. */
export function whyNot(rule: Rule, item: JudgedItem, question: RuleQuestion): Mismatch | null {
  if (!whenMet(rule, question)) return { text: failingCondition(rule, question), held: 0 };
  if (isUnnamedMeta(rule, item)) return { text: `does not name ${item.id}`, held: -1 };
  if (!matchMet(rule, item, question)) return firstMismatch(rule.matchFile ?? {}, item, question.line);
  return excepted(rule, item, question) ? { text: 'except holds', held: Number.POSITIVE_INFINITY } : null;
}

/** What of its `when` is not known: it applies all the same, because deny and approve take doubt as a match. */
export function unknownsOf({ when }: Rule, { facts }: RuleQuestion): readonly string[] {
  return when === null ? [] : when.unknowns(facts);
}

function whenMet(rule: Rule, { facts }: RuleQuestion): boolean {
  if (rule.when === null) return true;
  const when = rule.when.evaluate(facts);
  return isStrict(rule) ? when !== false : when === true;
}

function failingCondition(rule: Rule, { facts }: RuleQuestion): string {
  const failing = rule.when === null ? null : firstFailing(rule.when, facts);
  return failing ?? 'when does not hold';
}

type MetaItem = Extract<JudgedItem, { readonly kind: 'meta' }>;

/** A leave for commands is none for what could not be read. */
function isUnnamedMeta(rule: Rule, item: JudgedItem): item is MetaItem {
  return item.kind === 'meta' && !rule.namesMeta && !isStrict(rule);
}

function matchMet(rule: Rule, item: JudgedItem, question: RuleQuestion): boolean {
  if (isUnnamedMeta(rule, item)) return false;
  const match: Truth = rule.match === null ? true : rule.match(item, question.line);
  return match === true || (match === 'unknown' && isStrict(rule) && question.possible === 'match');
}

function excepted(rule: Rule, item: JudgedItem, question: RuleQuestion): boolean {
  const except = exceptHolds(rule, item, question);
  return isStrict(rule) ? except === true : except !== false;
}

function exceptHolds(rule: Rule, item: JudgedItem, question: RuleQuestion): Truth {
  if (rule.except === null) return false;
  const { when, match } = rule.except;
  const truths: Truth[] = [
    when === null ? true : when.evaluate(question.facts),
    match === null ? true : match(item, question.line),
  ];
  if (truths.includes(false)) return false;
  return truths.includes('unknown') ? 'unknown' : true;
}
