/**
 * How far the votes on a request have come. A *step* is a stage with the stages that an escalation opens
 * beside it; any opened one of them answers the step. Parallel steps are open from the start, sequential ones
 * one after the other. Every step needs people of its own: nobody's vote is counted twice in one request.
 * Pure; who may vote for which stage is asked of the caller.
 */
import type { Requirement, Stage } from '../model/requirement.ts';
import type { CastVote, StepProgress } from './ports.ts';

/** A stage, and what is opened beside it when it does not answer in time. */
export type Step = readonly [Stage, ...Stage[]];

/** Whether a vote may count for a stage. */
export type MayCount = (vote: CastVote, stage: Stage) => boolean;

export function stepsOf(requirement: Requirement): readonly Step[] {
  const steps: [Stage, ...Stage[]][] = [];
  for (const stage of requirement.stages) {
    const last = steps.at(-1);
    if (stage.onlyIf === 'escalated' && last !== undefined) last.push(stage);
    else steps.push([stage]);
  }
  return steps;
}

/** Progress at the opening of a request. @param now ms since the epoch */
export function firstProgress(requirement: Requirement, now: number): readonly StepProgress[] {
  const parallel = requirement.mode === 'parallel';
  return stepsOf(requirement).map((_step, index) => ({
    openedAt: parallel || index === 0 ? now : null,
    level: 0,
    answered: false,
  }));
}

/** The stages of step `index` that may be answered now. */
export function openStages(
  requirement: Requirement,
  progress: readonly StepProgress[],
  index: number,
): readonly Stage[] {
  const step = stepsOf(requirement)[index];
  const at = progress[index];
  if (step === undefined || at === undefined || at.openedAt === null) return [];
  return step.slice(0, at.level + 1);
}

/** Whether `votes` answer all of the steps `wanted` (indexes) with different people. */
function answersSteps(
  requirement: Requirement,
  progress: readonly StepProgress[],
  votes: readonly CastVote[],
  wanted: readonly number[],
  mayCount: MayCount,
): boolean {
  const approvals = distinctApprovals(votes);
  const choose = (position: number, slots: readonly Slot[]): boolean => {
    const index = wanted[position];
    if (index === undefined) return fillsAll(slots, approvals, mayCount, requirement.mode === 'sequential');
    const stages = openStages(requirement, progress, index);
    return stages.some((stage) => choose(position + 1, [...slots, ...slotsOf(stage, index)]));
  };
  return choose(0, []);
}

/** Indexes of all steps. */
function allSteps(requirement: Requirement): readonly number[] {
  return stepsOf(requirement).map((_step, index) => index);
}

/** Whether nothing is missing any more. A requirement without stages is never answered. */
export function isAnswered(
  requirement: Requirement,
  progress: readonly StepProgress[],
  votes: readonly CastVote[],
  mayCount: MayCount,
): boolean {
  const steps = allSteps(requirement);
  return steps.length > 0 && answersSteps(requirement, progress, votes, steps, mayCount);
}

/** Sequential: the first open step that is not answered; parallel: null, for votes count where they fit. */
export function currentStep(
  requirement: Requirement,
  progress: readonly StepProgress[],
  votes: readonly CastVote[],
  mayCount: MayCount,
): number | null {
  if (requirement.mode === 'parallel') return null;
  const open = allSteps(requirement).filter((index) => progress[index]?.openedAt !== null);
  return open.find((index) => !answersSteps(requirement, progress, votes, [index], mayCount)) ?? null;
}

/** Progress after the votes changed: what is answered by now, and the next step of a chain opened if it is its turn. */
export function progressAfter(
  requirement: Requirement,
  progress: readonly StepProgress[],
  votes: readonly CastVote[],
  now: number,
  mayCount: MayCount,
): readonly StepProgress[] {
  const judged = progress.map((step, index) => ({
    ...step,
    answered: answersSteps(requirement, progress, votes, [index], mayCount),
  }));
  const next = judged.findIndex((step) => step.openedAt === null);
  if (next === -1 || !judged.slice(0, next).every((step) => step.answered)) return judged;
  return judged.map((step, index) => (index === next ? { ...step, openedAt: now } : step));
}

interface Slot {
  readonly stage: Stage;
  readonly step: number;
}

function slotsOf(stage: Stage, step: number): readonly Slot[] {
  return Array.from({ length: Math.max(1, stage.count) }, () => ({ stage, step }));
}

/** The first approval of each person. */
function distinctApprovals(votes: readonly CastVote[]): readonly CastVote[] {
  const byPerson = new Map<string, CastVote>();
  for (const vote of votes) {
    if (vote.verdict === 'approve' && !byPerson.has(vote.approver)) byPerson.set(vote.approver, vote);
  }
  return [...byPerson.values()];
}

/** Bipartite matching by augmenting paths: every slot gets a person, nobody two. */
function fillsAll(
  slots: readonly Slot[],
  votes: readonly CastVote[],
  mayCount: MayCount,
  sequential: boolean,
): boolean {
  const holder = new Map<CastVote, number>();
  const fits = (vote: CastVote, slot: Slot): boolean =>
    (!sequential || vote.step === slot.step) && mayCount(vote, slot.stage);
  const place = (index: number, tried: Set<CastVote>): boolean => {
    const slot = slots[index];
    if (slot === undefined) return false;
    for (const vote of votes) {
      if (tried.has(vote) || !fits(vote, slot)) continue;
      tried.add(vote);
      const holding = holder.get(vote);
      if (holding === undefined || place(holding, tried)) {
        holder.set(vote, index);
        return true;
      }
    }
    return false;
  };
  return slots.every((_slot, index) => place(index, new Set()));
}
