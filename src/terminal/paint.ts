/** Control sequences (ECMA-48 and xterm's) that draw cells, places and styles. Text only; nothing is written here. */
import type { CellStyle, Colour, StyledCell } from './cell-style.ts';

export const CSI = '\x1b[';

/** CUP: rows and columns count from 0 here. */
export function moveTo(row: number, column: number): string {
  return `${CSI}${row + 1};${column + 1}H`;
}

/** SGR that sets exactly `style`, whatever was set before. */
export function selectStyle(style: CellStyle): string {
  const codes = ['0', ...attributes(style), ...colours(style)];
  return `${CSI}${codes.join(';')}m`;
}

/** Draws `cells` from the first column of `row`, erased cells as erased. Changes pen and cursor. */
export function paintRow(row: number, cells: readonly StyledCell[]): string {
  return moveTo(row, 0) + paintCells(cells);
}

/** Draws `cells` from where the cursor is, which must be the first column. */
export function paintCells(cells: readonly StyledCell[]): string {
  let out = '';
  for (const run of runsOf(cells)) {
    out += selectStyle(run.style);
    out += run.erased ? `${CSI}${run.columns}X${CSI}${run.columns}C` : run.text;
  }
  return out;
}

interface Run {
  readonly style: CellStyle;
  readonly erased: boolean;
  text: string;
  columns: number;
}

function runsOf(cells: readonly StyledCell[]): Run[] {
  const runs: Run[] = [];
  for (const cell of cells) {
    if (cell.width === 0) continue;
    const erased = cell.chars === '';
    const last = runs.at(-1);
    if (last !== undefined && last.erased === erased && sameStyle(last.style, cell.style)) {
      last.text += cell.chars;
      last.columns += cell.width;
    } else {
      runs.push({ style: cell.style, erased, text: cell.chars, columns: cell.width });
    }
  }
  return runs;
}

function sameStyle(a: CellStyle, b: CellStyle): boolean {
  return selectStyle(a) === selectStyle(b);
}

function attributes(style: CellStyle): string[] {
  const codes: string[] = [];
  if (style.bold) codes.push('1');
  if (style.dim) codes.push('2');
  if (style.italic) codes.push('3');
  if (style.underline > 0) codes.push(style.underline === 1 ? '4' : `4:${style.underline}`);
  if (style.blink) codes.push('5');
  if (style.inverse) codes.push('7');
  if (style.invisible) codes.push('8');
  if (style.strikethrough) codes.push('9');
  if (style.overline) codes.push('53');
  return codes;
}

function colours(style: CellStyle): string[] {
  const codes: string[] = [];
  const { foreground, background, underlineColour } = style;
  if (foreground.kind !== 'default') codes.push(colourCodes(foreground, 30, 90, 38));
  if (background.kind !== 'default') codes.push(colourCodes(background, 40, 100, 48));
  if (underlineColour.kind !== 'default') codes.push(underlineCodes(underlineColour));
  return codes;
}

function colourCodes(colour: Colour, base: number, bright: number, extended: number): string {
  switch (colour.kind) {
    case 'default':
      return '';
    case 'palette':
      if (colour.index < 8) return String(base + colour.index);
      if (colour.index < 16) return String(bright + colour.index - 8);
      return `${extended};5;${colour.index}`;
    case 'rgb':
      return `${extended};2;${(colour.value >> 16) & 0xff};${(colour.value >> 8) & 0xff};${colour.value & 0xff}`;
  }
}

function underlineCodes(colour: Colour): string {
  return colour.kind === 'palette'
    ? `58:5:${colour.index}`
    : colourCodes(colour, 0, 0, 58).replaceAll(';', ':').replace('58:2:', '58:2::');
}
