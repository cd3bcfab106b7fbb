/** Waiting for the target to answer on the screen. */
import type { Clock } from '../../base/clock.ts';
import type { UserScreen } from './user-screen.ts';

/** A line editor writes its answer in one go; this long without output counts as the end of it, ms. */
const QUIET = 30;

export interface SettleParts {
  readonly screen: Pick<UserScreen, 'onOutput'>;
  readonly clock: Clock;
}

export interface Patience {
  /** ms until the answer is no */
  readonly limit: number;
  /** ms without output after which `done` is asked; 30 unless told */
  readonly quiet?: number;
}

/** True once `done` holds and the target is quiet; false when that takes too long or `signal` aborts. */
export function whenSettled(
  { screen, clock }: SettleParts,
  done: () => boolean,
  { limit, quiet = QUIET }: Patience,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    let cancelQuiet = (): void => {};
    const finish = (settled: boolean): void => {
      cancelQuiet();
      cancelLimit();
      stop();
      signal.removeEventListener('abort', abort);
      resolve(settled);
    };
    const abort = (): void => finish(false);
    const watch = (): void => {
      cancelQuiet();
      cancelQuiet = clock.after(quiet, () => {
        if (done()) finish(true);
      });
    };
    const cancelLimit = clock.after(limit, () => finish(done()));
    const stop = screen.onOutput(watch);
    signal.addEventListener('abort', abort);
    watch();
  });
}
