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
  /** ms without further output after which `done` has its last word, once there was some; `limit` unless told */
  readonly doubt?: number;
}

/** True once `done` holds and the target is quiet; false when that takes too long or `signal` aborts. */
export function whenSettled(
  { screen, clock }: SettleParts,
  done: () => boolean,
  { limit, quiet = QUIET, doubt = limit }: Patience,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    let cancelQuiet = (): void => {};
    let cancelDoubt = (): void => {};
    const finish = (settled: boolean): void => {
      cancelQuiet();
      cancelDoubt();
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
    const stop = screen.onOutput(() => {
      watch();
      cancelDoubt();
      cancelDoubt = clock.after(doubt, () => finish(done()));
    });
    signal.addEventListener('abort', abort);
    watch();
  });
}
