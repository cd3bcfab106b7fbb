/** What an approval must consist of. */
import type { Selector } from './selector.ts';

/** `signature` is one of any registered key, `sk-signature` one of a security key, which is a `signature` too. */
export type Factor = 'totp' | 'sk-signature' | 'signature';

export interface Stage {
  /** `requester` is the person who asked; a selector never counts the requester. */
  readonly who: 'requester' | Selector;
  /** How many distinct people. */
  readonly count: number;
  /** Any one of these will do. */
  readonly factors: readonly Factor[];
  /** Security keys must have checked a PIN or a finger, not only a touch. */
  readonly verify?: true;
  /** ms for this stage in a sequential chain; then `onTimeout`. */
  readonly timeout?: number;
  readonly onTimeout?: 'escalate' | 'deny';
  readonly onlyIf?: 'escalated';
  /** A check that names who of them is on call. */
  readonly onCall?: string;
}

export interface ReasonRule {
  readonly required: boolean;
  /** Characters. */
  readonly minLength: number;
  /** Source of a regular expression that some part of the reason must match. */
  readonly ticket?: string;
}

export interface Requirement {
  /** Names of the policy's requirements that were merged into this one. */
  readonly names: readonly string[];
  readonly stages: readonly Stage[];
  readonly mode: 'parallel' | 'sequential';
  /** ms from creation to the end, whatever the stages say. */
  readonly expires: number;
  readonly reason: ReasonRule;
  /** Whether the requester presses Enter after somebody else's approval. */
  readonly release: 'enter' | 'immediate';
}

/** One's own code: exists even when no policy file defines it. */
export const SELF_REQUIREMENT: Requirement = {
  names: ['self'],
  stages: [{ who: 'requester', count: 1, factors: ['totp'] }],
  mode: 'parallel',
  expires: 120_000,
  reason: { required: false, minLength: 0 },
  release: 'enter',
};
