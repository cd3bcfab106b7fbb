/** Where a line starts on the screen: found once, when its first key comes, and found again when it is read. */
import type { Cell, Emulator, LineMark } from './emulator.ts';
import type { PromptMemory } from './prompt-memory.ts';
import { cellText, continues, squash, usedColumns } from './screen-text.ts';

/** Rows above the cursor that are searched for a prompt at most. */
const SEARCH_ROWS = 200;
/** A clock or a mode indicator may change so many characters of a prompt. */
const MOST_CHANGED = 6;

export interface Anchor {
  readonly id: number;
  readonly mark: LineMark;
  /** First column of the line's text. */
  readonly column: number;
  /** The cells left of it. */
  readonly prompt: string;
  /** A prompt drawn at the right margin when the line began; empty when there was none. */
  readonly right: string;
  /** Text stood behind the prompt before the first key. */
  readonly prefilled: boolean;
}

/** A place on the screen: absolute line and column. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where an anchored line starts now. */
export interface Start extends Place {
  /** Column of the first character of the prompt that is another one now; absent while it stands there unchanged. */
  readonly changedFrom?: number;
}

export interface CaptureOptions {
  readonly id: number;
  readonly prompts: PromptMemory;
  /** Only prompt marks with a higher ordinal count: those since the last submit. */
  readonly marksAfter: number;
}

/** The anchor of a line whose first key is about to be sent; undefined in the alternate buffer. */
export function captureAnchor(emulator: Emulator, options: CaptureOptions): Anchor | undefined {
  const { line, column } = emulator.cursor;
  const cells = emulator.row(line)?.cells ?? [];
  const start = startOfLine(emulator, options) ?? { line, column };
  const mark = emulator.mark(start.line, start.column);
  if (mark === undefined) return undefined;
  const right = rightPrompt(cells, column);
  const rest = cells.slice(column).some((cell) => cell.chars.trim() !== '' && !cell.faint);
  return {
    id: options.id,
    mark,
    column: start.column,
    prompt: emulator.text(start.line, 0, start.column),
    right,
    prefilled: start.line !== line || start.column !== column || (right === '' && rest),
  };
}

/**
 * The anchor of a line that was typed ahead, once a known prompt stands before what is shown of it.
 * @param typed all that was typed so far, exactly
 */
export function anchorTypedAhead(emulator: Emulator, options: CaptureOptions, typed: string): Anchor | undefined {
  const cursor = emulator.cursor;
  const first = firstRowOfLogicalLine(emulator, cursor.line);
  const shown = emulator.text(first, 0, first === cursor.line ? cursor.column : emulator.cols);
  const end = options.prompts.lastEndIn(shown);
  if (end === undefined) return undefined;
  const below = first === cursor.line ? '' : emulator.text(cursor.line, 0, cursor.column);
  if (!squash(typed).startsWith(squash(shown.slice(end) + below))) return undefined;
  const cells = emulator.row(first)?.cells ?? [];
  const column = columnOfIndex(cells, end);
  const mark = emulator.mark(first, column);
  if (mark === undefined) return undefined;
  const right = first === cursor.line ? rightPrompt(cells, cursor.column) : '';
  return { id: options.id, mark, column, prompt: emulator.text(first, 0, column), right, prefilled: false };
}

/** By a prompt mark, or behind a known prompt that is followed by more: the line was filled before the first key. */
function startOfLine(emulator: Emulator, options: CaptureOptions): Place | undefined {
  const cursor = emulator.cursor;
  const first = firstRowOfLogicalLine(emulator, cursor.line);
  const semantic = emulator.promptMark;
  if (semantic !== undefined && semantic.kind === 'B' && semantic.ordinal > options.marksAfter) {
    const { line, column } = semantic.mark;
    const sameLine = line >= first && line <= cursor.line;
    if (sameLine && (line < cursor.line || column <= cursor.column)) return { line, column };
  }
  const cells = emulator.row(first)?.cells ?? [];
  const shown = cellText(cells, 0, first === cursor.line ? cursor.column : cells.length);
  const known = options.prompts.prefixOf(shown);
  return known === undefined ? undefined : { line: first, column: columnOfIndex(cells, known.length) };
}

/** The first row of the logical line that `line` belongs to. */
export function firstRowOfLogicalLine(emulator: Emulator, line: number): number {
  let first = line;
  while (first > emulator.endedLine + 1 && line - first < SEARCH_ROWS) {
    const above = emulator.row(first - 1);
    const row = emulator.row(first);
    if (above === undefined || row === undefined || !continues(above, row)) break;
    first -= 1;
  }
  return first;
}

/** The last row of the logical line that the cursor is in; one that nothing is written in does not count. */
export function lastRowOfLogicalLine(emulator: Emulator): number {
  let last = emulator.cursor.line;
  for (;;) {
    const row = emulator.row(last);
    const next = emulator.row(last + 1);
    if (row === undefined || next === undefined || usedColumns(next.cells) === 0 || !continues(row, next)) break;
    last += 1;
  }
  return usedColumns(emulator.row(last)?.cells ?? []) === 0 ? last - 1 : last;
}

/** The column that the character at string index `index` of the row stands in. */
function columnOfIndex(cells: readonly Cell[], index: number): number {
  let length = 0;
  for (const [column, cell] of cells.entries()) {
    if (length >= index && cell.width > 0) return column;
    if (cell.width > 0) length += cell.chars === '' ? 1 : cell.chars.length;
  }
  return cells.length;
}

