/** Waits for the next output or for time to pass, whichever comes first. */
import type { Cancel, Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';

export class ChangeWaiter {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something arrived: everybody who waits goes on. */
  changed(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next change or after `ms`. @throws HeldlineError `aborted` when `signal` aborts */
  next(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let cancel: Cancel | undefined;
      const end = (): void => {
        cancel?.();
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', abort);
      };
      const wake = (): void => {
        end();
        resolve();
      };
      const abort = (): void => {
        end();
        reject(new HeldlineError('aborted', 'reading the line was given up', { cause: signal.reason }));
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(wake);
      // A timer of 0 ms could fire before the clock has moved on.
      cancel = this.#clock.after(Math.max(1, Math.ceil(ms)), wake);
    });
  }
}
