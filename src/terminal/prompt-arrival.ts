/** Waits for the prompt when a submit key is the first key of a line: it may still be on its way. */
import type { Clock } from '../base/clock.ts';
import type { ChangeWaiter } from './change-waiter.ts';
import type { EchoTimes } from './echo-times.ts';

/** What came since the last submission: nothing, something, or a known prompt as the last thing. */
export type PromptState = 'nothing' | 'something' | 'prompt';

export interface PromptArrival {
  readonly arrived: () => PromptState;
  readonly clock: Clock;
  readonly times: EchoTimes;
  readonly waiter: ChangeWaiter;
}

/** Resolves when a known prompt is there, when output has paused, or when nothing came for about two round trips. */
export async function waitForPrompt(parts: PromptArrival, signal: AbortSignal): Promise<void> {
  const { arrived, clock, times, waiter } = parts;
  const started = clock.monotonic();
  for (;;) {
    const now = clock.monotonic();
    const state = arrived();
    const limit = Math.max(150, 60 + 2 * times.roundTrip) - (now - started);
    const still = 10 + times.roundTrip / 2 - (now - times.lastOutput);
    if (limit <= 0 || state === 'prompt' || (state === 'something' && still <= 0)) return;
    await waiter.next(state === 'nothing' ? limit : Math.min(limit, still), signal);
  }
}
