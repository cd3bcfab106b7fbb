/**
 * A shell in memory, for tests of what reaches a target: a line editor with a prompt that echoes, erases, pastes
 * and keeps a list of the lines that it was given. It runs nothing.
 */
export interface PaperShellOptions {
  readonly prompt?: string;
  /** Of the terminal; 80 unless told. */
  readonly cols?: number;
  /** Whether the shell switches bracketed paste on. */
  readonly bracketedPaste?: boolean;
}

const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';

export class PaperShell {
  /** Every line that was submitted, in order. */
  readonly executed: string[] = [];
  prompt: string;
  /** Ctrl-U has no effect, as in the command mode of vi. */
  deafToKill = false;
  /** Neither Ctrl-U nor Ctrl-C has one. */
  stubborn = false;
  echo = true;
  /** Shown in place of each character. */
  mask: string | null = null;
  /** Replaces what is typed, as a hostile line editor may. */
  distort: (typed: string) => string = (typed) => typed;
  readonly #bracketed: boolean;
  readonly #cols: number;
  readonly #write: (text: string) => void;
  #line = '';
  #pasting = false;

  constructor(write: (text: string) => void, options: PaperShellOptions = {}) {
    this.#write = write;
    this.prompt = options.prompt ?? 'root@web2:~# ';
    this.#cols = options.cols ?? 80;
    this.#bracketed = options.bracketedPaste ?? true;
  }

  get line(): string {
    return this.#line;
  }

  start(): void {
    this.#write(`${this.#bracketed ? '\x1b[?2004h' : ''}${this.prompt}`);
  }

  receive(bytes: Uint8Array): void {
    let rest = Buffer.from(bytes).toString('utf8');
    while (rest.length > 0) rest = rest.slice(this.#take(rest));
  }

  #take(text: string): number {
    if (text.startsWith(PASTE_BEGIN) || text.startsWith(PASTE_END)) {
      this.#pasting = text.startsWith(PASTE_BEGIN);
      return PASTE_BEGIN.length;
    }
    const [character = ''] = text;
    if (this.#pasting) this.#type(character === '\r' ? '\n' : character);
    else this.#key(character);
    return character.length;
  }

  #key(character: string): void {
    if (character === '\r' || character === '\n') this.#submit();
    else if (character === '\x03') this.#interrupt();
    else if (character === '\x15') this.#kill();
    else if (character === '\x7f') this.#erase(1);
    else if (character >= ' ') this.#type(character);
  }

  #type(character: string): void {
    const typed = this.distort(character);
    this.#line += typed;
    if (this.echo) this.#write(this.mask ?? typed.replaceAll('\n', '\r\n'));
  }

  #submit(): void {
    this.executed.push(this.#line);
    this.#line = '';
    this.#write(`\r\n${this.prompt}`);
  }

  #interrupt(): void {
    if (this.stubborn) return;
    this.#line = '';
    this.#write(`^C\r\n${this.prompt}`);
  }

  #kill(): void {
    if (!this.deafToKill && !this.stubborn) this.#erase(this.#line.length);
  }

  #erase(count: number): void {
    const cells = this.prompt.length + this.#line.length;
    this.#line = this.#line.slice(0, Math.max(0, this.#line.length - count));
    if (!this.echo) return;
    const up = Math.max(0, Math.ceil(cells / this.#cols) - 1);
    this.#write(`${up > 0 ? `\x1b[${up}A` : ''}\r\x1b[${up > 0 ? 'J' : 'K'}${this.prompt}${this.#line}`);
  }
}
