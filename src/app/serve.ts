/** Runs one daemon until it is told to stop. */
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import { compose } from './compose.ts';
import type { Heldline } from './heldline.ts';

export interface ServeOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The process, as far as signals go. */
  readonly signals: Pick<NodeJS.Process, 'on' | 'off'>;
}

/** Resolves to the exit code once the daemon has stopped. @throws HeldlineError when it cannot start */
export async function serve(options: ServeOptions): Promise<number> {
  const { signals, logger } = options;
  const { heldline } = await compose(options);
  await heldline.start();
  return new Promise((resolve, reject) => {
    const stop = stopper(heldline, logger, resolve, reject);
    const reload = (): void => {
      heldline
        .reload('SIGHUP')
        .catch((failure: unknown) => logger.error('reload failed', { failure: describeFailure(failure) }));
    };
    signals.on('SIGTERM', stop);
    signals.on('SIGINT', stop);
    signals.on('SIGHUP', reload);
    // Node opens its inspector on SIGUSR1 unless somebody listens.
    signals.on('SIGUSR1', () => logger.info('SIGUSR1 is ignored'));
    crashWith(signals, heldline, logger);
  });
}

/** The first call drains, the second one does not wait any more. */
function stopper(
  heldline: Heldline,
  logger: Logger,
  done: (code: number) => void,
  failed: (failure: unknown) => void,
): () => void {
  let asked = 0;
  return () => {
    asked += 1;
    logger.info(asked === 1 ? 'draining' : 'stopping now');
    const how = asked === 1 ? 'drain' : 'now';
    heldline.stop(how).then(() => done(0), failed);
  };
}

/** A bug that nobody caught ends the process: what it would do next is unknown, and nothing may be released by it. */
function crashWith(signals: Pick<NodeJS.Process, 'on'>, heldline: Heldline, logger: Logger): void {
  const crash = (failure: unknown): void => {
    logger.error('crashed', {
      failure: describeFailure(failure),
      stack: failure instanceof Error ? (failure.stack ?? '') : '',
    });
    heldline.crash();
  };
  signals.on('uncaughtException', crash);
  signals.on('unhandledRejection', crash);
}
