/** Why a line is decided as it is: for `policy explain`, for people and for scripts. */
import { visible } from '../base/visible.ts';
import type { CommandReport, Decision, Effect, EvaluationContext } from '../model/decision.ts';
import type { Requirement } from '../model/requirement.ts';
import type { Analysis } from './analysis.ts';
import { type Moment, type MomentJson, momentJson, momentOf, momentText, subjectText } from './circumstances.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import { describeRequirement } from './describe-requirement.ts';
import type { JudgedItem } from './judged-item.ts';
import type { Mismatch } from './matching/match-trace.ts';
import { type Rule, unknownsOf, whyNot } from './rule.ts';
import { type BreakGlassOutlook, breakGlassInWords, breakGlassOutlook } from './under-break-glass.ts';
import type { Judgement } from './verdict.ts';

/** One rule against the whole line. */
export interface RuleTrace {
  readonly id: string;
  readonly effect: Effect;
  readonly applies: boolean;
  /** Words of the commands, or the `meta.*` ids, that it applies to. */
  readonly to: readonly string[];
  /** Facts of its `when` that are not known, e.g. `label.env`; empty when it does not apply. */
  readonly unknown: readonly string[];
  /** The first thing that keeps it from applying; null when it applies. */
  readonly because: string | null;
  readonly origin: string;
}

export interface Explanation {
  readonly decision: Decision;
  /** Who, where and when was asked about. */
  readonly context: EvaluationContext;
  readonly moment: Moment;
  readonly rules: readonly RuleTrace[];
  /** What break-glass makes of it; null when the policy knows none or the line needs none. */
  readonly breakGlass: BreakGlassOutlook | null;
  readonly opaque: readonly { readonly reason: string; readonly detail: string; readonly rewrite: string | null }[];
}

/** What `policy explain --json` prints; the field names are promised to scripts. */
export interface ExplanationJson extends MomentJson {
  readonly v: 1;
  readonly effect: Effect;
  readonly ids: readonly string[];
  readonly opaque: string | null;
  readonly unparsable: boolean;
  readonly incomplete: boolean;
  readonly rule: string | null;
  readonly requirement: Requirement | null;
  readonly commands: readonly CommandReport[];
  readonly facts: Readonly<Record<string, unknown>>;
  readonly break_glass: BreakGlassOutlook | null;
  readonly policy_hash: string;
}

export function explanationOf(
  policy: CompiledPolicy,
  decision: Decision,
  judgement: Judgement,
  analysis: Analysis,
  context: EvaluationContext,
  passing: Decision | null,
): Explanation {
  const rules = policy.rules.map((rule) => traceOf(rule, judgement));
  return {
    decision,
    context,
    moment: momentOf(policy, context.at),
    rules,
    breakGlass: breakGlassOutlook(policy, decision, judgement, passing),
    opaque: analysis.opaque.map(({ reason, detail, rewrite }) => ({ reason, detail, rewrite })),
  };
}

function traceOf(rule: Rule, { items, question }: Judgement): RuleTrace {
  const answers = items.map((item) => ({ item, mismatch: whyNot(rule, item, question) }));
  const to = answers.filter(({ mismatch }) => mismatch === null).map(({ item }) => itemText(item));
  const applies = to.length > 0;
  return {
    id: rule.id,
    effect: rule.effect,
    applies,
    to,
    unknown: applies ? unknownsOf(rule, question) : [],
    because: applies ? null : furthest([...answers.filter(isPlain), ...answers].flatMap((one) => one.mismatch ?? [])),
    origin: `${rule.file}:${rule.line}`,
  };
}

/** No wrapper: people ask about what it runs. */
function isPlain({ item }: { readonly item: JudgedItem }): boolean {
  return item.kind !== 'command' || !item.view.command.transparent;
}

function itemText(item: JudgedItem): string {
  if (item.kind === 'command') return visible(item.view.command.argv.join(' '));
  return item.kind === 'meta' ? item.id : item.request;
}

/** Why the rule does not apply to the item that it came closest to. */
function furthest(mismatches: readonly Mismatch[]): string {
  const best = mismatches.reduce<Mismatch | null>(
    (most, one) => (most === null || one.held > most.held ? one : most),
    null,
  );
  return best?.text ?? 'there is no command';
}

/** @param breakGlass of the same line: `Policy.breakGlassOutlook` */
export function explanationJson(
  decision: Decision,
  moment: Moment,
  breakGlass: BreakGlassOutlook | null,
): ExplanationJson {
  return {
    v: 1,
    effect: decision.effect,
    ids: decision.ids,
    opaque: decision.opaque,
    unparsable: decision.unparsable,
    incomplete: decision.incomplete,
    rule: decision.rule,
    requirement: decision.requirement,
    commands: decision.commands,
    facts: decision.facts,
    break_glass: breakGlass,
    policy_hash: decision.policyHash,
    ...momentJson(moment),
  };
}

/** Several lines of plain text, each with its newline. */
export function explanationText(explanation: Explanation): string {
  const { decision, context, moment, rules, opaque } = explanation;
  const by =
    decision.rule === null
      ? 'the posture of the target'
      : `rule ${decision.rule} (${rules.find((rule) => rule.id === decision.rule)?.origin ?? ''})`;
  const lines = [`${decision.effect}${decision.severity === null ? '' : `, ${decision.severity}`}: ${by}`];
  if (decision.why !== '') lines.push(`why: ${visible(decision.why)}`);
  if (decision.requirement !== null)
    lines.push(`needs: ${visible(describeRequirement(decision.requirement, context.user?.name || undefined))}`);
  if (explanation.breakGlass !== null) lines.push(`break-glass: ${visible(breakGlassInWords(explanation.breakGlass))}`);
  lines.push(`for: ${subjectText(context)}`, `at: ${momentText(moment)}`);
  lines.push('commands:', ...decision.commands.map(commandLine));
  if (decision.commands.length === 0) lines.push('  none');
  for (const part of opaque)
    lines.push(`cannot be known: ${visible(part.detail)}${part.rewrite === null ? '' : `; ${visible(part.rewrite)}`}`);
  if (decision.incomplete) lines.push('incomplete: a shell would ask for more and run nothing yet');
  lines.push(...ruleLines(rules));
  lines.push(`policy: ${decision.policyHash}`);
  return `${lines.join('\n')}\n`;
}

function commandLine(command: CommandReport): string {
  const via = command.via.length === 0 ? '' : `  via ${command.via.join(' > ')}`;
  const ids = command.ids.length === 0 ? '' : `  [${command.ids.join(', ')}]`;
  return `  ${visible(command.argv.join(' ')) || '(redirection or assignment only)'}${via}${ids}`;
}

function ruleLines(rules: readonly RuleTrace[]): readonly string[] {
  if (rules.length === 0) return [];
  const width = Math.max(...rules.map((rule) => rule.id.length));
  return [
    'rules:',
    ...rules.map((rule) => {
      const doubt = rule.unknown.length === 0 ? '' : ` (${rule.unknown.join(', ')} unknown)`;
      const verdict = rule.applies ? `matches ${rule.to.join('; ')}${doubt}` : `no: ${rule.because ?? ''}`;
      return `  ${rule.id.padEnd(width)}  ${rule.effect.padEnd(12)}  ${verdict}`;
    }),
  ];
}
