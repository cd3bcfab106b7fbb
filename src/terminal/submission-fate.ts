/** When it can be believed what a submission came to: output may still answer the keys before it. */
import type { Clock } from '../base/clock.ts';
import type { ChangeWaiter } from './change-waiter.ts';
import type { EchoTimes } from './echo-times.ts';
import type { Emulator } from './emulator.ts';
import { type PromptState, waitForPrompt } from './prompt-arrival.ts';
import type { PromptMemory } from './prompt-memory.ts';
import { atKnownPrompt } from './screen-rows.ts';
import { type Effect, effectOf, type Submitted } from './submission.ts';

export interface SubmissionFateParts {
  readonly emulator: Emulator;
  readonly clock: Clock;
  readonly times: EchoTimes;
  readonly waiter: ChangeWaiter;
}

export class SubmissionFate {
  /** Output came since the last line ended. */
  answered = false;
  readonly #parts: SubmissionFateParts;

  constructor(parts: SubmissionFateParts) {
    this.#parts = parts;
  }

  /** What it came to, as it looks now. */
  of(submitted: Submitted): Effect {
    return effectOf(this.#parts.emulator, submitted, this.answered);
  }

  /**
   * Resolves when the next prompt is there, or need not be waited for any longer.
   * @throws HeldlineError `aborted` when `signal` aborts
   */
  promptArrives(prompts: PromptMemory, signal: AbortSignal): Promise<void> {
    const arrived = (): PromptState => {
      if (!this.answered) return 'nothing';
      return atKnownPrompt(this.#parts.emulator, prompts) ? 'prompt' : 'something';
    };
    return waitForPrompt({ ...this.#parts, arrived }, signal);
  }

  /** ms until what an Enter came to can be believed; 0 when it ran its line, or its effect is known. */
  doubtLeft(submitted: Submitted | undefined): number {
    if (submitted === undefined || submitted.soft || submitted.effect !== undefined) return 0;
    if (submitted.alternate || submitted.reading?.line.hidden !== false) return 0;
    if (this.answered && this.of(submitted) === 'executed' && !this.#stayed(submitted)) return 0;
    const { clock, times } = this.#parts;
    const now = clock.monotonic();
    const quiet = now - Math.max(submitted.at, times.lastOutput);
    return Math.max(0, Math.min(this.#patience('not-executed') - quiet, this.#limit() - (now - submitted.at)));
  }

  /**
   * Resolves once nothing of what `doubtLeft` says is left.
   * @throws HeldlineError `aborted` when `signal` aborts
   */
  async believed(last: () => Submitted | undefined, signal: AbortSignal): Promise<void> {
    for (let left = this.doubtLeft(last()); left > 0; left = this.doubtLeft(last())) {
      await this.#parts.waiter.next(left, signal);
    }
  }

  /**
   * Resolves once the effect is known, or nothing more has come for so long that it is what it looks like.
   * @throws HeldlineError `aborted` when `signal` aborts
   */
  async settled(submitted: Submitted, signal: AbortSignal): Promise<void> {
    const { clock, times, waiter } = this.#parts;
    const started = clock.monotonic();
    while (submitted.effect === undefined) {
      const quiet = clock.monotonic() - Math.max(started, times.lastOutput);
      const patience = this.#patience(this.of(submitted));
      const limit = this.#limit() - (clock.monotonic() - started);
      if ((quiet >= patience && this.answered) || limit <= 0) return;
      await waiter.next(Math.min(limit, Math.max(patience - quiet, 5)), signal);
    }
  }

  /** The cursor is still in the row of the Enter: what came answers an earlier key, or the row was used again. */
  #stayed({ cursor }: Submitted): boolean {
    return cursor !== undefined && cursor.line >= 0 && cursor.line === this.#parts.emulator.cursor.line;
  }

  /** How long it is waited at most, ms. */
  #limit(): number {
    return Math.max(1500, 8 * this.#parts.times.roundTrip);
  }

  /** How long nothing may come before the effect is believed, ms; that a line was not taken needs more proof. */
  #patience(effect: Effect): number {
    const { roundTrip } = this.#parts.times;
    return effect === 'executed' ? 30 + 1.5 * roundTrip : Math.max(200, 60 + 3 * roundTrip);
  }
}
