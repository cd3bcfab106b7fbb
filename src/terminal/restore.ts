/**
 * Puts a terminal back exactly as the emulator knows it: cells, margins, saved cursor, pen, glyph sets, cursor
 * with its pending wrap, modes, cursor visibility.
 *
 * Not covered: terminals without the alternate buffer 1049 keep what was drawn over them until the next repaint;
 * images; the shape of the cursor (nothing here changes it).
 */
import type { StyledCell } from './cell-style.ts';
import type { Emulator } from './emulator.ts';
import { CSI, moveTo, paintRow, selectStyle } from './paint.ts';
import type { Modes, ScreenState } from './screen-state.ts';

/** A screen at one moment, independent of the emulator it was taken from. */
export interface ScreenSnapshot {
  readonly alternate: boolean;
  readonly rows: readonly (readonly StyledCell[])[];
  readonly cursor: { readonly row: number; readonly column: number };
  readonly state: ScreenState;
  readonly modes: Modes;
}

/** The screen of `emulator` now. Meaningful only while its parser is in ground state. */
export function snapshotOf(emulator: Emulator): ScreenSnapshot {
  const rows: (readonly StyledCell[])[] = [];
  for (let row = 0; row < emulator.rows; row += 1) rows.push(emulator.styledRow(emulator.top + row)?.cells ?? []);
  const { row, column } = emulator.cursor;
  return {
    alternate: emulator.alternate,
    rows,
    cursor: { row, column },
    state: emulator.screenState,
    modes: emulator.modes,
  };
}

/** Makes a terminal in any mode fit for drawing: plain pen, full margins, no reports, no odd writing mode. */
export const PREPARE_TO_DRAW: string = [
  `${CSI}?2026l`,
  `${CSI}?9l${CSI}?1000l${CSI}?1002l${CSI}?1003l`,
  `${CSI}?1004l${CSI}?2004l`,
  `${CSI}?6l${CSI}r${CSI}4l${CSI}?7h`,
  `\x0f\x1b(B${CSI}0m`,
].join('');

/** Draws every row of `screen`. Leaves pen and cursor anywhere: `restoreState` follows. */
export function repaint(screen: ScreenSnapshot): string {
  return screen.rows.map((cells, row) => paintRow(row, cells)).join('');
}

/** Everything but the cells, for a terminal that was prepared for drawing and shows the cells of `screen`. */
export function restoreState(screen: ScreenSnapshot): string {
  const { state, modes } = screen;
  const { margins } = state;
  return [
    margins.top === 0 && margins.bottom === screen.rows.length - 1
      ? ''
      : `${CSI}${margins.top + 1};${margins.bottom + 1}r`,
    savedCursor(screen),
    modes.origin ? `${CSI}?6h` : '',
    cursor(screen),
    glyphSets(state),
    selectStyle(state.pen),
    modeSwitches(modes),
    state.cursorHidden ? `${CSI}?25l` : `${CSI}?25h`,
  ].join('');
}

/**
 * The same for a terminal that has just left the alternate buffer. Its cursor is back where it was, on a row that
 * we do not know: a user's terminal shows what was there before the session too. So nothing here moves to an
 * absolute row, unless the program has set margins or addresses rows within them: then it reckons with all of the
 * screen itself.
 */
export function restoreStateInPlace(screen: ScreenSnapshot): string {
  const { state, modes } = screen;
  return [
    hasMargins(screen) || modes.origin ? marginsAndCursors(screen) : savedCursorInPlace(screen),
    wrapInPlace(screen),
    glyphSets(state),
    selectStyle(state.pen),
    modeSwitches(modes),
    state.cursorHidden ? `${CSI}?25l` : `${CSI}?25h`,
  ].join('');
}

function hasMargins({ state: { margins }, rows }: ScreenSnapshot): boolean {
  return margins.top !== 0 || margins.bottom !== rows.length - 1;
}

/** Margins, origin mode, saved cursor and cursor; some terminals keep margins for each buffer, which stop steps. */
function marginsAndCursors(screen: ScreenSnapshot): string {
  const { cursor: at, modes, state } = screen;
  const { margins, savedCursor: saved } = state;
  return [
    `${CSI}?6l${CSI}r${moveTo(saved.row, saved.column)}${selectStyle(saved.style)}\x1b7`,
    hasMargins(screen) ? `${CSI}${margins.top + 1};${margins.bottom + 1}r` : '',
    modes.origin ? `${CSI}?6h${moveTo(at.row - margins.top, at.column)}` : moveTo(at.row, at.column),
  ].join('');
}

