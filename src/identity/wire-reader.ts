/** Reads the binary fields of SSH public keys and signatures (RFC 4251 §5). Never reads past the end. */

export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next length-prefixed field, or null when the bytes do not hold one. */
  string(): Uint8Array | null {
    const start = this.#at + 4;
    const length = this.uint32();
    if (length === null) return null;
    const end = start + length;
    if (end > this.#bytes.length) return null;
    this.#at = end;
    return this.#bytes.subarray(start, end);
  }

  /** The next field as ASCII, or null when it is missing or holds anything but printable characters. */
  name(): string | null {
    const field = this.string();
    if (field === null) return null;
    const text = Buffer.from(field).toString('latin1');
    return /^[\x21-\x7e]*$/.test(text) ? text : null;
  }

  /** The next field as a positive integer in its one canonical spelling, big-endian without leading zero. */
  positive(): Uint8Array | null {
    const field = this.string();
    const first = field?.[0];
    if (field === null || first === undefined || first >= 0x80) return null;
    if (first !== 0) return field;
    const second = field[1];
    return second === undefined || second < 0x80 ? null : field.subarray(1);
  }

  /** The next byte, or null at the end. */
  byte(): number | null {
    const value = this.#bytes[this.#at];
    if (value === undefined) return null;
    this.#at += 1;
    return value;
  }

  /** The next four bytes as a number, or null when there are fewer. */
  uint32(): number | null {
    if (this.#at + 4 > this.#bytes.length) return null;
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset).getUint32(this.#at);
    this.#at += 4;
    return value;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
}
