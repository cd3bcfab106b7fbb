/** All metrics of one daemon: what was counted, and what is true at the moment somebody asks. */
import { EventMetrics } from './event-metrics.ts';
import type { MetricFamily } from './metric-text.ts';

/** How the last self-test of hold and release went; null before the first. */
export interface SelfTestState {
  readonly ok: boolean;
  /** Of the last one that passed, ms since the epoch; null when none did. */
  readonly lastPassed: number | null;
  /** ms that the last one took. */
  readonly took: number;
}

/** What is true now; asked at each visit. */
export interface Present {
  readonly version: string;
  readonly sessions: number;
  /** Open requests by state. */
  readonly holds: Readonly<Record<'pending' | 'approved', number>>;
  readonly lockedDown: boolean;
  readonly selfTest: SelfTestState | null;
  /** Bytes. */
  readonly residentMemory: number;
  /** Bytes free for recordings. */
  readonly diskFree: number;
  /** Seconds, the 99th percentile since the last visit. */
  readonly eventLoopLag: number;
}

export class BastionMetrics {
  readonly events: EventMetrics = new EventMetrics();
  readonly #present: () => Promise<Present>;

  /** @param present may fail: then nothing is shown at all */
  constructor(present: () => Promise<Present>) {
    this.#present = present;
  }

  async families(): Promise<readonly MetricFamily[]> {
    const now = await this.#present();
    const { selfTest } = now;
    return [
      gauge('heldline_build_info', 'The version that runs; always 1.', 1, { version: now.version }),
      gauge('heldline_sessions', 'Open sessions.', now.sessions),
      {
        name: 'heldline_holds',
        help: 'Requests that wait now, by state.',
        type: 'gauge',
        samples: Object.entries(now.holds).map(([state, value]) => ({ labels: { state }, value })),
      },
      gauge('heldline_lockdown', '1 while everything is refused for everybody.', Number(now.lockedDown)),
      gauge(
        'heldline_selftest_ok',
        '1 when the last self-test of hold and release passed.',
        Number(selfTest?.ok === true),
      ),
      gauge(
        'heldline_selftest_last_success_timestamp_seconds',
        'When a self-test passed last; 0 when none did.',
        (selfTest?.lastPassed ?? 0) / 1000,
      ),
      gauge('heldline_selftest_duration_seconds', 'What the last self-test took.', (selfTest?.took ?? 0) / 1000),
      gauge('heldline_event_loop_lag_seconds', 'The 99th percentile since the last visit.', now.eventLoopLag),
      gauge('heldline_resident_memory_bytes', 'Memory of the daemon.', now.residentMemory),
      gauge('heldline_disk_free_bytes', 'Free where recordings are kept.', now.diskFree),
      ...this.events.families(),
    ];
  }
}

function gauge(name: string, help: string, value: number, labels?: Readonly<Record<string, string>>): MetricFamily {
  return { name, help, type: 'gauge', samples: [labels === undefined ? { value } : { labels, value }] };
}
