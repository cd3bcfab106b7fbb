/** Makes a row of a picture cell by cell: its cells, and the key by which rows are compared. */
import type { ScreenCell, ScreenRow } from './screen.ts';

const BLANK = 0x20;
const PLAIN_END = 0x7f;
/** By width of a cell: keeps keys of different rows different. */
const KEY_MARKS = ['\x03', '', '\x02'] as const;

/** The cells of most screens: printable ASCII, drawn plainly. One value of each serves all screens. */
const PLAIN_CELLS: ReadonlyMap<string, ScreenCell> = new Map(
  Array.from({ length: PLAIN_END - BLANK }, (_, index) => String.fromCharCode(BLANK + index)).map((text) => [
    text,
    { text, width: 1, style: '' },
  ]),
);

export class RowBuilder {
  readonly #texts: string[] = [];
  readonly #widths: (0 | 1 | 2)[] = [];
  readonly #styles: string[] = [];
  /** Joined once: a string that grew by the piece takes many times its length. */
  readonly #key: string[] = [];
  #style = '';

  get length(): number {
    return this.#texts.length;
  }

  /** The last cell is the left half of a wide character, and its right half has not come yet. */
  get halfDone(): boolean {
    return this.#widths.at(-1) === 2;
  }

  push(text: string, width: 0 | 1 | 2, style: string): void {
    this.#texts.push(text);
    this.#widths.push(width);
    this.#styles.push(style);
    if (style !== this.#style) this.#key.push('\x1b', style, 'm');
    this.#style = style;
    if (width !== 1) this.#key.push(KEY_MARKS[width]);
    if (width !== 0) this.#key.push(text);
  }

  /** The right half of the wide character before it. */
  pushRightHalf(): void {
    this.push('', 0, this.#style);
  }

  /** Overwriting can leave the left half of a wide character without its right one: that is a blank. */
  blankLoneHalf(): void {
    if (!this.halfDone) return;
    const last = this.length - 1;
    this.#widths[last] = 1;
    this.#texts[last] = ' ';
    this.#styles[last] = '';
  }

  /** @param wraps its line goes on in the next row */
  key(wraps: boolean): string {
    return (wraps ? [...this.#key, '\n'] : this.#key).join('');
  }

  row(wraps: boolean): ScreenRow {
    const cells = this.#texts.map((text, index) => cellOf(text, this.#widths[index] ?? 1, this.#styles[index] ?? ''));
    return { key: this.key(wraps), wraps, cells };
  }
}

/** A row of blanks. */
export function blankRow(cols: number): ScreenRow {
  const builder = new RowBuilder();
  for (let column = 0; column < cols; column += 1) builder.push(' ', 1, '');
  return builder.row(false);
}

function cellOf(text: string, width: 0 | 1 | 2, style: string): ScreenCell {
  return (style === '' && width === 1 ? PLAIN_CELLS.get(text) : undefined) ?? { text, width, style };
}
