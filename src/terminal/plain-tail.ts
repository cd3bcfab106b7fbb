/**
 * Plain output that nobody has looked at yet. Of a flood of lines only those matter that are still there when somebody
 * looks, on the screen and above it; what has scrolled away by then need not be parsed. Knows nothing of the
 * terminal: who holds output back here must know that it would only print, and parses what is taken out first.
 */

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** By byte: 1 for printable ASCII, tab and the ends of lines, which do nothing but print and move. */
const PRINTS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte >= 0x20 && byte <= 0x7e) || [9, LINE_FEED, CARRIAGE_RETURN].includes(byte) ? 1 : 0,
);
const START_OF_LINE: Uint8Array = new Uint8Array([CARRIAGE_RETURN]);

interface Piece {
  readonly bytes: Uint8Array;
  /** Ends of lines in it. */
  readonly lines: number;
}

export class PlainTail {
  #pieces: Piece[] = [];
  #lines = 0;
  #size = 0;
  /** Lines before the first piece were forgotten, and maybe the beginning of the line that the first piece ends. */
  #cut = false;

  /** Bytes that are held. */
  get size(): number {
    return this.#size;
  }

  /**
   * Holds `bytes` and forgets what lies more than `enough` lines above their end. They must not be changed afterwards.
   * @returns false when they do more than print ASCII and move to the next line; then they are not held
   */
  add(bytes: Uint8Array, enough: number): boolean {
    const lines = endsOfLines(bytes);
    if (lines === null) return false;
    this.#pieces.push({ bytes, lines });
    this.#lines += lines;
    this.#size += bytes.length;
    this.#forget(enough);
    return true;
  }

  /** What has to be parsed for the screen to be right, in order; nothing is held afterwards. */
  take(): readonly Uint8Array[] {
    const pieces = this.#pieces.map(({ bytes }) => bytes);
    const cut = this.#cut;
    this.#pieces = [];
    this.#lines = 0;
    this.#size = 0;
    this.#cut = false;
    const [first, ...rest] = pieces;
    if (!cut || first === undefined) return pieces;
    return [START_OF_LINE, first.subarray(endOfFirstLine(first)), ...rest];
  }

  /** Whole pieces go, as long as `enough` lines end after the first line that is still whole. */
  #forget(enough: number): void {
    for (;;) {
      const [first, second] = this.#pieces;
      // The next piece becomes the first one, and must have the end of a line to begin behind.
      if (first === undefined || second === undefined || second.lines === 0) return;
      if (this.#lines - first.lines - 1 < enough) return;
      this.#pieces.shift();
      this.#lines -= first.lines;
      this.#size -= first.bytes.length;
      this.#cut = true;
    }
  }
}

/** How many lines end in `bytes`; null when they have anything but printable ASCII, tabs and ends of lines. */
function endsOfLines(bytes: Uint8Array): number | null {
  let lines = 0;
  // Three times as fast as an iterator, and every byte of a flood comes through here.
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (PRINTS[byte] !== 1) return null;
    if (byte === LINE_FEED && at > 0 && bytes[at - 1] === CARRIAGE_RETURN) lines += 1;
  }
  return lines;
}

/** Index behind the first CR LF. */
function endOfFirstLine(bytes: Uint8Array): number {
  let at = bytes.indexOf(LINE_FEED);
  while (at > 0 && bytes[at - 1] !== CARRIAGE_RETURN) at = bytes.indexOf(LINE_FEED, at + 1);
  return at + 1;
}
