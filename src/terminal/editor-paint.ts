/**
 * Draws an edited line behind what stands left of the cursor on the user's terminal, and takes it off again. Both
 * keep to the row of the cursor and move only within it: which row of the user's terminal that is, nobody knows.
 * The emulator never sees the line.
 */

import { editorView, type ShownLine } from './editor-view.ts';
import type { Emulator } from './emulator.ts';
import { CSI, paintCells, selectStyle } from './paint.ts';
import { plainGlyphs, restoreGlyphs } from './restore.ts';

/** A prompt that leaves fewer columns is covered from the left, so that so many are there. */
const LEAST_COLUMNS = 24;
const NOTHING: ShownLine = { before: [], after: [] };

/**
 * Whether the line can be drawn now: the cursor stands in a row of the normal screen, between two sequences. In origin
 * mode terminals differ in what a column is.
 */
export function canPaint(emulator: Emulator): boolean {
  const { cursor, cols, alternate, failure, isGround, modes } = emulator;
  return failure === undefined && !alternate && isGround && !modes.origin && cursor.column < cols;
}

/**
 * Bytes that draw the line over the row of the cursor, which shows what the emulator shows or an earlier state of
 * the line. @param secret nothing of it is to be seen
 */
export function paintEditor(emulator: Emulator, line: ShownLine, secret: boolean): string {
  const { cols, cursor, modes, screenState } = emulator;
  const start = Math.max(0, Math.min(cursor.column, cols - 1 - LEAST_COLUMNS));
  const view = editorView(secret ? NOTHING : line, cols - start);
  return [
    `${CSI}0m`,
    modes.insert ? `${CSI}4l` : '',
    plainGlyphs(screenState),
    `${CSI}${start + 1}G${CSI}K${view.text}`,
    `${CSI}${start + view.cursor + 1}G`,
  ].join('');
}

/** Bytes that bring the row and the cursor back to what the emulator shows. */
export function unpaintEditor(emulator: Emulator): string {
  const { cursor, modes, screenState } = emulator;
  const cells = emulator.styledRow(cursor.line)?.cells ?? [];
  return [
    `\r${CSI}0m${CSI}K`,
    paintCells(cells),
    `${CSI}${cursor.column + 1}G`,
    restoreGlyphs(screenState),
    selectStyle(screenState.pen),
    modes.insert ? `${CSI}4h` : '',
  ].join('');
}
