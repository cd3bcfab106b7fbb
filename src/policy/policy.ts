/**
 * One policy, immutable: a pure function from a text and its context to a decision. Reads no files, asks
 * nobody, waits for nothing. It never throws: whatever fails inside ends in `deny`.
 */
import type { AccessRule } from '../model/access-rule.ts';
import type { ChannelQuestion, Decision, EvaluationContext } from '../model/decision.ts';
import type { Roaming } from '../model/roaming.ts';
import type { SelectorSubject } from '../model/selector.ts';
import type { Labels } from '../model/target.ts';
import { type AnalysedText, AnalysisCache } from './analysis-cache.ts';
import { type Moment, momentOf } from './circumstances.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { CheckValues } from './conditions/condition.ts';
import { decisionOf, judge, judgeRequest } from './decide.ts';
import { type Explanation, explanationOf } from './explain.ts';
import { type MomentReading, readMoment } from './moment.ts';
import { type Posture, postureFor } from './posture.ts';
import { roamingOf } from './roaming.ts';
import { type BreakGlassOutlook, breakGlassOutlook, liftedRules, passingDecision } from './under-break-glass.ts';

const NO_CHECKS: CheckValues = new Map();

export class Policy {
  readonly compiled: CompiledPolicy;
  readonly #analyses: AnalysisCache;

  constructor(compiled: CompiledPolicy) {
    this.compiled = compiled;
    this.#analyses = new AnalysisCache(compiled);
  }

  /** `sha256:<hex>` over `canonicalText`; in every decision, hold, approval and grant. */
  get hash(): string {
    return this.compiled.hash;
  }

  /** The resolved policy as text; stored once per hash so that an old decision can be explained again. */
  get canonicalText(): string {
    return this.compiled.canonicalText;
  }

  get access(): readonly AccessRule[] {
    return this.compiled.access;
  }

  /** Names of the checks that some rule asks for; without their values those rules see `unknown`. */
  get checkNames(): readonly string[] {
    return this.compiled.checkNames;
  }

  /** What holds for a target with these labels when no rule speaks. */
  postureFor(labels: Labels, name = ''): Posture {
    return postureFor(this.compiled.postures, { target: { name, labels } });
  }

  /** Where this person's Mosh client may be, and what a new address of it means. @param subject without `target` while there is none */
  roamingFor(subject: SelectorSubject): Roaming {
    return roamingOf(this.compiled.roaming, subject);
  }

  /** @param text exactly what would be submitted */
  decide(text: string, context: EvaluationContext, checks: CheckValues = NO_CHECKS): Decision {
    try {
      const analysed = this.#analysisOf(text, context);
      const passing = context.breakGlass === true ? this.#underBreakGlass(text, analysed, context, checks) : null;
      if (passing !== null) return passing;
      return decisionOf(this.compiled, judge(this.compiled, text, analysed, context, checks), analysed.analysis);
    } catch {
      return failedDecision(this.hash);
    }
  }

  /** A channel request without text: sftp goes with access, forwarding needs a rule that allows it. */
  decideChannel(question: ChannelQuestion, context: EvaluationContext, checks: CheckValues = NO_CHECKS): Decision {
    try {
      const judgement = judgeRequest(this.compiled, question, context, checks);
      const decision = decisionOf(this.compiled, judgement, null);
      // Of a channel, break-glass lifts what holds it and nothing that denies it.
      const passing = context.breakGlass === true ? passingDecision(this.compiled, judgement, decision) : null;
      return passing ?? decision;
    } catch {
      return failedDecision(this.hash);
    }
  }

  /** The decision with every rule and the reason why it did or did not apply. */
  explain(text: string, context: EvaluationContext, checks: CheckValues = NO_CHECKS): Explanation {
    const analysed = this.#analysisOf(text, context);
    const judgement = judge(this.compiled, text, analysed, context, checks);
    const { analysis } = analysed;
    const decision = decisionOf(this.compiled, judgement, analysis);
    const passing = this.#underBreakGlass(text, analysed, context, checks);
    return explanationOf(this.compiled, decision, judgement, analysis, context, passing);
  }

  /** What a break-glass would make of the line; null when the policy knows none or the line needs none. */
  breakGlassOutlook(
    text: string,
    context: EvaluationContext,
    checks: CheckValues = NO_CHECKS,
  ): BreakGlassOutlook | null {
    if (this.compiled.breakGlass === null) return null;
    const analysed = this.#analysisOf(text, context);
    const judgement = judge(this.compiled, text, analysed, context, checks);
    const decision = decisionOf(this.compiled, judgement, analysed.analysis);
    return breakGlassOutlook(
      this.compiled,
      decision,
      judgement,
      this.#underBreakGlass(text, analysed, context, checks),
    );
  }

  /** What `text` says about a point in time; without an offset it is read in the policy's time zone. */
  readMoment(text: string): MomentReading {
    return readMoment(text, this.compiled.timeZone);
  }

  /** A point in time as this policy sees it. @param at ms since the epoch */
  momentOf(at: number): Moment {
    return momentOf(this.compiled, at);
  }

  /** How the line passes with a break-glass; null when it does not, or needs none. */
  #underBreakGlass(
    text: string,
    analysed: AnalysedText,
    context: EvaluationContext,
    checks: CheckValues,
  ): Decision | null {
    const judgement = judge(this.compiled, text, analysed, context, checks, liftedRules(this.compiled));
    return passingDecision(this.compiled, judgement, decisionOf(this.compiled, judgement, analysed.analysis));
  }

  #analysisOf(text: string, context: EvaluationContext): AnalysedText {
    const posture = postureFor(this.compiled.postures, context);
    return this.#analyses.get(text, context.context, posture.dialect);
  }
}

/** What is decided when the decision itself fails: nothing passes. */
export function failedDecision(policyHash: string): Decision {
  return {
    effect: 'deny',
    ids: ['meta.unparsable'],
    opaque: null,
    unparsable: true,
    incomplete: false,
    rule: null,
    requirement: null,
    commands: [],
    reasons: [],
    severity: null,
    why: 'The policy could not be evaluated, so nothing passes. Tell an administrator.',
    facts: { failed: true },
    policyHash,
  };
}
