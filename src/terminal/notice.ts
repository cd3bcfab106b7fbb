/**
 * One of our own lines among the target's output, placed so that neither the line editor on the target nor the
 * reader of its prompt loses its place. The same bytes go to the user, to the emulator and to the recording.
 */
import type { Emulator } from './emulator.ts';
import { foldText } from './fold-text.ts';
import { CSI, moveTo, selectStyle } from './paint.ts';
import { PREPARE_TO_DRAW, restoreState, snapshotOf } from './restore.ts';

const INDENT = ' '.repeat('heldline: '.length);

/**
 * Puts `text` above the line with the cursor by inserting rows, so that marks, prompt and cursor move with it.
 * `kept` are painted rows to be shown before it, each already escaped and styled. In a full-screen program, or
 * where margins are set, the text goes over the last row instead.
 */
export function noticeAbove(emulator: Emulator, text: string, kept: readonly string[] = []): Uint8Array {
  if (!canInsert(emulator)) return noticeAtBottom(emulator, text);
  const lines = [...kept, ...fold(text, emulator.cols)].slice(-Math.max(1, emulator.rows - 2));
  const { line, row, column } = emulator.cursor;
  let above = 0;
  while (above < row && emulator.row(line - above)?.wrapped === true) above += 1;
  // Line feeds make room below, where the screen scrolls if it must; every move is relative, for the rows of the
  // user's terminal may be other ones.
  const out = [
    `${CSI}0m${CSI}4l`,
    '\n'.repeat(lines.length),
    `${CSI}${lines.length + above}A\r${CSI}${lines.length}L`,
    ...lines.map((shown) => `${CSI}0m${shown}\r${CSI}B`),
    above > 0 ? `${CSI}${above}B` : '',
    `${CSI}${Math.min(column, emulator.cols - 1) + 1}G`,
    selectStyle(emulator.screenState.pen),
    emulator.modes.insert ? `${CSI}4h` : '',
  ];
  return bytesOf(out.join(''));
}

/** Puts `text` where the cursor is, which is the beginning of a row, and goes on to the next row. */
export function noticeHere(emulator: Emulator, text: string): Uint8Array {
  if (!canInsert(emulator)) return noticeAtBottom(emulator, text);
  const lines = fold(text, emulator.cols).map((line) => `${line}${CSI}K\r\n`);
  const insert = emulator.modes.insert;
  const out = [
    `${CSI}0m`,
    insert ? `${CSI}4l` : '',
    ...lines,
    selectStyle(emulator.screenState.pen),
    insert ? `${CSI}4h` : '',
  ];
  return bytesOf(out.join(''));
}

/** Puts the beginning of `text` on the last row, over what a program has drawn there; the program repaints it. */
function noticeAtBottom(emulator: Emulator, text: string): Uint8Array {
  const screen = snapshotOf(emulator);
  const [line = ''] = fold(text, emulator.cols);
  const drawn = `${PREPARE_TO_DRAW}${moveTo(emulator.rows - 1, 0)}${CSI}K${line}`;
  return bytesOf(`${drawn}${restoreState(screen)}`);
}

/** Whole lines can be inserted: the normal buffer, no margins, no origin mode. */
function canInsert(emulator: Emulator): boolean {
  const { margins } = emulator.screenState;
  const full = margins.top === 0 && margins.bottom === emulator.rows - 1;
  return full && !emulator.alternate && !emulator.modes.origin && emulator.rows > 3;
}

/** Lines that never fill the last column, so that none of them wraps. */
function fold(text: string, cols: number): string[] {
  return foldText(text, Math.max(4, cols - 1), cols > 2 * INDENT.length ? INDENT : '');
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
