/** A compiled rule and whether it applies to one item. */
import type { Effect } from '../model/decision.ts';
import type { Truth } from '../model/selector.ts';
import type { Condition, ConditionFacts } from './conditions/condition.ts';
import { firstFailing } from './conditions/condition.ts';
import type { JudgedItem, LineFacts } from './judged-item.ts';
import type { RuleMatch } from './matching/rule-match.ts';

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
  readonly except: { readonly when: Condition | null; readonly match: RuleMatch | null } | null;
  readonly message: string | null;
  readonly grant: GrantRule | null;
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

export function ruleApplies(rule: Rule, item: JudgedItem, question: RuleQuestion): boolean {
  return whyNot(rule, item, question) === null;
}

/** Null when the rule applies; else the first thing that keeps it from applying, in words. */
export function whyNot(rule: Rule, item: JudgedItem, question: RuleQuestion): string | null {
  return whyNotWhen(rule, question) ?? whyNotMatch(rule, item, question) ?? whyExcepted(rule, item, question);
}

function whyNotWhen(rule: Rule, { facts }: RuleQuestion): string | null {
  if (rule.when === null) return null;
  const when = rule.when.evaluate(facts);
  const met = isStrict(rule) ? when !== false : when === true;
  return met ? null : (firstFailing(rule.when, facts) ?? 'when does not hold');
}

function whyNotMatch(rule: Rule, item: JudgedItem, question: RuleQuestion): string | null {
  if (!isStrict(rule) && item.kind === 'meta' && !rule.namesMeta) return `does not name ${item.id}`;
  const match: Truth = rule.match === null ? true : rule.match(item, question.line);
  const possible = match === 'unknown' && isStrict(rule) && question.possible === 'match';
  return match === true || possible ? null : 'match does not hold';
}

function whyExcepted(rule: Rule, item: JudgedItem, question: RuleQuestion): string | null {
  const except = exceptHolds(rule, item, question);
  const excepted = isStrict(rule) ? except === true : except !== false;
  return excepted ? 'except holds' : null;
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
