/** A person who looks at something full-screen: a terminal that draws what it is told, and keys to press. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Cancel } from '../../src/base/clock.ts';
import { FakeClock } from '../../src/base/fake-clock.ts';
import { HeldlineError } from '../../src/base/heldline-error.ts';
import type { TerminalSize } from '../../src/model/session.ts';
import type { PlayerTerminal } from '../../src/recording/player/full-screen.ts';
import { Emulator } from '../../src/terminal/emulator.ts';

/** Counts how often somebody began to wait. */
class CountingClock extends FakeClock {
  waits = 0;

  override after(delay: number, action: () => void): Cancel {
    this.waits += 1;
    return super.after(delay, action);
  }
}

/** A viewer: a terminal that draws what it is told, and hands to press keys with. */
export class Viewer implements PlayerTerminal {
  size: TerminalSize;
  written = '';
  /** A terminal that takes no more until this resolves. */
  stuck: Promise<void> = Promise.resolve();
  readonly clock: CountingClock = new CountingClock();
  readonly #screen: Emulator;
  #onKeys: (bytes: Uint8Array) => void = notListening;
  #onResize: (size: TerminalSize) => void = notListening;

  constructor(size: TerminalSize) {
    this.size = size;
    this.#screen = new Emulator(size);
  }

  async out(text: string): Promise<void> {
    this.written += text;
    this.#screen.write(Buffer.from(text));
    await this.stuck;
  }

  keys(onKeys: (bytes: Uint8Array) => void, onResize: (size: TerminalSize) => void): () => void {
    this.#onKeys = onKeys;
    this.#onResize = onResize;
    return () => {
      this.#onKeys = notListening;
    };
  }

  press(text: string): void {
    this.#onKeys(Buffer.from(text));
  }

  resize(size: TerminalSize): void {
    this.size = size;
    this.#screen.resize(size.cols, size.rows);
    this.#onResize(size);
  }

  /** Moves the clock in the player's ticks, each once it waits for the next one. */
  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 40) {
      const { waits } = this.clock;
      this.clock.advance(40);
      for (let i = 0; i < 1000 && this.clock.waits === waits && this.#isMoving; i++) await turn();
    }
  }

  get #isMoving(): boolean {
    return /^(?:playing|watching) /.test(this.status);
  }

  rows(): string[] {
    const top = this.#screen.top;
    return Array.from({ length: this.#screen.rows }, (_, row) =>
      (this.#screen.row(top + row)?.cells ?? [])
        .map((cell) => (cell.width === 0 ? '' : cell.chars || ' '))
        .join('')
        .trimEnd(),
    );
  }

  get status(): string {
    return this.rows().at(-1) ?? '';
  }

  get alternate(): boolean {
    return this.#screen.alternate;
  }
}

function notListening(): never {
  throw new HeldlineError('test.viewer', 'Nobody listens to this terminal.');
}
