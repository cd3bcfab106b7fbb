/** One line that a person types on a page: appended to at its end, erased from its end. */
import type { ScreenKey } from './key-reader.ts';

/** Characters; nobody's answer is longer. */
const LIMIT = 500;

export class TextField {
  readonly #hidden: boolean;
  #text: string;

  constructor(options: { readonly hidden?: boolean; readonly text?: string } = {}) {
    this.#hidden = options.hidden === true;
    this.#text = options.text ?? '';
  }

  get text(): string {
    return this.#text;
  }

  get isEmpty(): boolean {
    return this.#text === '';
  }

  /** As it is shown: `*` for each character where it is hidden, and the cursor. */
  get shown(): string {
    return `${this.#hidden ? '*'.repeat([...this.#text].length) : this.#text}_`;
  }

  set(text: string): void {
    this.#text = text;
  }

  /** @returns whether the key was meant for a line of text */
  press(key: ScreenKey): boolean {
    if (key.kind === 'text') {
      if (this.#text.length < LIMIT) this.#text += key.text;
      return true;
    }
    if (key.kind === 'erase') {
      this.#text = [...this.#text].slice(0, -1).join('');
      return true;
    }
    if (key.kind === 'ctrl' && key.letter === 'u') {
      this.#text = '';
      return true;
    }
    return false;
  }
}
