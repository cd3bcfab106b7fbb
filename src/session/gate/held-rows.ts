/** The line that is about to be taken off the screen, as it looks, so that it can be shown above the verdict. */
import type { Emulator } from '../../terminal/emulator.ts';
import { cutText } from '../../terminal/fold-text.ts';
import { paintCells } from '../../terminal/paint.ts';
import { cursorRow } from '../../terminal/screen-rows.ts';

/** Rows of one line that are kept at most. */
const MOST_ROWS = 5;

/** The rows of the cursor's line, painted; nothing of a full-screen program. */
export function heldRows(emulator: Emulator): string[] {
  if (emulator.alternate) return [];
  let first = emulator.cursor.line;
  while (first > 0 && emulator.row(first)?.wrapped === true) first -= 1;
  const rows: string[] = [];
  for (let line = first; line === first || emulator.row(line)?.wrapped === true; line += 1) {
    const cells = emulator.styledRow(line)?.cells ?? [];
    rows.push(paintCells(cells.slice(0, usedColumns(emulator, line))));
  }
  return rows.slice(0, MOST_ROWS);
}

/** The rows that the cursor's line would have with `text` behind what stands left of the cursor. */
export function keptRows(emulator: Emulator, text: string): string[] {
  if (emulator.alternate) return [];
  return cutText(cursorRow(emulator).before + text, emulator.cols - 1).slice(0, MOST_ROWS);
}

/** Columns up to the last character; a suggestion right of the cursor is no part of the line. */
function usedColumns(emulator: Emulator, line: number): number {
  const { cursor } = emulator;
  const cells = emulator.row(line)?.cells ?? [];
  const isText = (column: number): boolean =>
    line < cursor.line || column < cursor.column || cells[column]?.faint === false;
  return cells.findLastIndex((cell, column) => cell.chars !== '' && isText(column)) + 1;
}
