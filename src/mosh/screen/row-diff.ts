/** Draws the cells of one row that differ from what the client has there. */

import { isErasable } from './client-style.ts';
import type { HostString } from './host-string.ts';
import type { ScreenCell, ScreenRow } from './screen.ts';

export interface RowChange {
  readonly index: number;
  readonly row: ScreenRow;
  /** What the client shows there; undefined for nothing. */
  readonly before: ScreenRow | undefined;
  readonly above: ScreenRow | undefined;
  readonly aboveBefore: ScreenRow | undefined;
  readonly cols: number;
}

/** Unchanged cells up to this many are printed rather than jumped over: a jump costs about as much. */
const BRIDGE = 4;
/** So many blanks at the end are printed rather than erased. */
const FEW_BLANKS = 3;
const SURE_WIDTH_END = 0x2ff;

/** Paints what changed. After it the cursor is somewhere in the row, or just behind it. */
export function paintRow(out: HostString, change: RowChange): void {
  const joins = joinsAbove(change);
  if (!joins && change.before?.key === change.row.key && !joinsBelow(change)) return;
  const { cells } = change.row;
  const end = joinsBelow(change) ? cells.length : erasableFrom(change);
  let column = 0;
  if (joins) {
    out.wrapTo(change.index);
    column = printCell(out, cells, 0);
  }
  while (column < end) column = paintNext(out, change, column, end);
  if (end < cells.length && differs(change, end, cells.length)) {
    out.moveTo(change.index, end);
    out.eraseToEnd(cells[end]?.style ?? '');
  }
}

/** Handles the cell at `column`; returns the column to go on from. */
function paintNext(out: HostString, change: RowChange, column: number, end: number): number {
  const { cells } = change.row;
  const forced = column === cells.length - 1 && joinsBelow(change);
  if (!forced && sameCell(cells[column], change.before?.cells[column])) return nextChange(out, change, column, end);
  out.moveTo(change.index, column);
  return printCell(out, cells, column);
}

/** Skips unchanged cells: prints them when the gap is small and simple, else leaves them. */
function nextChange(out: HostString, change: RowChange, column: number, end: number): number {
  const { cells } = change.row;
  let next = column;
  while (next < end && sameCell(cells[next], change.before?.cells[next])) {
    if (next === cells.length - 1 && joinsBelow(change)) break;
    next += 1;
  }
  const gap = cells.slice(column, next);
  if (
    next < end &&
    gap.length <= BRIDGE &&
    out.isAt(change.index, column) &&
    gap.every((cell) => out.printsPlainly(cell))
  ) {
    for (const cell of gap) out.print(cell);
  }
  return next;
}

function printCell(out: HostString, cells: readonly ScreenCell[], column: number): number {
  const cell = cells[column];
  if (cell === undefined || cell.width === 0) return column + 1;
  out.print(cell);
  return column + cell.width;
}

/** The column from which the row is blank and can be erased; the row's length when that does not pay. */
function erasableFrom({ row: { cells }, before }: RowChange): number {
  const style = cells.at(-1)?.style ?? '';
  let start = cells.length;
  while (start > 0) {
    const cell = cells[start - 1];
    if (cell?.text !== ' ' || cell.style !== style || !isErasable(style)) break;
    start -= 1;
  }
  let changed = 0;
  for (let column = start; column < cells.length; column += 1) {
    if (!sameCell(cells[column], before?.cells[column])) changed += 1;
  }
  return changed > 0 && changed <= FEW_BLANKS ? cells.length : start;
}

function differs({ row, before }: RowChange, from: number, to: number): boolean {
  for (let column = from; column < to; column += 1) {
    if (!sameCell(row.cells[column], before?.cells[column])) return true;
  }
  return false;
}

/**
 * Whether the last cell is printed so that the next row follows without moving, which makes the client join the
 * two lines when text is copied. Only when that is new, and only when the client surely wraps there too.
 */
function joinsBelow({ row, before }: RowChange): boolean {
  const last = row.cells.at(-1);
  if (!row.wraps || last === undefined || last.width !== 1) return false;
  return isSure(last) && !(before?.wraps === true && sameCell(last, before.cells.at(-1)));
}

function joinsAbove({ above, aboveBefore, index, cols, row }: RowChange): boolean {
  if (above === undefined) return false;
  return (
    joinsBelow({ row: above, before: aboveBefore, above: undefined, aboveBefore: undefined, index, cols }) &&
    row.cells.length > 0
  );
}

function isSure(cell: ScreenCell): boolean {
  return cell.text.length === 1 && cell.text.charCodeAt(0) <= SURE_WIDTH_END;
}

function sameCell(a: ScreenCell | undefined, b: ScreenCell | undefined): boolean {
  return (
    a === b || (a !== undefined && b !== undefined && a.text === b.text && a.style === b.style && a.width === b.width)
  );
}
