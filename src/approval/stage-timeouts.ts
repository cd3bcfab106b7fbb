/** What happens to a stage that nobody answers in time: it escalates or denies, it never approves. Pure. */
import type { HeldRequest, StepProgress } from './ports.ts';
import { stepsOf } from './requirement-progress.ts';

export type StageVerdict =
  | { readonly kind: 'waits' }
  | { readonly kind: 'deny'; readonly why: string }
  | { readonly kind: 'escalate'; readonly next: HeldRequest };

/** When the first unanswered stage falls due, ms since the epoch; null when none has a time of its own. */
export function nextStageDue(request: HeldRequest): number | null {
  const due = waiting(request).map((one) => one.due);
  return due.length === 0 ? null : Math.min(...due);
}

/** What is to be done at `now`, ms since the epoch. */
export function stageVerdict(request: HeldRequest, now: number): StageVerdict {
  if (request.state !== 'pending') return { kind: 'waits' };
  const overdue = waiting(request).find((one) => one.due <= now);
  if (overdue === undefined) return { kind: 'waits' };
  const { index, level, escalates } = overdue;
  if (!escalates) return { kind: 'deny', why: 'nobody who was asked answered in time' };
  const steps = request.steps.map((step, at) => (at === index ? { ...step, openedAt: now, level: level + 1 } : step));
  return { kind: 'escalate', next: { ...request, steps, version: request.version + 1 } };
}

interface Waiting {
  readonly index: number;
  readonly level: number;
  readonly due: number;
  readonly escalates: boolean;
}

function waiting(request: HeldRequest): readonly Waiting[] {
  return request.steps.flatMap((progress, index) => waitingStep(request, progress, index) ?? []);
}

function waitingStep(request: HeldRequest, progress: StepProgress, index: number): Waiting | null {
  const step = stepsOf(request.requirement)[index];
  const stage = step?.[progress.level];
  if (stage?.timeout === undefined || progress.openedAt === null) return null;
  if (progress.answered) return null;
  const escalates = stage.onTimeout === 'escalate' && step?.[progress.level + 1] !== undefined;
  return { index, level: progress.level, due: progress.openedAt + stage.timeout, escalates };
}
