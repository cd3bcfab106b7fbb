/** What holds for a target when no rule speaks: the first posture whose `when` holds. */
import type { Requirement } from '../model/requirement.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import { type Selector, type SelectorSubject, selectorHolds } from '../model/selector.ts';
import type { Dialect } from './analysis.ts';
import type { LineMode, PostureEffect } from './schema/policy-file.ts';

export interface PostureChoice {
  readonly effect: PostureEffect;
  readonly requirement: Requirement;
}

export interface Posture {
  readonly when: Selector;
  readonly default: PostureChoice;
  readonly onOpaque: PostureChoice;
  readonly onUnparsable: PostureChoice;
  readonly onTooLong: PostureChoice;
  readonly dialect: Dialect;
  /** Null: by the target's criticality and the policy's setting. */
  readonly possible: 'match' | 'ignore' | null;
  readonly lineMode: LineMode;
}

const ASK: PostureChoice = { effect: 'approve', requirement: SELF_REQUIREMENT };

/** What holds when no posture does: everything needs approval. */
const STRICTEST_POSTURE: Posture = {
  when: { kind: 'always' },
  default: ASK,
  onOpaque: ASK,
  onUnparsable: ASK,
  onTooLong: ASK,
  dialect: 'bash',
  possible: 'match',
  lineMode: 'keys',
};

/** A target that is not given counts as one without labels. A `when` that is unknown does not hold. */
export function postureFor(postures: readonly Posture[], subject: SelectorSubject): Posture {
  const asked = subject.target === undefined ? { ...subject, target: { name: '', labels: {} } } : subject;
  return postures.find((posture) => selectorHolds(posture.when, asked) === true) ?? STRICTEST_POSTURE;
}
