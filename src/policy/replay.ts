/** Old policy against new policy over lines that were typed: what would be decided otherwise, and what would be weaker. */
import type { Decision, Effect, EvaluationContext } from '../model/decision.ts';
import type { Policy } from './policy.ts';

export interface ReplayLine {
  readonly text: string;
  readonly context: EvaluationContext;
}

export interface ReplayChange {
  readonly line: ReplayLine;
  readonly before: Decision;
  readonly after: Decision;
  /** Something that was held or refused would pass more easily. */
  readonly weaker: boolean;
}

export interface ReplayReport {
  readonly lines: number;
  readonly changes: readonly ReplayChange[];
  /** How often each pair of effects occurred, e.g. `approve > allow`. */
  readonly counts: ReadonlyMap<string, number>;
  readonly weaker: number;
}

const STRENGTH: Readonly<Record<Effect, number>> = { allow: 0, 'auto-approve': 0, approve: 1, deny: 2 };

export function replay(before: Policy, after: Policy, lines: Iterable<ReplayLine>): ReplayReport {
  const changes: ReplayChange[] = [];
  const counts = new Map<string, number>();
  let total = 0;
  for (const line of lines) {
    total += 1;
    const old = before.decide(line.text, line.context);
    const fresh = after.decide(line.text, line.context);
    const pair = `${old.effect} > ${fresh.effect}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
    const weaker = isWeaker(old, fresh);
    if (weaker || old.effect !== fresh.effect || old.rule !== fresh.rule)
      changes.push({ line, before: old, after: fresh, weaker });
  }
  return { lines: total, changes, counts, weaker: changes.filter((change) => change.weaker).length };
}

function isWeaker(before: Decision, after: Decision): boolean {
  if (STRENGTH[after.effect] !== STRENGTH[before.effect]) return STRENGTH[after.effect] < STRENGTH[before.effect];
  if (before.requirement === null || after.requirement === null) return false;
  return peopleOf(after) < peopleOf(before);
}

/** How many people besides the requester must agree. */
function peopleOf(decision: Decision): number {
  const stages = decision.requirement?.stages ?? [];
  return stages.reduce((sum, stage) => sum + (stage.who === 'requester' ? 0 : stage.count), 0);
}
