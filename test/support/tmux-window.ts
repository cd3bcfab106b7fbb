/** A program in a window of tmux, driven by tmux's own commands: what people on a phone or in a pane have. */
import { randomBytes } from 'node:crypto';
import { runOrFail, runProgram } from './run-program.ts';
import { waitUntil } from './wait-until.ts';

export class TmuxWindow implements AsyncDisposable {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  /** Runs `words` in a window of that size. */
  static async open(words: readonly string[], cols: number, rows: number): Promise<TmuxWindow> {
    const window = new TmuxWindow(`heldline-${randomBytes(6).toString('hex')}`);
    const size = ['-x', String(cols), '-y', String(rows)];
    await window.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, words.map(quoted).join(' '));
    await window.#tmux('set-option', '-g', 'status', 'off');
    await window.#tmux('set-option', '-g', 'window-size', 'manual');
    await window.resize(cols, rows);
    return window;
  }

  /** Presses keys by tmux's names, as `Enter` or `Escape`; a letter is itself. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async resize(cols: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(cols), '-y', String(rows));
  }

  /** The rows that are seen, without blanks at their ends. */
  async screen(): Promise<string> {
    const { text } = await this.#tmux('capture-pane', '-p');
    return text.replace(/\n$/, '');
  }

  /** The screen once `shows` holds of it. @throws Error with the screen when that takes too long */
  async waitFor(shows: (screen: string) => boolean): Promise<string> {
    let last = '';
    const found = waitUntil('the screen shows it', async () => {
      last = await this.screen();
      return shows(last) ? last : null;
    });
    return found.catch((cause: unknown) => {
      throw new Error(`the screen never showed it:\n${last}`, { cause });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runProgram('tmux', ['-L', this.#socket, 'kill-server']);
  }

  #tmux(...words: readonly string[]): ReturnType<typeof runOrFail> {
    return runOrFail('tmux', ['-L', this.#socket, ...words]);
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
