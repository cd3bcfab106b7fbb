/** Cuts a byte stream into lines without changing a byte. A line ends with LF, as shells read their input. */

export interface InputLine {
  /** With its LF, except a last line that has none. */
  readonly bytes: Uint8Array;
  /** Without the LF; null when the bytes are not UTF-8. */
  readonly text: string | null;
}

const LF = 0x0a;

export class LineSplitter {
  #parts: Uint8Array[] = [];
  #size = 0;

  /** Bytes of the unfinished line. */
  get pending(): number {
    return this.#size;
  }

  /** The lines that `bytes` complete. */
  push(bytes: Uint8Array): InputLine[] {
    const lines: InputLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      this.#keep(bytes.subarray(start, end + 1));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < bytes.length) this.#keep(bytes.slice(start));
    return lines;
  }

  /** What came after the last LF, if anything. */
  end(): InputLine | undefined {
    return this.#size === 0 ? undefined : this.#take();
  }

  #keep(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#size += bytes.length;
  }

  #take(): InputLine {
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return { bytes, text: decodeUtf8(bytes.at(-1) === LF ? bytes.subarray(0, -1) : bytes) };
  }
}

/** The text of `bytes`, or null when they are not UTF-8. A byte order mark is kept: it is part of the text. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (failure) {
    if (failure instanceof TypeError) return null;
    throw failure;
  }
}
