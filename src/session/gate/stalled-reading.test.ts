/** The reading of a line waits for what the line before came to: when that wait hangs, nothing is sent, for a bounded time. */
import { expect, test } from 'vitest';
import { GateBed } from '../../../test/support/gate-bed.ts';
import type { Cancel, Clock } from '../../base/clock.ts';
import { LineTracker } from '../../terminal/line-tracker.ts';

/** ms after which the gate gives a line up. */
const GIVEN_UP = 10_000;

function bytesSent(bed: GateBed, from = 0): string {
  return bed.sent
    .slice(from)
    .map(({ bytes }) => Buffer.from(bytes).toString())
    .join('');
}

/** The clock of a tracker that can be stopped: then no time passes, and no timer ends. */
class StoppableClock implements Clock {
  stopped: number | null = null;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  monotonic(): number {
    return this.stopped ?? this.#clock.monotonic();
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, action: () => void): Cancel {
    return this.stopped === null ? this.#clock.after(ms, action) : () => {};
  }

  stop(): void {
    this.stopped = this.monotonic();
  }
}

test('the Enter behind one whose fate is never known is not sent, and its line is given up', async () => {
  let clock: StoppableClock | undefined;
  const bed = new GateBed({
    tracker: (emulator, running) => {
      clock = new StoppableClock(running);
      return new LineTracker({ emulator, clock, roundTrip: () => 1 });
    },
  });
  await bed.pass(400);
  await bed.enter('echo one', 100);
  bed.shell.receive = () => {};
  bed.type('\r');
  while (!bytesSent(bed).includes('\r')) await bed.pass(5);
  clock?.stop();
  const before = bed.sent.length;
  await bed.enter('rm -r old\r', GIVEN_UP - 500);
  expect(bytesSent(bed, before)).not.toContain('\r');
  expect(bed.judged).toEqual(['echo one']);
  expect(bed.seen).not.toContain('heldline');
  await bed.pass(GIVEN_UP);
  expect(bytesSent(bed, before)).not.toContain('\r');
  expect(bed.released).toEqual([]);
  expect(bed.seen).toContain('it took too long');
});
