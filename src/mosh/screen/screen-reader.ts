/**
 * Takes pictures of an emulator's screen. Rows that did not change are the same values as in the last picture.
 * What reaches a client passes here: no cell holds a control character, whatever the target printed.
 */
import { characterWidth } from '../../terminal/character-width.ts';
import type { CellReader, Emulator } from '../../terminal/emulator.ts';
import { ClientStyles } from './client-style.ts';
import type { ScreenCell, ScreenRow } from './screen.ts';

/** A cell of the client takes so many bytes of text and drops the rest. */
const CELL_BYTES = 32;
const REPLACEMENT = '\ufffd';
/** Controls of both sets, unassigned characters and lone surrogates: a terminal does something else with them. */
const UNFIT = /[\p{Cc}\p{Cn}\p{Cs}]/gu;
const PLAIN_END = 0x7f;
const BLANK = 0x20;
/** By width of a cell: keeps keys of different rows different. */
const KEY_MARKS = ['\x03', '', '\x02'] as const;

interface RowScratch {
  /** Pieces of the row's key; joined once, for a string that grew by the piece takes many times its length. */
  readonly key: string[];
  style: string;
  readonly texts: string[];
  readonly widths: (0 | 1 | 2)[];
  readonly styles: string[];
}

export class ScreenReader {
  readonly #emulator: Emulator;
  readonly #styles = new ClientStyles();
  #rows: readonly ScreenRow[] = [];

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  /** The rows of the screen as they are now. */
  rows(): readonly ScreenRow[] {
    const { top, rows: count } = this.#emulator;
    return this.rowsFrom(top, count);
  }

  /** As many rows from an absolute line on; blank outside of the buffer. */
  rowsFrom(line: number, count: number): readonly ScreenRow[] {
    const known = new Map(this.#rows.map((row) => [row.key, row]));
    const scratches: { readonly scratch: RowScratch; readonly wrapped: boolean }[] = [];
    for (let index = 0; index <= count; index += 1) {
      const scratch: RowScratch = { key: [], style: '', texts: [], widths: [], styles: [] };
      const wrapped = this.#emulator.readLine(line + index, (cell) => this.#read(cell, scratch));
      if (wrapped === undefined) this.#readBlanks(scratch);
      scratches.push({ scratch, wrapped: wrapped === true });
    }
    this.#rows = scratches.slice(0, count).map(({ scratch }, index) => {
      const wraps = scratches[index + 1]?.wrapped === true && index + 1 < count;
      const key = (wraps ? [...scratch.key, '\n'] : scratch.key).join('');
      const row = known.get(key) ?? { key, wraps, cells: cellsOf(scratch) };
      known.set(key, row);
      return row;
    });
    return this.#rows;
  }

  #readBlanks(scratch: RowScratch): void {
    for (const cell of blankRow(this.#emulator.cols).cells) pushCell(scratch, cell.text, cell.width, cell.style);
  }

  #read(cell: CellReader, scratch: RowScratch): void {
    if (cell.getWidth() === 0 && scratch.widths.at(-1) === 2) return pushCell(scratch, '', 0, scratch.style);
    blankLoneHalf(scratch);
    const chars = cell.getChars();
    const wide = characterWidth(chars.codePointAt(0) ?? BLANK) === 2;
    // Resizing and overwriting can leave a wide character without two columns of its own.
    const whole = wide && cell.getWidth() === 2 && scratch.texts.length < this.#emulator.cols - 1;
    const text = fitText(wide && !whole ? '' : chars);
    const drawn = this.#styles.of(cell);
    pushCell(scratch, text, whole ? 2 : 1, text === ' ' ? drawn.blank : drawn.text);
  }
}

/** The cells of most screens: printable ASCII, drawn plainly. One value of each serves all screens. */
const PLAIN_CELLS: ReadonlyMap<string, ScreenCell> = new Map(
  Array.from({ length: PLAIN_END - BLANK }, (_, index) => String.fromCharCode(BLANK + index)).map((text) => [
    text,
    { text, width: 1, style: '' },
  ]),
);
const BLANK_CELL: ScreenCell = cellOf(' ', 1, '');

/** A row of blanks. */
export function blankRow(cols: number): ScreenRow {
  return { key: ' '.repeat(cols), wraps: false, cells: Array.from({ length: cols }, () => BLANK_CELL) };
}

function pushCell(scratch: RowScratch, text: string, width: 0 | 1 | 2, style: string): void {
  scratch.texts.push(text);
  scratch.widths.push(width);
  scratch.styles.push(style);
  if (style !== scratch.style) scratch.key.push('\x1b', style, 'm');
  scratch.style = style;
  if (width !== 1) scratch.key.push(KEY_MARKS[width]);
  if (width !== 0) scratch.key.push(text);
}

/** Overwriting can leave the left half of a wide character without its right one. */
function blankLoneHalf(scratch: RowScratch): void {
  const last = scratch.widths.length - 1;
  if (scratch.widths[last] !== 2) return;
  scratch.widths[last] = 1;
  scratch.texts[last] = ' ';
  scratch.styles[last] = '';
}

function cellsOf({ texts, widths, styles }: RowScratch): ScreenCell[] {
  return texts.map((text, index) => cellOf(text, widths[index] ?? 1, styles[index] ?? ''));
}

function cellOf(text: string, width: 0 | 1 | 2, style: string): ScreenCell {
  return (style === '' && width === 1 ? PLAIN_CELLS.get(text) : undefined) ?? { text, width, style };
}

function fitText(chars: string): string {
  if (chars === '') return ' ';
  const code = chars.charCodeAt(0);
  if (chars.length === 1 && code >= 0x20 && code < PLAIN_END) return chars;
  const fit = chars.replace(UNFIT, REPLACEMENT);
  // A combining character with nothing before it stands alone in its cell; at the client it needs a base.
  const clean = characterWidth(fit.codePointAt(0) ?? 0) === 0 ? ` ${fit}` : fit;
  return Buffer.byteLength(clean) <= CELL_BYTES ? clean : cutToBytes(clean);
}

function cutToBytes(text: string): string {
  let cut = '';
  for (const character of text) {
    if (Buffer.byteLength(cut) + Buffer.byteLength(character) > CELL_BYTES) break;
    cut += character;
  }
  return cut;
}
