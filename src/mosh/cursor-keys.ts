/**
 * The client's terminal sends cursor keys in application mode always (`ESC O A`); a program that did not ask for
 * that wants `ESC [ A`. A state machine over bytes, because sequences may arrive in pieces.
 */

const ESC = 0x1b;
const SS3 = 0x4f;
const BRACKET = 0x5b;
const UP = 0x41;
const LEFT = 0x44;

export class CursorKeys {
  #state: 'ground' | 'escape' | 'ss3' = 'ground';

  /** The bytes for the program. A trailing `ESC O` stays half here until the next byte tells what it is. */
  translate(bytes: Uint8Array, applicationCursor: boolean): Buffer {
    const out: number[] = [];
    for (const byte of bytes) this.#step(byte, applicationCursor, out);
    return Buffer.from(out);
  }

  #step(byte: number, applicationCursor: boolean, out: number[]): void {
    if (this.#state === 'escape' && byte === SS3) {
      this.#state = 'ss3';
      return;
    }
    if (this.#state === 'ss3') out.push(!applicationCursor && byte >= UP && byte <= LEFT ? BRACKET : SS3);
    this.#state = byte === ESC ? 'escape' : 'ground';
    out.push(byte);
  }
}
