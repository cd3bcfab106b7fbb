/**
 * Cuts a stream of bytes only between characters, so that text in a recording is never cut, and says when
 * bytes are not UTF-8, so that they can be kept exactly.
 */
import { isUtf8 } from 'node:buffer';

/** A run of whole characters. */
export interface TextRun {
  readonly text: string;
  /** The exact bytes when `text` could not keep them; else null. */
  readonly bytes: Buffer | null;
  readonly length: number;
}

/** One stream's splitter; holds back at most three bytes. */
export class Utf8Splitter {
  #rest: Buffer = Buffer.alloc(0);

  /** The characters that are whole now; null when there are none. */
  push(chunk: Uint8Array): TextRun | null {
    const bytes = this.#rest.length === 0 ? view(chunk) : Buffer.concat([this.#rest, chunk]);
    const end = bytes.length - unfinishedLength(bytes);
    this.#rest = bytes.subarray(end);
    return runOf(bytes.subarray(0, end));
  }

  /** What was held back, at the end of the stream. */
  flush(): TextRun | null {
    const bytes = this.#rest;
    this.#rest = Buffer.alloc(0);
    return runOf(bytes);
  }
}

function runOf(bytes: Buffer): TextRun | null {
  if (bytes.length === 0) return null;
  return { text: bytes.toString('utf8'), bytes: isUtf8(bytes) ? null : bytes, length: bytes.length };
}

function view(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** How many bytes at the end are the beginning of a character that is not complete (0 to 3). */
function unfinishedLength(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return lead < 0xf5 ? 4 : 1;
  return lead >= 0xe0 ? 3 : 2;
}
