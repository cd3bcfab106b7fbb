/**
 * The decision: pure, synchronous, the same answer for the same question. For each command by itself: a deny
 * is final; else approve, unless an auto-approve stands against rules that all let themselves be
 * auto-approved; else allow; else the posture's default. The line gets the strictest of its commands.
 */
import { sha256Hex } from '../base/digest.ts';
import { visibleShort } from '../base/visible.ts';
import type {
  ChannelQuestion,
  CommandReport,
  Decision,
  DecisionReason,
  Effect,
  EvaluationContext,
  Severity,
} from '../model/decision.ts';
import type { Requirement } from '../model/requirement.ts';
import type { Analysis } from './analysis.ts';
import type { AnalysedText } from './analysis-cache.ts';
import { severityRank } from './catalogue/catalogue.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { CheckValues, ConditionFacts } from './conditions/condition.ts';
import { explainWhy } from './decision-text.ts';
import { grantOffer } from './grant-offer.ts';
import { idsOf, type JudgedItem } from './judged-item.ts';
import { metaItems } from './line-items.ts';
import type { Posture, PostureChoice } from './posture.ts';
import { postureFor } from './posture.ts';
import { isReadOnly } from './read-only.ts';
import { mergeRequirements } from './requirements.ts';
import { type Rule, type RuleQuestion, ruleApplies } from './rule.ts';
import { type LiftedRules, NOTHING_LIFTED } from './under-break-glass.ts';
import type { Judgement, Verdict } from './verdict.ts';

const STRENGTH: readonly Effect[] = ['allow', 'auto-approve', 'approve', 'deny'];

/** @param text exactly what would be submitted */
export function judge(
  policy: CompiledPolicy,
  text: string,
  { analysis, items: all, sureItems: sure }: AnalysedText,
  context: EvaluationContext,
  checks: CheckValues,
  lifted: LiftedRules = NOTHING_LIFTED,
): Judgement {
  const posture = postureFor(policy.postures, context);
  const possible = possibleFor(policy, posture, context);
  const items = [...(possible === 'match' ? all : sure), ...metaItems(analysis, context)];
  let readOnly: boolean | undefined;
  let digest: string | undefined;
  const sha256 = (): string => {
    digest ??= sha256Hex(text);
    return digest;
  };
  const looksOnly = (): boolean => {
    readOnly ??= isReadOnly(items);
    return readOnly;
  };
  const question: RuleQuestion = { facts: factsOf(context, checks), line: { readOnly: looksOnly, sha256 }, possible };
  const verdicts = items.map((item) => verdictOn(policy, item, question, fallbackOf(item, posture, context), lifted));
  return { text, items, verdicts, question, posture };
}

/** A channel request without text. SFTP goes with access; forwarding of any kind needs a rule. */
export function judgeRequest(
  policy: CompiledPolicy,
  asked: ChannelQuestion,
  context: EvaluationContext,
  checks: CheckValues,
): Judgement {
  const posture = postureFor(policy.postures, context);
  const item: JudgedItem = { kind: 'request', request: asked.request, detail: asked.detail ?? null };
  const question: RuleQuestion = {
    facts: factsOf(context, checks),
    line: { readOnly: () => false, sha256: () => '' },
    possible: possibleFor(policy, posture, context),
  };
  const fallback: Fallback = asked.request === 'sftp' ? posture.default : { effect: 'deny', requirement: null };
  return {
    text: null,
    items: [item],
    verdicts: [verdictOn(policy, item, question, fallback, NOTHING_LIFTED)],
    question,
    posture,
  };
}