/** Text at the right margin with a gap before it; text next to the cursor is part of the line. */
function rightPrompt(cells: readonly Cell[], cursor: number): string {
  const used = usedColumns(cells);
  const gap = cells.slice(cursor, cursor + 2).every((cell) => cell.chars.trim() === '');
  if (used <= cursor || !gap || used < cells.length - 2) return '';
  return cellText(cells, cursor, used).trim();
}

/**
 * Where the anchored line starts now: at its mark while its prompt stands there, unless the shell has drawn the
 * same line again below (after a listing); above the mark only after the screen was cleared; on the very row if its
 * prompt changed by a few characters. Undefined: the prompt is lost.
 */
export function locateAnchor(emulator: Emulator, anchor: Anchor): Start | undefined {
  const cursor = emulator.cursor;
  const marked = anchor.mark.line;
  if (anchor.prompt.trim() === '') return locateBlank(emulator, anchor, marked);
  const cleared = marked < 0 || cursor.line < marked;
  const reachable = !cleared && isBehind(cursor, marked, anchor.column);
  const stays = reachable && hasPrompt(emulator, anchor, marked);
  const below = lowerPrompt(emulator, anchor, cleared ? emulator.top : marked + 1, stays);
  if (below !== undefined) return { line: below, column: anchor.column };
  if (stays) return { line: marked, column: anchor.column };
  const changed = reachable ? fewChanges(leftOf(emulator, marked, anchor.column), anchor.prompt) : undefined;
  if (changed === undefined) return undefined;
  const changedFrom = columnOfIndex(emulator.row(marked)?.cells ?? [], changed);
  return { line: marked, column: anchor.column, changedFrom };
}

/** The last row from `lowest` down to the cursor that begins with the prompt. @param stays it also stands at the mark */
function lowerPrompt(emulator: Emulator, anchor: Anchor, lowest: number, stays: boolean): number | undefined {
  const cursor = emulator.cursor;
  for (let line = cursor.line; line >= Math.max(lowest, cursor.line - SEARCH_ROWS); line -= 1) {
    const fits = isBehind(cursor, line, anchor.column) && hasPrompt(emulator, anchor, line);
    if (!fits || isJoined(emulator, line)) continue;
    if (!stays || drawnAgain(emulator, anchor, anchor.mark.line, line)) return line;
  }
  return undefined;
}

/** The anchor at the place where its line was found, so that a later search begins there. */
export function followAnchor(emulator: Emulator, anchor: Anchor): Anchor {
  const place = locateAnchor(emulator, anchor);
  if (place === undefined || place.line === anchor.mark.line) return anchor;
  const mark = emulator.mark(place.line, place.column);
  if (mark === undefined) return anchor;
  anchor.mark.dispose();
  return { ...anchor, mark };
}

function hasPrompt(emulator: Emulator, anchor: Anchor, line: number): boolean {
  return leftOf(emulator, line, anchor.column) === anchor.prompt;
}

/** A row that goes on from the one above holds text, whatever it looks like. */
function isJoined(emulator: Emulator, line: number): boolean {
  if (line <= emulator.endedLine + 1) return false;
  const above = emulator.row(line - 1);
  const row = emulator.row(line);
  return above !== undefined && row !== undefined && continues(above, row);
}

/** A line drawn again begins with what was there; text of the line itself that looks like its prompt does not. */
export function drawnAgain(emulator: Emulator, anchor: Anchor, upper: number, lower: number): boolean {
  const behind = (line: number): string => squash(emulator.text(line, anchor.column, emulator.cols));
  const right = squash(anchor.right);
  const before = behind(upper);
  return behind(lower).startsWith(right !== '' && before.endsWith(right) ? before.slice(0, -right.length) : before);
}

/** Whether the cursor is at or behind a column of a line. */
function isBehind(cursor: Place, line: number, column: number): boolean {
  return cursor.line > line || (cursor.line === line && cursor.column >= column);
}

function leftOf(emulator: Emulator, line: number, column: number): string {
  return emulator.text(line, 0, column);
}

/** Without a prompt only the marked place itself counts. */
function locateBlank(emulator: Emulator, anchor: Anchor, marked: number): Place | undefined {
  const cursor = emulator.cursor;
  if (marked < 0 || cursor.line < marked) return undefined;
  if (cursor.line === marked && cursor.column < anchor.column) return undefined;
  if (leftOf(emulator, marked, anchor.column).trim() !== '') return undefined;
  return { line: marked, column: anchor.column };
}

/**
 * Index of the first of a few changed characters; undefined when there are more. The blanks at its end never change:
 * text that a program has moved into the prompt is not the prompt.
 */
function fewChanges(now: string, before: string): number | undefined {
  const shown = before.replace(/\s/gu, '').length;
  const blanks = before.length - before.trimEnd().length;
  if (now.length !== before.length || now.length - now.trimEnd().length !== blanks) return undefined;
  const changed = Array.from({ length: before.length }, (_, at) => at).filter(
    (at) => now.charAt(at) !== before.charAt(at),
  );
  return changed.length <= Math.min(MOST_CHANGED, Math.floor(shown / 2)) ? changed[0] : undefined;
}
