/** Tells fish by what it prints. A program that prints the same is treated with more care, never with less. */

/** fish ends every colour so on terminals of the xterm family, and no other program known does. */
const COLOUR_END = Buffer.from('\x1b[30m\x1b(B\x1b[m', 'latin1');
/** Its mark of output without a newline at the end, drawn and wiped away before every prompt. */
const NEWLINE_MARK = Buffer.from('\u23ce', 'utf8');

/** Enough of earlier output that a sign which comes in two pieces is found. Bytes. */
const TAIL = COLOUR_END.length - 1;

export class FishSignature {
  #tail: Buffer = Buffer.alloc(0);
  #seen = false;

  /** Output since `forget` looked like that of fish. */
  get seen(): boolean {
    return this.#seen;
  }

  forget(): void {
    this.#seen = false;
  }

  /** Plain text came, in which there is no sign: none goes on behind it. */
  interrupted(): void {
    this.#tail = Buffer.alloc(0);
  }

  /** Looks at output, in whatever pieces it comes. */
  take(output: Uint8Array): void {
    const bytes = Buffer.concat([this.#tail, output]);
    this.#seen ||= bytes.includes(COLOUR_END) || bytes.includes(NEWLINE_MARK);
    this.#tail = bytes.subarray(-TAIL);
  }
}
