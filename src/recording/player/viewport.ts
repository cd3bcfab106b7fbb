/**
 * Draws an emulator's screen as rows of text for a terminal that may be smaller: a window that can be moved. Only
 * cells come through, each with its own style; nothing of the recorded bytes reaches the viewer.
 */
import type { TerminalSize } from '../../model/session.ts';
import type { StyledCell } from '../../terminal/cell-style.ts';
import type { Emulator } from '../../terminal/emulator.ts';
import { paintCells } from '../../terminal/paint.ts';

/** Upper left corner of the window, in cells of the recording. */
export interface Pan {
  readonly col: number;
  readonly row: number;
}

/** Characters that reorder or join what stands around them. */
const REORDERING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** `pan` moved so that the window shows as much of the screen as it can. */
export function clampPan(pan: Pan, screen: TerminalSize, window: TerminalSize): Pan {
  return {
    col: Math.max(0, Math.min(pan.col, screen.cols - window.cols)),
    row: Math.max(0, Math.min(pan.row, screen.rows - window.rows)),
  };
}

/** `pan` moved so that the cursor is in the window. */
export function followCursor(pan: Pan, emulator: Emulator, window: TerminalSize): Pan {
  const { row, column } = emulator.cursor;
  return clampPan(
    { col: follow(pan.col, column, window.cols), row: follow(pan.row, row, window.rows) },
    emulator,
    window,
  );
}

/** The rows of the window, each as text with styles that begins in its first column. */
export function viewRows(emulator: Emulator, pan: Pan, window: TerminalSize): string[] {
  const rows: string[] = [];
  for (let row = 0; row < window.rows; row += 1) rows.push(viewRow(emulator, pan, row, window.cols));
  return rows;
}

function viewRow(emulator: Emulator, pan: Pan, row: number, cols: number): string {
  if (pan.row + row >= emulator.rows) return row === emulator.rows - pan.row ? border(emulator.cols, cols) : '';
  const source = emulator.styledRow(emulator.top + pan.row + row);
  const cells = (source?.cells ?? []).slice(pan.col, pan.col + cols).map(safeCell);
  const painted = paintCells(wholeCells(cells));
  return emulator.cols < cols ? `${painted}\x1b[0;2m|` : painted;
}

/** Shows where the recorded screen ends when the window is larger. */
function border(screenCols: number, cols: number): string {
  return `\x1b[0;2m${'-'.repeat(Math.min(screenCols, cols))}${screenCols < cols ? '+' : ''}`;
}

function safeCell(cell: StyledCell): StyledCell {
  const chars = cell.chars.replace(REORDERING, '');
  return chars === cell.chars ? cell : { ...cell, chars: chars === '' ? ' ' : chars };
}

/** Blanks the half of a wide character that the window's edge cuts. */
function wholeCells(cells: readonly StyledCell[]): StyledCell[] {
  const whole = [...cells];
  const [first] = whole;
  const last = whole.at(-1);
  if (first?.width === 0) whole[0] = { ...first, chars: ' ', width: 1 };
  if (last?.width === 2) whole[whole.length - 1] = { ...last, chars: ' ', width: 1 };
  return whole;
}

function follow(start: number, at: number, length: number): number {
  if (at < start) return at;
  return at >= start + length ? at - length + 1 : start;
}
