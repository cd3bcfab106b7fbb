/**
 * Reads one line from a terminal in raw mode: printable text, Backspace, Ctrl-U, Enter; Ctrl-C, Ctrl-D on an
 * empty line and Esc give up. Knows nothing of where keys come from or echoes go to.
 */
import { StringDecoder } from 'node:string_decoder';

export type PromptStep =
  | { readonly kind: 'more'; readonly echo: string }
  /** `line` is null when the person gave up. `rest` was typed after the end of the line. */
  | { readonly kind: 'done'; readonly line: string | null; readonly echo: string; readonly rest: string };

/** Characters; more than this in one answer is nobody's answer. */
const LIMIT = 4096;

export class LinePrompt {
  readonly #decoder = new StringDecoder('utf8');
  readonly #hidden: boolean;
  #line = '';

  constructor(hidden: boolean) {
    this.#hidden = hidden;
  }

  /** Takes what was typed; returns what to show and, at the end, the line. */
  push(bytes: Uint8Array): PromptStep {
    const typed = this.#decoder.write(Buffer.from(bytes));
    let echo = '';
    let taken = 0;
    for (const character of typed) {
      taken += character.length;
      const rest = typed.slice(taken);
      if (character === '\r' || character === '\n')
        return { kind: 'done', line: this.#line, echo: `${echo}\r\n`, rest };
      if (this.#givesUp(character)) return { kind: 'done', line: null, echo: `${echo}\r\n`, rest: '' };
      echo += this.#edit(character);
    }
    return { kind: 'more', echo };
  }

  #givesUp(character: string): boolean {
    return character === '\x03' || character === '\x1b' || (character === '\x04' && this.#line === '');
  }

  #edit(character: string): string {
    if (character === '\x7f' || character === '\b') return this.#erase(1);
    if (character === '\x15') return this.#erase([...this.#line].length);
    if (/[\p{Cc}\p{Cf}]/u.test(character) || this.#line.length >= LIMIT) return '';
    this.#line += character;
    return this.#hidden ? '*' : character;
  }

  #erase(count: number): string {
    const characters = [...this.#line];
    const gone = Math.min(count, characters.length);
    this.#line = characters.slice(0, characters.length - gone).join('');
    return '\b \b'.repeat(gone);
  }
}
