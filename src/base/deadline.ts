/** Waiting with an end: every wait in the program goes through here or carries its own timer. */
import type { Clock } from './clock.ts';
import { HeldlineError } from './heldline-error.ts';

/**
 * `work`, or a `HeldlineError` with code `deadline` when it takes longer than `ms`.
 * The work itself is not stopped; pass it an AbortSignal if it can be.
 */
export function withDeadline<T>(work: Promise<T>, ms: number, what: string, clock: Clock): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new HeldlineError('deadline', `${what} did not finish in ${ms} ms`)));
    work.then(resolve, reject).finally(cancel);
  });
}
