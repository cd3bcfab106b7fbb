/** One step of a sequence: it ends in time and while the sequence is still wanted, or it throws. */
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';

/** Runs `work`. @throws the reason of the signal, a HeldlineError `deadline`, or what `work` throws */
export type Step = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** Steps of at most `limit` ms each that end at once when `signal` aborts. */
export function stepper(clock: Clock, signal: AbortSignal, limit: number): Step {
  return async (what, work) => {
    signal.throwIfAborted();
    const result = await withDeadline(untilAborted(work(), signal), limit, what, clock);
    signal.throwIfAborted();
    return result;
  };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