/** The slot of a program that never saved a cursor stays at the cursor: going home for it could not be undone. */
function savedCursorInPlace(screen: ScreenSnapshot): string {
  const { savedCursor: saved } = screen.state;
  if (saved.row === 0 && saved.column === 0) return '';
  const { row, column } = screen.cursor;
  const there = `${rowsDown(saved.row - row)}${CSI}${saved.column + 1}G${selectStyle(saved.style)}\x1b7`;
  return `${there}${rowsDown(row - saved.row)}${CSI}${column + 1}G`;
}

/** A cursor that waits behind the last column is brought there by writing the last cell again. */
function wrapInPlace(screen: ScreenSnapshot): string {
  const { row, column } = screen.cursor;
  const cells = screen.rows[row] ?? [];
  if (column < cells.length || cells.length === 0) return '';
  const at = cells.at(-1)?.width === 0 ? cells.length - 2 : cells.length - 1;
  const last = cells[at];
  if (last === undefined) return '';
  return `${CSI}${at + 1}G${selectStyle(last.style)}${last.chars === '' ? ' ' : last.chars}`;
}

function rowsDown(count: number): string {
  if (count === 0) return '';
  return count > 0 ? `${CSI}${count}B` : `${CSI}${-count}A`;
}

function savedCursor(screen: ScreenSnapshot): string {
  const saved = screen.state.savedCursor;
  return `${place(screen, saved.row, saved.column, 0)}${selectStyle(saved.style)}\x1b7`;
}

function cursor(screen: ScreenSnapshot): string {
  const offset = screen.modes.origin ? screen.state.margins.top : 0;
  return place(screen, screen.cursor.row, screen.cursor.column, offset);
}

/** Goes to a cell; the column after the last one is reached by writing the last cell again. */
function place(screen: ScreenSnapshot, row: number, column: number, offset: number): string {
  const cells = screen.rows[row] ?? [];
  if (column < cells.length || cells.length === 0) return moveTo(row - offset, column);
  const at = cells.at(-1)?.width === 0 ? cells.length - 2 : cells.length - 1;
  const last = cells[at];
  if (last === undefined) return moveTo(row - offset, column);
  return `${moveTo(row - offset, at)}${selectStyle(last.style)}${last.chars === '' ? ' ' : last.chars}`;
}

/** Makes a terminal with other glyph sets write plain characters; nothing for one that does. */
export function plainGlyphs(state: ScreenState): string {
  return hasPlainGlyphs(state) ? '' : '\x0f\x1b(B';
}

/** Takes `plainGlyphs` back. */
export function restoreGlyphs(state: ScreenState): string {
  return hasPlainGlyphs(state) ? '' : glyphSets(state);
}

function hasPlainGlyphs({ glyphSets: { active, designators } }: ScreenState): boolean {
  return active === 0 && designators[0] === 'B';
}

function glyphSets(state: ScreenState): string {
  const { active, designators } = state.glyphSets;
  const designate = ['(', ')', '*', '+'].map((slot, index) => `\x1b${slot}${designators[index] ?? 'B'}`).join('');
  return `${designate}${invoke(active)}`;
}

/** SI, SO, LS2, LS3 (ECMA-48): which of the four sets is written with. */
function invoke(active: number): string {
  return ['\x0f', '\x0e', '\x1bn', '\x1bo'][active] ?? '\x0f';
}

function modeSwitches(modes: Modes): string {
  return [
    `${CSI}?1${onOff(modes.applicationCursor)}`,
    modes.applicationKeypad ? '\x1b=' : '\x1b>',
    mouse(modes),
    modes.focusReports ? `${CSI}?1004h` : '',
    modes.bracketedPaste ? `${CSI}?2004h` : '',
    modes.insert ? `${CSI}4h` : '',
    modes.wraparound ? '' : `${CSI}?7l`,
    modes.synchronizedOutput ? `${CSI}?2026h` : '',
  ].join('');
}

function mouse(modes: Modes): string {
  const tracking = { none: '', x10: '?9h', vt200: '?1000h', drag: '?1002h', any: '?1003h' }[modes.mouse];
  const encoding = { DEFAULT: '', SGR: '?1006h', SGR_PIXELS: '?1016h' }[modes.mouseEncoding];
  return [tracking, encoding].map((mode) => (mode === '' ? '' : `${CSI}${mode}`)).join('');
}

function onOff(on: boolean): string {
  return on ? 'h' : 'l';
}
