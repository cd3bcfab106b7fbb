/** Joins what the metrics tell with the daemon that it is about, and opens their listener when it is wanted. */
import { statfs } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { MetricsConfig } from '../config/metrics-config.ts';
import { BastionMetrics, type Present } from '../metrics/bastion-metrics.ts';
import { MetricsListener } from '../metrics/metrics-listener.ts';
import type { LiveSessions } from '../session/live-sessions.ts';
import type { Knowledge } from './knowledge.ts';
import type { State } from './open-state.ts';
import type { SelfTesting } from './self-testing.ts';
import { VERSION } from './version.ts';

export interface MetricsParts {
  readonly metrics: MetricsConfig;
  readonly state: Pick<State, 'audit' | 'layout'>;
  readonly knowledge: Pick<Knowledge, 'desk' | 'lockdown'>;
  readonly live: LiveSessions;
  readonly selfTesting: Pick<SelfTesting, 'last'>;
  readonly logger: Logger;
}

/** ms between two looks at the event loop; the delay is what goes beyond. */
const LAG_RESOLUTION = 20;
const NANOSECONDS = 1e9;

export class Metrics {
  readonly #parts: MetricsParts;
  readonly #listener: MetricsListener;
  readonly #lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION });
  #stopCounting: () => void = () => {};

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    const { logger, metrics, state } = parts;
    const figures = new BastionMetrics(() => this.#present());
    this.#listener = new MetricsListener({ ...metrics, logger, families: () => figures.families() });
    this.#stopCounting = state.audit.subscribe((event) => figures.events.take(event));
  }

  /** Listens. A port that cannot be had turns the metrics off and nothing else; the log says why. */
  async open(): Promise<void> {
    const { logger, metrics } = this.#parts;
    try {
      const port = await this.#listener.start();
      this.#lag.enable();
      logger.info('metrics listen', { host: metrics.listen, port });
    } catch (failure) {
      this.#stopCounting();
      logger.error('metrics are off', { failure: describeFailure(failure) });
    }
  }

  async close(): Promise<void> {
    this.#stopCounting();
    this.#lag.disable();
    await this.#listener.stop();
  }

  async #present(): Promise<Present> {
    const { knowledge, live, selfTesting, state } = this.#parts;
    const requests = await knowledge.desk.list();
    const { bavail, bsize } = await statfs(state.layout.recordings);
    const count = (of: 'pending' | 'approved'): number => requests.filter((one) => one.state === of).length;
    const lag = Math.max(0, this.#lag.percentile(99) / NANOSECONDS - LAG_RESOLUTION / 1000);
    this.#lag.reset();
    return {
      version: VERSION,
      sessions: live.list().length,
      holds: { pending: count('pending'), approved: count('approved') },
      lockedDown: knowledge.lockdown.current !== null,
      selfTest: selfTesting.last,
      residentMemory: process.memoryUsage.rss(),
      diskFree: bavail * bsize,
      eventLoopLag: Number.isFinite(lag) ? lag : 0,
    };
  }
}
