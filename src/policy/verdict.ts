/** What judging a line leaves behind: the items, what became of each, and the question they were asked with. */
import type { Effect } from '../model/decision.ts';
import type { Requirement } from '../model/requirement.ts';
import type { JudgedItem } from './judged-item.ts';
import type { Posture } from './posture.ts';
import type { Rule, RuleQuestion } from './rule.ts';

/** What became of one item. */
export interface Verdict {
  readonly item: JudgedItem;
  readonly effect: Effect;
  /** The rules that made it so; empty when the posture did. */
  readonly rules: readonly Rule[];
  readonly requirements: readonly Requirement[];
}

/** Everything that a decision and its explanation are made from. */
export interface Judgement {
  /** As it would be submitted; null for a channel request. */
  readonly text: string | null;
  readonly items: readonly JudgedItem[];
  readonly verdicts: readonly Verdict[];
  readonly question: RuleQuestion;
  readonly posture: Posture;
}
