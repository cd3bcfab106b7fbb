/**
 * Writes terminal output for the client's emulator and keeps track of where that leaves its cursor and pen. Says
 * only what that emulator understands; some of what other terminals know makes it abort.
 */

import type { ScreenCell } from './screen.ts';

const CSI = '\x1b[';
/** Beyond this the client's idea of a character's width may differ from ours. */
const SURE_WIDTH_END = 0x2ff;

export class HostString {
  readonly #cols: number;
  #text = '';
  #row: number;
  /** -1 when the cursor's place is not certain. */
  #column: number;
  #style = '';

  /** The pen is reset at the start; the cursor is where the last string has left it. */
  constructor(cols: number, cursor: { readonly row: number; readonly column: number }) {
    this.#cols = cols;
    this.#row = cursor.row;
    this.#column = cursor.column;
  }

  get text(): string {
    return this.#text;
  }

  /** Output that moves nothing and draws nothing. */
  raw(text: string): void {
    this.#text += text;
  }

  /** Output after which the cursor may be anywhere. */
  rawMoving(text: string): void {
    this.#text += text;
    this.#column = -1;
  }

  moveTo(row: number, column: number): void {
    if (row === this.#row && column === this.#column) return;
    this.#text += this.#moveText(row, column);
    this.#row = row;
    this.#column = column;
  }

  style(style: string): void {
    if (style === this.#style) return;
    this.#text += style === '' ? `${CSI}m` : `${CSI}${style.startsWith('0;') ? style : `0;${style}`}m`;
    this.#style = style;
  }

  /** Whether the cursor surely is there. */
  isAt(row: number, column: number): boolean {
    return row === this.#row && column === this.#column;
  }

  /** Whether printing this cell costs one byte. */
  printsPlainly(cell: ScreenCell): boolean {
    return cell.style === this.#style && cell.text.length === 1 && cell.text.charCodeAt(0) < 0x7f;
  }

  print(cell: ScreenCell): void {
    this.style(cell.style);
    this.#text += cell.text;
    const sure = cell.text.length === 1 && cell.text.charCodeAt(0) <= SURE_WIDTH_END;
    this.#column = sure && this.#column !== -1 && this.#column + 1 < this.#cols ? this.#column + 1 : -1;
  }

  /** Erases from the cursor to the end of the row with a background. */
  eraseToEnd(style: string): void {
    this.style(style);
    this.#text += `${CSI}K`;
  }

  /** Takes the cursor to be at the start of `row`, because the last print filled the row above. */
  wrapTo(row: number): void {
    this.#row = row;
    this.#column = 0;
  }

  #moveText(row: number, column: number): string {
    const here = this.#column !== -1;
    if (here && column === 0 && row === this.#row) return '\r';
    if (here && column === 0 && row === this.#row + 1) return '\r\n';
    if (here && row === this.#row && column === this.#column - 1) return '\b';
    return column === 0 ? `${CSI}${row === 0 ? '' : row + 1}H` : `${CSI}${row + 1};${column + 1}H`;
  }
}
