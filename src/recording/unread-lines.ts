/**
 * Feeds an emulator and remembers which line of its normal buffer was not read yet, while lines scroll, are
 * reflowed and erased. Fed in slices so small that they cannot push unread lines out of the scrollback.
 */

import type { TerminalSize } from '../model/session.ts';
import { Emulator, type LineMark } from '../terminal/emulator.ts';
import { usableSize } from './terminal-size.ts';

const SCROLLBACK = 20_000;
const SLICE = 2048;

export class UnreadLines {
  readonly emulator: Emulator;
  #mark: LineMark | undefined;
  /** Top of the screen before the last slice: where to go on when the marked line was erased. */
  #topBefore = 0;

  constructor(size: TerminalSize) {
    this.emulator = new Emulator({ ...usableSize(size), scrollback: SCROLLBACK });
    this.readTo(0);
  }

  /** The first unread absolute line. */
  get first(): number {
    const line = this.#mark?.line ?? -1;
    return line === -1 ? this.#topBefore : line;
  }

  /** Everything before this absolute line has been read; in the normal buffer only. */
  readTo(line: number): void {
    this.#mark?.dispose();
    this.#mark = this.emulator.mark(line, 0);
    this.#topBefore = this.emulator.top;
  }

  /** Feeds `bytes`; `look` is called whenever lines may have been finished. */
  write(bytes: Uint8Array, look: () => void): void {
    for (let at = 0; at < bytes.length; at += SLICE) {
      if (!this.emulator.alternate) this.#topBefore = this.emulator.top;
      this.emulator.write(bytes.subarray(at, at + SLICE));
      look();
    }
  }

  resize(size: TerminalSize): void {
    const { cols, rows } = usableSize(size);
    this.emulator.resize(cols, rows);
  }

  dispose(): void {
    this.emulator.dispose();
  }
}