/** The record of a judgement. */
export function decisionOf(policy: CompiledPolicy, judgement: Judgement, analysis: Analysis | null): Decision {
  const { verdicts } = judgement;
  const effect = strongest(verdicts.map((verdict) => verdict.effect));
  const deciding = verdicts.filter((verdict) => verdict.effect === effect);
  const rule = firstRule(policy, deciding);
  const ids = unique(judgement.items.flatMap(idsOf));
  const opaque = judgement.items.find((item) => item.kind === 'meta' && item.id === 'meta.opaque');
  return {
    effect,
    ids,
    opaque: opaque?.kind === 'meta' ? opaque.detail : null,
    unparsable: ids.includes('meta.unparsable'),
    incomplete: analysis !== null && analysis.incomplete !== null,
    rule: rule?.id ?? null,
    requirement: effect === 'approve' ? mergeRequirements(deciding.flatMap((verdict) => verdict.requirements)) : null,
    commands: judgement.items.flatMap(reportOf),
    reasons: reasonsOf(verdicts),
    severity: severityOf(judgement.items),
    why: explainWhy(policy, effect, deciding, rule),
    facts: recordedFacts(policy, judgement, deciding),
    policyHash: policy.hash,
    ...(effect === 'approve' ? { ...hooksOf(deciding), ...grantOf(judgement, deciding) } : {}),
  };
}

/** What an approval may be remembered for, when the rules say so. */
function grantOf({ text, items }: Judgement, deciding: readonly Verdict[]): Pick<Decision, 'grant'> {
  const grant = text === null ? null : grantOffer(text, items, deciding);
  return grant === null ? {} : { grant };
}

/** Each hook once, though several commands of the line asked for it. */
function hooksOf(deciding: readonly Verdict[]): Pick<Decision, 'after'> {
  const rules = new Set(deciding.flatMap((verdict) => verdict.rules));
  const after = [...rules].flatMap((rule) => rule.after ?? []);
  return after.length === 0 ? {} : { after };
}

interface Fallback {
  readonly effect: Effect;
  /** Null unless the effect is `approve`. */
  readonly requirement: Requirement | null;
}

const NEUTRAL: Fallback = { effect: 'allow', requirement: null };

function verdictOn(
  policy: CompiledPolicy,
  item: JudgedItem,
  question: RuleQuestion,
  fallback: Fallback,
  lifted: LiftedRules,
): Verdict {
  const applying = policy.rules.filter((rule) => ruleApplies(rule, item, question));
  if (applying.length === 0) return byPosture(item, fallback);
  const of = (effect: Effect): readonly Rule[] => applying.filter((rule) => rule.effect === effect);
  const denying = of('deny');
  const approving = of('approve');
  const requirements = approving.map((rule) => policy.requirement(rule.approval ?? 'self'));
  if (denying.length > 0) {
    const instead = denying.every((rule) => lifted.includes(rule)) ? lifted.requirement : null;
    if (instead === null) return { item, effect: 'deny', rules: denying, requirements: [] };
    return { item, effect: 'approve', rules: [...denying, ...approving], requirements: [instead, ...requirements] };
  }
  const automatic = of('auto-approve');
  if (approving.length > 0 && !(automatic.length > 0 && approving.every((rule) => rule.autoApprovable))) {
    return { item, effect: 'approve', rules: approving, requirements };
  }
  if (automatic.length > 0) return { item, effect: 'auto-approve', rules: automatic, requirements: [] };
  const allowing = of('allow');
  return { item, effect: 'allow', rules: allowing, requirements: [] };
}

function byPosture(item: JudgedItem, { effect, requirement }: Fallback): Verdict {
  return { item, effect, rules: [], requirements: requirement === null ? [] : [requirement] };
}

/** What holds for an item that no rule speaks of. */
function fallbackOf(item: JudgedItem, posture: Posture, context: EvaluationContext): Fallback {
  if (item.kind === 'command') return item.view.command.transparent ? NEUTRAL : choice(posture.default);
  if (item.kind === 'request') return choice(posture.default);
  switch (item.id) {
    case 'meta.opaque':
      return choice(posture.onOpaque);
    case 'meta.unparsable':
      return choice(posture.onUnparsable);
    case 'meta.too-long':
      return choice(posture.onTooLong);
    case 'meta.dialect':
      return NEUTRAL;
    case 'meta.incomplete':
      // A shell asks for more and runs nothing; a command that was sent whole may run up to the fault.
      return context.context === 'exec' ? choice(posture.onUnparsable) : NEUTRAL;
  }
}

