/**
 * A program in a real pty with an emulated screen, driven as by a person: type, look, wait, resize. The emulator
 * answers the program's queries (cursor position, device attributes) as a terminal would.
 */
// A CommonJS module: Node finds its names only on the default export.
import headless, { type Terminal } from '@xterm/headless';
import { type IPty, spawn } from 'node-pty';
import { findProgram } from './find-program.ts';
import { seenRows } from './seen-rows.ts';

export interface ScreenTerminalOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** `TERM` of the program; `xterm-256color` without it. */
  readonly term?: string;
}

type Expectation = RegExp | string | ((screen: string) => boolean);

export class ScreenTerminal implements AsyncDisposable {
  /** Resolves with the exit code when the program has ended and its output is on the screen. */
  readonly ended: Promise<number>;
  readonly #pty: IPty;
  readonly #terminal: Terminal;
  readonly #chunks: Buffer[] = [];
  readonly #listeners = new Set<() => void>();
  #exitCode: number | null = null;
  #cursorHidden = false;

  private constructor(pty: IPty, terminal: Terminal) {
    this.#pty = pty;
    this.#terminal = terminal;
    terminal.onData((reply) => pty.write(reply));
    this.#watchCursor();
    pty.onData((data) => this.#show(data));
    this.ended = new Promise((resolve) => {
      pty.onExit(({ exitCode, signal }) => {
        // What the program wrote last has been given to the emulator; an empty write ends after it.
        terminal.write('', () => {
          this.#exitCode = signal ? 128 + signal : exitCode;
          this.#tell();
          resolve(this.#exitCode);
        });
      });
    });
  }

  /** Starts `program`. @throws Error that names the Debian package when it is missing */
  static start(program: string, words: readonly string[], options: ScreenTerminalOptions = {}): ScreenTerminal {
    const { cols = 80, rows = 24, term = 'xterm-256color' } = options;
    const env = { ...(options.env ?? process.env), TERM: term };
    const where = options.cwd === undefined ? {} : { cwd: options.cwd };
    // No encoding: the bytes must reach the emulator as they came.
    const pty = spawn(findProgram(program), [...words], { cols, rows, env, name: term, encoding: null, ...where });
    return new ScreenTerminal(pty, new headless.Terminal({ cols, rows, scrollback: 10_000, allowProposedApi: true }));
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** Null while the program runs. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /** All bytes that the program wrote. */
  get output(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Sends keys as they are: `\r` is Enter, `\x03` is Ctrl-C, `\x1b[A` is up. */
  type(keys: string | Uint8Array): void {
    this.#pty.write(Buffer.from(keys));
  }

  /** The visible screen: one line a row, without what was never written and without empty rows at the end. */
  screen(): string {
    const buffer = this.#terminal.buffer.active;
    return this.#rows(buffer.viewportY, this.#terminal.rows);
  }

  /** The visible screen with colours, drawing and the cursor, to be compared with another window's. */
  seen(): string {
    const { x, y } = this.cursor;
    return `${seenRows(this.#terminal).join('\n')}\ncursor ${this.#cursorHidden ? 'hidden' : `${x}, ${y}`}`;
  }

  /** The screen with everything that scrolled away above it. */
  history(): string {
    return this.#rows(0, this.#terminal.buffer.active.length);
  }

  /** Column and row of the cursor on the screen, from 0. */
  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  get isAlternateScreen(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
    this.#pty.resize(cols, rows);
  }

  /**
   * Resolves with the screen once it shows what is expected.
   * @throws Error with the screen when the program ends or `deadline` ms pass before it does
   */
  async waitFor(expected: Expectation, deadline = 15_000): Promise<string> {
    const end = performance.now() + deadline;
    for (;;) {
      const screen = this.screen();
      if (shows(screen, expected)) return screen;
      const left = end - performance.now();
      if (this.#exitCode !== null) throw new Error(`ended with ${this.#exitCode} before ${expected}:\n${screen}`);
      if (left <= 0) throw new Error(`no ${expected} within ${deadline} ms:\n${screen}`);
      await this.#change(left);
    }
  }

  /** Resolves with the exit code. @throws Error with the screen when `deadline` ms pass before the program ends */
  async waitForEnd(deadline = 15_000): Promise<number> {
    const end = performance.now() + deadline;
    while (this.#exitCode === null) {
      const left = end - performance.now();
      if (left <= 0) throw new Error(`still running after ${deadline} ms:\n${this.screen()}`);
      await this.#change(left);
    }
    return this.#exitCode;
  }

  /** Hangs up as a closed window does; kills what is still there after two seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exitCode === null) {
      this.#pty.kill('SIGHUP');
      const timer = setTimeout(() => this.#pty.kill('SIGKILL'), 2_000);
      await this.ended;
      clearTimeout(timer);
    }
    this.#terminal.dispose();
  }

  #show(data: string | Buffer): void {
    const bytes = Buffer.from(data);
    this.#chunks.push(bytes);
    this.#terminal.write(bytes, () => this.#tell());
  }

  /** The emulator does not tell whether a program hid the cursor (DECTCEM). */
  #watchCursor(): void {
    for (const final of ['h', 'l']) {
      this.#terminal.parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
        if (modes.includes(25)) this.#cursorHidden = final === 'l';
        return false;
      });
    }
  }

  #rows(first: number, count: number): string {
    const buffer = this.#terminal.buffer.active;
    const { cols } = this.#terminal;
    // Lines of a window that was wider keep what stood beyond its edge.
    const text = (row: number): string => buffer.getLine(first + row)?.translateToString(true, 0, cols) ?? '';
    const lines = Array.from({ length: count }, (_, row) => text(row));
    return lines.join('\n').replace(/\n+$/, '');
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, deadline);
      this.#listeners.add(finish);
    });
  }
}

function shows(screen: string, expected: Expectation): boolean {
  if (typeof expected === 'function') return expected(screen);
  return typeof expected === 'string' ? screen.includes(expected) : expected.test(screen);
}
