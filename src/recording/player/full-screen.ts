/**
 * A person's terminal in full-screen use: draws rows and writes only those that changed. Knows nothing of what
 * the rows mean; they must be safe already.
 */
import type { TerminalSize } from '../../model/session.ts';
import { CSI, moveTo } from '../../terminal/paint.ts';

/** What the player needs of a terminal; `out` may be slow, then the next drawing waits for its promise. */
export interface PlayerTerminal {
  readonly size: TerminalSize;
  /** Text with control sequences; never a bare line feed. */
  out(text: string): void | Promise<void>;
  /** Delivers raw keys and new sizes from now on; returns how to stop. */
  keys(onKeys: (bytes: Uint8Array) => void, onResize: (size: TerminalSize) => void): () => void;
}

const ENTER = `${CSI}?1049h${CSI}?25l${CSI}?7l${CSI}0m${CSI}2J`;
const LEAVE = `${CSI}0m${CSI}?7h${CSI}?25h${CSI}?1049l`;
/** Synchronized output, so that no half-drawn screen is seen. */
const BEGIN = `${CSI}?2026h`;
const END = `${CSI}?2026l`;

export class FullScreen {
  readonly #terminal: PlayerTerminal;
  #shown: readonly string[] = [];

  constructor(terminal: PlayerTerminal) {
    this.#terminal = terminal;
  }

  get size(): TerminalSize {
    return this.#terminal.size;
  }

  async enter(): Promise<void> {
    await this.#terminal.out(ENTER);
  }

  async leave(): Promise<void> {
    await this.#terminal.out(LEAVE);
  }

  /** Everything is drawn again next time: the terminal has another size. */
  forget(): void {
    this.#shown = [];
  }

  /** Shows `rows` from the top; what is below is cleared. */
  async draw(rows: readonly string[]): Promise<void> {
    const changes: string[] = this.#shown.length === 0 ? [`${CSI}0m${CSI}2J`] : [];
    for (let row = 0; row < Math.max(rows.length, this.#shown.length); row += 1) {
      const text = rows[row] ?? '';
      if (text !== this.#shown[row]) changes.push(`${moveTo(row, 0)}${CSI}0m${CSI}2K${text}`);
    }
    this.#shown = [...rows];
    if (changes.length > 0) await this.#terminal.out(`${BEGIN}${changes.join('')}${CSI}0m${END}`);
  }
}
