/** A terminal on which a test draws what a target would, with the line tracker that reads it. */
import { expect } from 'vitest';
import { FakeClock } from '../../src/base/fake-clock.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { type KeyToken, KeyTokenizer } from '../../src/terminal/keys.ts';
import type { LineReading } from '../../src/terminal/line-reading.ts';
import { LineTracker } from '../../src/terminal/line-tracker.ts';

export const PROMPT = 'user@host:~$ ';
export class PaperTerminal {
  readonly clock: FakeClock = new FakeClock();
  readonly emulator: Emulator;
  readonly tracker: LineTracker;
  readonly #keys: KeyTokenizer;
  readonly #signal = new AbortController().signal;

  constructor(cols = 60) {
    this.emulator = new Emulator({ cols, rows: 10 });
    this.tracker = new LineTracker({ emulator: this.emulator, clock: this.clock, roundTrip: () => 0 });
    this.#keys = new KeyTokenizer(this.emulator);
  }

  shows(text: string): this {
    this.emulator.write(Buffer.from(text));
    this.tracker.received();
    return this;
  }

  /** Keys that submit nothing; `echo` is what the target draws for them. */
  types(keys: string, echo: string): this {
    for (const token of this.#cut(keys)) this.tracker.sent(token);
    return echo === '' ? this : this.shows(echo);
  }

  waits(ms: number): this {
    this.clock.advance(ms);
    return this;
  }

  /** Reads the line at a key and sends it. */
  async submits(keys = '\r'): Promise<LineReading> {
    const reading = await this.reads(keys);
    for (const token of this.#cut(keys)) this.tracker.sent(token);
    return reading;
  }

  async reads(keys = '\r'): Promise<LineReading> {
    const [token] = this.#cut(keys);
    let reading: LineReading | undefined;
    if (token !== undefined) void this.tracker.resolve(token, this.#signal).then((read) => (reading = read));
    for (let step = 0; step < 4000 && reading === undefined; step += 1) {
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      if (reading === undefined) this.clock.advance(1);
    }
    expect(reading).toBeDefined();
    return reading ?? Promise.reject(new TypeError('nothing was read'));
  }

  /** One line that teaches the prompt. */
  async learns(): Promise<this> {
    this.shows(PROMPT).types('true', 'true');
    await this.submits();
    return this.shows(`\r\n${PROMPT}`);
  }

  #cut(keys: string): KeyToken[] {
    const now = this.clock.monotonic();
    return [...this.#keys.push(Buffer.from(keys), now), ...this.#keys.flush(now + 30)];
  }
}

/** Everything that is judged. */
export function texts(reading: LineReading): string[] {
  return reading.candidates.map((candidate) => candidate.text.trim());
}
