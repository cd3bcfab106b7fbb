/**
 * Lines that have scrolled away above a screen, kept small for sessions at rest: a line takes little more than its
 * text, where the emulator's own takes a dozen bytes for each column. Kept as they were drawn: they do not reflow.
 */
import { RowBuilder } from './row-builder.ts';
import type { ScreenCell, ScreenRow } from './screen.ts';

/** Between cells; never part of one, which holds no control character. */
const BETWEEN = '\0';
const STYLE_START = '\x1b';
const STYLE_END = 'm';
const RIGHT_HALF = '\x03';
const LEFT_HALF = '\x02';
const WRAPS = '\n';

export class PastLines {
  readonly #limit: number;
  readonly #lines: readonly string[];

  /** @param limit lines kept; older ones go */
  constructor(limit: number, lines: readonly string[] = []) {
    this.#limit = limit;
    this.#lines = lines;
  }

  get count(): number {
    return this.#lines.length;
  }

  /** These, and rows that are above the screen from now on. */
  with(rows: readonly ScreenRow[]): PastLines {
    return new PastLines(this.#limit, [...this.#lines, ...rows.map(pack)].slice(-this.#limit));
  }

  /** None. */
  emptied(): PastLines {
    return new PastLines(this.#limit);
  }

  /**
   * A line as it was, cut or filled up to a width; the oldest is number 0. Blank outside.
   * @param last nothing is shown below it, in which it could go on
   */
  row(index: number, cols: number, last: boolean): ScreenRow {
    return unpack(this.#lines[index] ?? '', cols, last);
  }
}

function pack({ cells, wraps }: ScreenRow): string {
  // A line that goes on does so after its last column, blank or not.
  const last = wraps ? cells.length : cells.findLastIndex((cell) => cell.text !== ' ' || cell.style !== '');
  let style = '';
  const packed = cells.slice(0, last + 1).map((cell) => {
    const change = cell.style === style ? '' : `${STYLE_START}${cell.style}${STYLE_END}`;
    style = cell.style;
    return change + (cell.width === 1 ? '' : cell.width === 2 ? LEFT_HALF : RIGHT_HALF) + cell.text;
  });
  return packed.join(BETWEEN) + (wraps ? WRAPS : '');
}

function unpack(line: string, cols: number, last: boolean): ScreenRow {
  const wraps = line.endsWith(WRAPS);
  const text = wraps ? line.slice(0, -1) : line;
  const builder = new RowBuilder();
  let style = '';
  for (const packed of text === '' ? [] : text.split(BETWEEN).slice(0, cols)) {
    const cell = unpackCell(packed, style);
    style = cell.style;
    // The right half may be beyond a window that is narrower now.
    const cut = cell.width === 2 && builder.length === cols - 1;
    builder.push(cut ? ' ' : cell.text, cut ? 1 : cell.width, style);
  }
  const full = builder.length === cols;
  while (builder.length < cols) builder.push(' ', 1, '');
  return builder.row(wraps && full && !last);
}

function unpackCell(packed: string, before: string): ScreenCell {
  const end = packed.startsWith(STYLE_START) ? packed.indexOf(STYLE_END) : -1;
  const style = end === -1 ? before : packed.slice(STYLE_START.length, end);
  const rest = packed.slice(end + 1);
  if (rest.startsWith(LEFT_HALF)) return { text: rest.slice(1), width: 2, style };
  return rest.startsWith(RIGHT_HALF) ? { text: '', width: 0, style } : { text: rest, width: 1, style };
}
