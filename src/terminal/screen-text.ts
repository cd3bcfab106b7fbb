/** Text from cells. Always by cell columns: string indexes and columns differ with wide characters. */
import type { Cell, Row } from './emulator.ts';

/** Text of the cells in columns `from` (inclusive) to `to` (exclusive); what was never written is blank. */
export function cellText(cells: readonly Cell[], from: number, to: number): string {
  let text = '';
  for (const cell of cells.slice(from, to)) {
    if (cell.width > 0) text += cell.chars === '' ? ' ' : cell.chars;
  }
  return text;
}

/** Column after the last cell that shows something. */
export function usedColumns(cells: readonly Cell[]): number {
  for (let column = cells.length; column > 0; column -= 1) {
    const cell = cells[column - 1];
    if (cell !== undefined && (cell.width === 0 || cell.chars.trim() !== '')) return column;
  }
  return 0;
}

/**
 * Whether `next` continues `row`: the emulator wrapped it; or the last cell is filled; or a wide character did not
 * fit and stands at the start of the next row. Some editors wrap by themselves, without the emulator's mark.
 */
export function continues(row: Row, next: Row): boolean {
  if (next.wrapped) return true;
  const last = row.cells.at(-1);
  if (last === undefined) return false;
  if (last.chars !== '' || last.width === 0) return true;
  const beforeLast = row.cells.at(-2);
  const filled = beforeLast !== undefined && (beforeLast.chars !== '' || beforeLast.width === 0);
  return filled && next.cells[0]?.width === 2;
}

/**
 * Columns of a row that goes on in `next`: a wide character that did not fit leaves the last cell unwritten, or as a
 * blank that the editor wrote there.
 */
export function joinedColumns(row: Row, next: Row): number {
  const { length } = row.cells;
  const last = row.cells.at(-1);
  if (last === undefined || last.width !== 1) return length;
  return last.chars === '' || edgeBlank(row, next) === 'padding' ? length - 1 : length;
}

/**
 * What a blank in the last column is, with a wide character at the start of the next row: between two of them the
 * room that was too small, else perhaps that and perhaps a blank of the line. Null where there is no such blank.
 */
export function edgeBlank(row: Row, next: Row): 'padding' | 'doubtful' | null {
  if (row.cells.at(-1)?.chars !== ' ' || next.cells[0]?.width !== 2) return null;
  const before = row.cells.at(-2);
  if (before === undefined || before.chars === ' ') return null;
  return before.width === 0 ? 'padding' : 'doubtful';
}

/** Without any white space: how screen and keys are compared. */
export function squash(text: string): string {
  return text.replace(/\s+/gu, '');
}