function choice(made: PostureChoice): Fallback {
  return { effect: made.effect, requirement: made.effect === 'approve' ? made.requirement : null };
}

function possibleFor(policy: CompiledPolicy, posture: Posture, context: EvaluationContext): 'match' | 'ignore' {
  if (posture.possible !== null) return posture.possible;
  return context.target?.labels['criticality'] === 'high' ? 'match' : policy.possible;
}

function factsOf(context: EvaluationContext, checks: CheckValues): ConditionFacts {
  return {
    context: context.context,
    at: context.at,
    checks,
    urgency: context.urgency ?? 'normal',
    ...(context.user === undefined ? {} : { user: context.user }),
    ...(context.target === undefined ? {} : { target: context.target }),
    ...(context.login === undefined ? {} : { login: context.login }),
  };
}

function strongest(effects: readonly Effect[]): Effect {
  return effects.reduce<Effect>(
    (best, effect) => (STRENGTH.indexOf(effect) > STRENGTH.indexOf(best) ? effect : best),
    'allow',
  );
}

/** The first of the deciding rules in the order of the files. */
function firstRule(policy: CompiledPolicy, deciding: readonly Verdict[]): Rule | undefined {
  const ruling = deciding.flatMap((verdict) => verdict.rules);
  return ruling.length === 0 ? undefined : policy.rules.find((rule) => ruling.includes(rule));
}

function unique<T>(texts: readonly T[]): readonly T[] {
  return texts.length < 2 ? texts : [...new Set(texts)];
}

/** Longer words are cut in reports; decisions are made on the whole. */
const REPORTED_WORD = 4096;

function reportOf(item: JudgedItem): readonly CommandReport[] {
  if (item.kind !== 'command') return [];
  const { command } = item.view;
  return [
    {
      name: command.name,
      argv: command.argv.map((word) => (word.length > REPORTED_WORD ? visibleShort(word, REPORTED_WORD) : word)),
      via: command.via.map((layer) => layer.label),
      ids: idsOf(item),
    },
  ];
}

function reasonsOf(verdicts: readonly Verdict[]): readonly DecisionReason[] {
  const reasons = new Map<string, DecisionReason>();
  for (const { item, rules } of verdicts) {
    for (const rule of rules) {
      const ids = unique([...(reasons.get(rule.id)?.ids ?? []), ...idsOf(item)]);
      const message = rule.message === null ? {} : { message: rule.message };
      reasons.set(rule.id, { rule: rule.id, effect: rule.effect, ids, ...message });
    }
  }
  return [...reasons.values()];
}

function severityOf(items: readonly JudgedItem[]): Severity | null {
  const found = items.flatMap((item) => (item.kind === 'command' ? item.hits.map((hit) => hit.severity) : []));
  return found.reduce<Severity | null>(
    (best, one) => (best === null || severityRank(one) > severityRank(best) ? one : best),
    null,
  );
}

/** The checks that the rules ask for, with what they said; the rest is unknown. And what the rules that decided asked about. */
function recordedFacts(
  policy: CompiledPolicy,
  judgement: Judgement,
  deciding: readonly Verdict[],
): Readonly<Record<string, unknown>> {
  const { facts, possible } = judgement.question;
  const unknown = policy.checkNames.filter((name) => !facts.checks.has(name));
  const conditions = unique(deciding.flatMap((verdict) => verdict.rules)).flatMap(({ when, except }) => [
    when,
    except?.when,
  ]);
  const used = conditions.flatMap((condition) => condition?.asked(facts) ?? []);
  return {
    ...(facts.checks.size === 0 ? {} : { checks: Object.fromEntries(facts.checks) }),
    ...(unknown.length === 0 ? {} : { unknown }),
    ...(used.length === 0 ? {} : { used: Object.fromEntries(used) }),
    possible,
  };
}
