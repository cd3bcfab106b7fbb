/** Runs the self-test of hold and release at the start and every hour, and remembers how the last one went. */
import type { Cancel, Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { SelfTestState } from '../metrics/bastion-metrics.ts';
import { selfTest } from '../session/self-test.ts';
import type { Knowledge } from './knowledge.ts';
import type { State } from './open-state.ts';

export interface SelfTestingParts {
  readonly state: Pick<State, 'store' | 'audit' | 'node'>;
  readonly knowledge: Pick<Knowledge, 'bastionIdentity'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const HOUR = 3_600_000;

export class SelfTesting {
  readonly #parts: SelfTestingParts;
  #last: SelfTestState | null = null;
  #cancel: Cancel = () => {};
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: SelfTestingParts) {
    this.#parts = parts;
  }

  /** null before the first one is over. */
  get last(): SelfTestState | null {
    return this.#last;
  }

  /** Begins now, and again an hour after each. Nothing waits for it and nothing depends on how it goes. */
  start(): void {
    if (this.#stopped) return;
    const { clock, logger } = this.#parts;
    this.#running = this.#once()
      .catch((failure: unknown) => {
        logger.error('the self-test was not written down', { failure: describeFailure(failure) });
      })
      .finally(() => {
        if (!this.#stopped) this.#cancel = clock.after(HOUR, () => this.start());
      });
  }

  /** Resolves when none is running any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  async #once(): Promise<void> {
    const { state, knowledge, clock, logger } = this.#parts;
    const { audit, node, store } = state;
    const begun = clock.monotonic();
    const bastion = knowledge.bastionIdentity;
    const result = await selfTest({ store: store.approvals, audit, clock, bastion, boot: node.boot });
    const took = clock.monotonic() - begun;
    const ok = result.kind === 'passed';
    this.#last = { ok, took, lastPassed: ok ? clock.now() : (this.#last?.lastPassed ?? null) };
    if (!ok) logger.error('the self-test of hold and release failed', { failure: result.why });
    const ms = Math.round(took);
    await audit.append(
      ok
        ? { type: 'selftest.passed', outcome: 'success', detail: { ms } }
        : { type: 'selftest.failed', outcome: 'failure', reason: result.why, detail: { ms } },
    );
  }
}
