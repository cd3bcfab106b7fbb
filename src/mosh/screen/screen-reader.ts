/**
 * Takes pictures of an emulator's screen. Rows that did not change are the same values as in the last picture.
 * What reaches a client passes here: no cell holds a control character, whatever the target printed.
 */
import { characterWidth } from '../../terminal/character-width.ts';
import type { CellReader, Emulator } from '../../terminal/emulator.ts';
import { ClientStyles } from './client-style.ts';
import { RowBuilder } from './row-builder.ts';
import type { ScreenRow } from './screen.ts';

/** A cell of the client takes so many bytes of text and drops the rest. */
const CELL_BYTES = 32;
const REPLACEMENT = '\ufffd';
/** Controls of both sets, unassigned characters and lone surrogates: a terminal does something else with them. */
const UNFIT = /[\p{Cc}\p{Cn}\p{Cs}]/gu;
const PLAIN_END = 0x7f;
const BLANK = 0x20;
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
    const read: { readonly builder: RowBuilder; readonly wrapped: boolean }[] = [];
    for (let index = 0; index <= count; index += 1) {
      const builder = new RowBuilder();
      const wrapped = this.#emulator.readLine(line + index, (cell) => this.#read(cell, builder));
      if (wrapped === undefined) this.#readBlanks(builder);
      read.push({ builder, wrapped: wrapped === true });
    }
    this.#rows = read.slice(0, count).map(({ builder }, index) => {
      const wraps = read[index + 1]?.wrapped === true && index + 1 < count;
      const key = builder.key(wraps);
      const row = known.get(key) ?? builder.row(wraps);
      known.set(key, row);
      return row;
    });
    return this.#rows;
  }

  #readBlanks(builder: RowBuilder): void {
    for (let column = 0; column < this.#emulator.cols; column += 1) builder.push(' ', 1, '');
  }

  #read(cell: CellReader, builder: RowBuilder): void {
    if (cell.getWidth() === 0 && builder.halfDone) return builder.pushRightHalf();
    builder.blankLoneHalf();
    const chars = cell.getChars();
    const wide = characterWidth(chars.codePointAt(0) ?? BLANK) === 2;
    // Resizing and overwriting can leave a wide character without two columns of its own.
    const whole = wide && cell.getWidth() === 2 && builder.length < this.#emulator.cols - 1;
    const text = fitText(wide && !whole ? '' : chars);
    const drawn = this.#styles.of(cell);
    builder.push(text, whole ? 2 : 1, text === ' ' ? drawn.blank : drawn.text);
  }
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
