/** What a client says about a session before it starts something in it: its terminal and its environment. */
import type { PseudoTtyInfo } from 'ssh2';
import type { TerminalSize } from '../../../model/session.ts';
import type { TerminalRequest } from '../../../session/ports.ts';
import { EnvironmentFilter } from '../environment-filter.ts';
import { harmlessModes } from '../terminal-modes.ts';

const DEFAULT_SIZE: TerminalSize = { cols: 80, rows: 24 };
/** Larger ones are nobody's screen; they would only cost memory. */
const LARGEST_SIZE: TerminalSize = { cols: 1000, rows: 500 };
const TERM_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;

export class SessionSetup {
  readonly environment: EnvironmentFilter = new EnvironmentFilter();
  #terminal: TerminalRequest | null = null;

  get terminal(): TerminalRequest | null {
    return this.#terminal;
  }

  requestTerminal(info: PseudoTtyInfo & { readonly term?: string }): void {
    const term = info.term ?? '';
    this.#terminal = {
      term: TERM_NAME.test(term) ? term : 'dumb',
      size: clampSize(info.cols, info.rows),
      width: info.width,
      height: info.height,
      modes: harmlessModes(numbersOf(info.modes)),
    };
  }

  /** A resize before anything runs changes the terminal that was asked for. */
  resize(size: TerminalSize): void {
    if (this.#terminal !== null) this.#terminal = { ...this.#terminal, size };
  }
}

/** Cells that an emulator can have; 0, which clients without a terminal size send, becomes 80 by 24. */
export function clampSize(cols: number, rows: number): TerminalSize {
  return {
    cols: cols === 0 ? DEFAULT_SIZE.cols : Math.min(cols, LARGEST_SIZE.cols),
    rows: rows === 0 ? DEFAULT_SIZE.rows : Math.min(rows, LARGEST_SIZE.rows),
  };
}

function numbersOf(modes: unknown): Record<string, number> {
  const numbers: Record<string, number> = {};
  if (typeof modes !== 'object' || modes === null) return numbers;
  for (const [name, value] of Object.entries(modes)) {
    if (typeof value === 'number') numbers[name] = value;
  }
  return numbers;
}
