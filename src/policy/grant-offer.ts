/**
 * What an approval of a line may be remembered for. Offered only when every rule that holds the line says `grant`, and
 * nothing about the line is unknown: no opaque, dynamic or unparsable part, no posture that holds it. Of several rules the
 * narrowest scope, the shortest time and the fewest uses. A pattern is offered only for a line of plain words; only
 * operands that the one rule itself names by a glob vary in it, and it says that very glob.
 */
import type { GrantScope, GrantTerms, PatternWord } from '../model/grant-terms.ts';
import type { Word } from './analysis.ts';
import { listOf } from './conditions/people.ts';
import type { CommandItem, JudgedItem } from './judged-item.ts';
import { plainWords, standsFor } from './plain-words.ts';
import type { GrantRule, Rule } from './rule.ts';
import type { MatchFile } from './schema/match-file.ts';
import type { Verdict } from './verdict.ts';

const NARROWEST: readonly GrantScope[] = ['command', 'pattern', 'session'];

/** A rule that lets approvals be remembered. */
type GrantingRule = Rule & { readonly grant: GrantRule };

/** null: nothing may be remembered. @param deciding the commands that are held */
export function grantOffer(
  text: string,
  items: readonly JudgedItem[],
  deciding: readonly Verdict[],
): GrantTerms | null {
  const held = deciding.map((verdict) => verdict.item);
  if (deciding.length === 0 || items.some((item) => item.kind !== 'command') || !held.every(isKnown)) return null;
  const rules = distinct(deciding.flatMap((verdict) => verdict.rules));
  if (deciding.some((verdict) => verdict.rules.length === 0) || !rules.every(isGranting)) return null;
  return termsOf(text, held.filter(isCommand), rules);
}

/** The globs by which a rule names operands: `operands` and `path` at the top of its `match`. */
export function operandGlobs(match: MatchFile | undefined): readonly string[] {
  const { operands, path } = match ?? {};
  const quantified =
    typeof operands === 'object' && !Array.isArray(operands) ? Object.entries(operands) : [['any', operands] as const];
  const named = quantified.flatMap(([how, value]) => (how === 'none' || value === undefined ? [] : listOf(value)));
  const globs = [...named, ...(path === undefined ? [] : listOf(path))];
  return globs.filter((glob) => /[*?[{]/.test(glob));
}

function termsOf(text: string, held: readonly CommandItem[], rules: readonly GrantingRule[]): GrantTerms | null {
  const grants = rules.map((rule) => rule.grant);
  const scope = NARROWEST.find((one) => grants.some((grant) => grant.scope === one)) ?? 'command';
  const words = scope === 'pattern' ? patternOf(text, held, rules) : null;
  if (scope === 'pattern' && words === null) return null;
  const uses = Math.min(...grants.map((grant) => grant.maxUses));
  return {
    scope,
    rules: rules.map((rule) => rule.id).sort(),
    words,
    inSession: grants.some((grant) => grant.scope === 'session'),
    minutes: Math.min(...grants.map((grant) => grant.minutes)),
    uses,
    cost: held.length,
  };
}

/** null when the line is more than plain words. */
function patternOf(
  text: string,
  held: readonly CommandItem[],
  rules: readonly GrantingRule[],
): readonly PatternWord[] | null {
  const words = plainWords(text);
  const [command, other] = held;
  if (words === null || command === undefined || other !== undefined) return null;
  const [rule, second] = rules;
  const globs = rule === undefined || second !== undefined ? [] : rule.operandGlobs;
  const { args } = command.view.command;
  const first = words.length - args.length;
  const isTail = first > 0 && args.every((arg, index) => arg.text === words[first + index]);
  return words.map((word, index): PatternWord => {
    const arg = isTail ? args[index - first] : undefined;
    const glob =
      arg === undefined || !isOperand(arg, args, command) ? undefined : globs.find((one) => standsFor(one, word));
    return glob === undefined ? { kind: 'literal', text: word } : { kind: 'glob', text: glob };
  });
}

/** An operand that no option before it could take as its value. */
function isOperand(arg: Word, args: readonly Word[], { view }: CommandItem): boolean {
  const before = args[args.indexOf(arg) - 1];
  return view.operands.includes(arg) && before?.text.startsWith('-') !== true;
}

function isKnown(item: JudgedItem): boolean {
  if (item.kind !== 'command') return false;
  const { command } = item.view;
  const { dynamic, unseenOperands, stdin } = command;
  return !dynamic && !unseenOperands && stdin.kind !== 'dynamic' && !item.hits.some((hit) => hit.possible);
}

function isCommand(item: JudgedItem): item is CommandItem {
  return item.kind === 'command';
}

function isGranting(rule: Rule): rule is GrantingRule {
  return rule.grant !== null;
}

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
