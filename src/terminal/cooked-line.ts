/**
 * The third witness of a line, beside the keystroke model and the screen: what a terminal driver in canonical mode
 * would make of the keys since the last Enter (termios(3), ICANON). It knows no line editor and no screen, so that
 * nothing a target shows, and no window that changed, takes typed text out of it. It may only make a line stricter.
 */
import type { EditKey, KeyToken } from './key-token.ts';

/** More is no line that anybody types; the last of it is kept. UTF-16 units. */
const LONGEST_LINE = 64 * 1024;
/** Erase the word before the cursor in every editor that knows them, as VWERASE does. */
const WORD_ERASERS: readonly string[] = ['Ctrl-W', 'Alt-Backspace'];

export class CookedLine {
  #text = '';
  #spans = false;
  #known = true;
  #erased = false;

  get text(): string {
    return this.#text;
  }

  /** Some keys of the line erase, and all of them are keys that a terminal driver knows. */
  get erased(): boolean {
    return this.#erased && this.#known && !this.#spans;
  }

  /** It may have begun before what is now taken for the line. */
  get spans(): boolean {
    return this.#spans && this.#text !== '';
  }

  /** An Enter or an interrupt was sent: the next key begins a line. */
  ended(): void {
    this.#text = '';
    this.#spans = false;
    this.#known = true;
    this.#erased = false;
  }

  /** A line is taken to begin here, though no Enter was sent. */
  split(): void {
    this.#spans = true;
  }

  /** The Enter before has run nothing: the line goes on with what was typed since. */
  resumed(earlier: string): void {
    this.#text = earlier + this.#text;
    this.#known = false;
  }

  apply(token: KeyToken): void {
    if (token.kind === 'text' || token.kind === 'paste') this.#insert(token.text);
    else if (token.kind === 'soft-submit') this.#unknown(token.bytes);
    else if (token.kind === 'edit') this.#edit(token.key, token);
  }

  #edit(key: EditKey, { name, bytes }: { readonly name: string; readonly bytes: Uint8Array }): void {
    this.#erased = true;
    if (key === 'kill-start') this.#text = '';
    else if (key === 'backspace') this.#text = this.#text.replace(/.$/su, '');
    else if (WORD_ERASERS.includes(name)) this.#text = this.#text.replace(/\S*\s*$/u, '');
    else this.#unknown(bytes);
  }

  #unknown(bytes: Uint8Array): void {
    this.#known = false;
    this.#insert(soleCharacter(bytes));
  }

  #insert(text: string): void {
    this.#text = (this.#text + text).slice(-LONGEST_LINE);
  }
}

/** The one printable character of a key like v or Escape r, which is text to a program without a line editor. */
function soleCharacter(bytes: Uint8Array): string {
  const [character = 0, more] = bytes[0] === 0x1b ? bytes.subarray(1) : bytes;
  return more === undefined && character > 0x20 && character < 0x7f ? String.fromCharCode(character) : '';
}
