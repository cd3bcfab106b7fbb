/** What the policy says of the addresses of Mosh clients. Rules only add to each other, so their order means nothing. */
import { Networks } from '../base/networks.ts';
import type { OnMove, Roaming } from '../model/roaming.ts';
import { type Selector, type SelectorSubject, selectorHolds } from '../model/selector.ts';
import { selectorOf } from './conditions/people.ts';
import type { RoamingFile } from './schema/roaming-file.ts';

export interface RoamingRule {
  readonly when: Selector;
  /** Where clients may be; null: anywhere. */
  readonly networks: Networks | null;
  readonly refuse: Networks;
  readonly onMove: OnMove | null;
}

export function compileRoaming(file: RoamingFile): RoamingRule {
  return {
    when: selectorOf(file.when),
    networks: file.networks === undefined ? null : new Networks(file.networks),
    refuse: new Networks(file.refuse ?? []),
    onMove: file.on_move ?? null,
  };
}

/**
 * All rules that apply, together: the strictest of each. One whose `when` is unknown applies; only where there is no
 * target yet must it hold, for the same is asked again once there is one.
 */
export function roamingOf(rules: readonly RoamingRule[], subject: SelectorSubject): Roaming {
  const applying = rules.filter(({ when }) => {
    const truth = selectorHolds(when, subject);
    return subject.target === undefined ? truth === true : truth !== false;
  });
  const moves = applying.map(({ onMove }) => onMove);
  return {
    allows: (address) =>
      applying.every(({ networks, refuse }) => (networks?.has(address) ?? true) && !refuse.has(address)),
    onMove: moves.find((move) => move === 'code') ?? moves.find((move) => move !== null) ?? null,
  };
}
