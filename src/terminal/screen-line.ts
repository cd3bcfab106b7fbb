/** The line as the screen shows it (the second of the two witnesses): all cells from its start on. */
import { type Anchor, locateAnchor, type Place, type Start } from './anchor.ts';
import type { Cell, Emulator, Row } from './emulator.ts';
import { cellText, continues, edgeBlank, joinedColumns, usedColumns } from './screen-text.ts';

export interface ScreenLine {
  /** Left of the cursor; rows that do not continue each other are separated by a newline. */
  readonly before: string;
  /** Right of the cursor, without suggestion and right prompt. */
  readonly after: string;
  /** What is drawn as suggestions are, right of the cursor; with it the line would be longer. */
  readonly ghost: string;
  /** An incremental search shows the line; what was searched for. */
  readonly search: string | undefined;
  readonly start: Place;
  /** What stands in the place of the end of the prompt, if a few of its characters are others now. */
  readonly overlap: string;
  /** It goes on in the row below the one that it starts in, or fills that to its end. */
  readonly wraps: boolean;
  /** A row below the one that it starts in begins with its prompt. */
  readonly promptAgain: boolean;
  /** A blank before a wide character at the edge of the screen may be part of the line or not. */
  readonly edgeInDoubt: boolean;
  /** Two wide characters with such a blank between them, as they would be typed if it was one of the line. */
  readonly paddedPairs: readonly string[];
}

/** `(reverse-i-search)` of readline stands in the place of the prompt. */
const READLINE_SEARCH = /^\((?:failed )?(?:reverse-|forward-)?i-search\)`/;
/** zsh shows what it searches for below the line; fish above its list. */
const BELOW_SEARCH = /^(?:failing )?(?:bck|fwd)-i-search: (.*?)_?\s*$/;
const ARGUMENT = /^\(arg: -?\d+\) /;

export interface ReadOptions {
  /** Rows below the cursor belong to the line though nothing continues into them. */
  readonly multiline: boolean;
}

/** The anchored line; undefined when its prompt is lost. */
export function readScreenLine(emulator: Emulator, anchor: Anchor, options: ReadOptions): ScreenLine | undefined {
  const special = specialStart(emulator, anchor);
  const start: Start | undefined = special?.place ?? locateAnchor(emulator, anchor);
  if (start === undefined) return undefined;
  const before = textBefore(emulator, start, anchor.right);
  const rest = textAfter(emulator, anchor.right, options.multiline || before.includes('\n'));
  if (special?.search === true) return searchLine(before + rest.solid + rest.ghost, start);
  return {
    before,
    after: rest.solid,
    ghost: rest.ghost,
    search: searchBelow(emulator),
    start,
    overlap: overlapOf(emulator, start),
    wraps: emulator.cursor.line > start.line || (emulator.row(start.line)?.cells.at(-1)?.chars ?? '') !== '',
    promptAgain: standsAgain(emulator, anchor.prompt, start.line),
    ...wideEdges(emulator, start.line),
  };
}

function standsAgain(emulator: Emulator, prompt: string, first: number): boolean {
  if (prompt.trim() === '') return false;
  const { line: last } = emulator.cursor;
  for (let line = first + 1; line <= last; line += 1) {
    if (emulator.text(line, 0, emulator.cols).startsWith(prompt)) return true;
  }
  return false;
}

function wideEdges(emulator: Emulator, first: number): Pick<ScreenLine, 'edgeInDoubt' | 'paddedPairs'> {
  const paddedPairs: string[] = [];
  for (let line = first; ; line += 1) {
    const row = emulator.row(line);
    const next = emulator.row(line + 1);
    if (row === undefined || next === undefined || !continues(row, next)) return { edgeInDoubt: false, paddedPairs };
    const blank = edgeBlank(row, next);
    if (blank === 'doubtful') return { edgeInDoubt: true, paddedPairs };
    if (blank === 'padding') paddedPairs.push(`${row.cells.at(-3)?.chars ?? ''} ${next.cells[0]?.chars ?? ''}`);
  }
}

function overlapOf(emulator: Emulator, { line, column, changedFrom }: Start): string {
  return changedFrom === undefined ? '' : emulator.text(line, changedFrom, column);
}

interface SpecialStart {
  readonly place: Place;
  readonly search: boolean;
}

/** Readline's search and repeat count replace the prompt. */
function specialStart(emulator: Emulator, anchor: Anchor): SpecialStart | undefined {
  const { line: cursorLine } = emulator.cursor;
  const lowest = Math.max(0, anchor.mark.line < 0 ? emulator.top : Math.min(anchor.mark.line, cursorLine));
  for (let line = cursorLine; line >= lowest; line -= 1) {
    const text = emulator.text(line, 0, emulator.cols);
    if (!text.startsWith('(')) continue;
    if (READLINE_SEARCH.test(text)) return { place: { line, column: 0 }, search: true };
    const argument = ARGUMENT.exec(text);
    if (argument !== null) return { place: { line, column: argument[0].length }, search: false };
  }
  return undefined;
}

/** What stands behind the first `': ` is the line found; it may itself contain that, so the first one counts. */
function searchLine(shown: string, start: Place): ScreenLine {
  const open = shown.indexOf('`');
  const close = shown.indexOf("': ", open);
  const search = shown.slice(open + 1, close < 0 ? undefined : close);
  return {
    before: close < 0 ? '' : shown.slice(close + 3),
    after: '',
    ghost: '',
    search,
    start,
    overlap: '',
    wraps: false,
    promptAgain: false,
    edgeInDoubt: false,
    paddedPairs: [],
  };
}

function searchBelow(emulator: Emulator): string | undefined {
  const { line } = emulator.cursor;
  for (let below = line; below <= line + 3; below += 1) {
    const cells = emulator.row(below)?.cells;
    if (cells === undefined) return undefined;
    const match = BELOW_SEARCH.exec(cellText(cells, 0, usedColumns(cells)));
    if (match !== null) return match[1] ?? '';
  }
  return undefined;
}

function textBefore(emulator: Emulator, start: Place, right: string): string {
  const cursor = emulator.cursor;
  let text = '';
  for (let line = start.line; line <= cursor.line; line += 1) {
    const row = emulator.row(line);
    if (row === undefined) break;
    const from = line === start.line ? start.column : 0;
    if (line === cursor.line) text += cellText(row.cells, from, cursor.column);
    else text += wholeRow(row, emulator.row(line + 1), from, right);
  }
  return text;
}

/** A row above the cursor to its end, with a newline if the next row does not continue it. */
function wholeRow(row: Row, next: Row | undefined, from: number, right: string): string {
  const used = withoutRight(row.cells, from, right);
  if (used < row.cells.length && right !== '' && used < usedColumns(row.cells)) {
    return `${cellText(row.cells, from, used).trimEnd()}\n`;
  }
  if (next === undefined || !continues(row, next)) return `${cellText(row.cells, from, used)}\n`;
  return cellText(row.cells, from, joinedColumns(row, next));
}

interface Rest {
  readonly solid: string;
  readonly ghost: string;
}

function textAfter(emulator: Emulator, right: string, multiline: boolean): Rest {
  const glyphs: Glyph[] = [];
  const { line: first, column } = emulator.cursor;
  for (let line = first; line < emulator.lines; line += 1) {
    const row = emulator.row(line);
    if (row === undefined) break;
    const from = line === first ? column : 0;
    const next = emulator.row(line + 1);
    const end = rowEnd(row, next, from, right);
    pushGlyphs(glyphs, row.cells.slice(from, end.column));
    if (end.joined) continue;
    if (!multiline || next === undefined || usedColumns(next.cells) === 0) break;
    glyphs.push({ text: '\n', faint: false });
  }
  return splitGhost(glyphs);
}

/** Where the row's part of the line ends, and whether the next row goes on with it; not behind a right prompt. */
function rowEnd(row: Row, next: Row | undefined, from: number, right: string): { column: number; joined: boolean } {
  const used = withoutRight(row.cells, from, right);
  const stripped = right !== '' && used < usedColumns(row.cells);
  const joined = !stripped && next !== undefined && continues(row, next);
  return { column: joined ? joinedColumns(row, next) : used, joined };
}

interface Glyph {
  readonly text: string;
  readonly faint: boolean;
}

function pushGlyphs(glyphs: Glyph[], cells: readonly Cell[]): void {
  for (const cell of cells) {
    if (cell.width > 0) glyphs.push({ text: cell.chars === '' ? ' ' : cell.chars, faint: cell.faint });
  }
}

/** The ghost begins at the first faint character after which nothing is solid. */
function splitGhost(glyphs: readonly Glyph[]): Rest {
  let begin = glyphs.length;
  let ghost = glyphs.length;
  while (begin > 0) {
    const glyph = glyphs[begin - 1];
    if (glyph === undefined || (!glyph.faint && glyph.text.trim() !== '')) break;
    begin -= 1;
    if (glyph.faint && glyph.text.trim() !== '') ghost = begin;
  }
  const text = (from: number, to: number): string =>
    glyphs
      .slice(from, to)
      .map((glyph) => glyph.text)
      .join('')
      .trimEnd();
  return { solid: text(0, ghost), ghost: text(ghost, glyphs.length) };
}

/** Column where the row's text ends when the right prompt at its end is left out. */
function withoutRight(cells: readonly Cell[], from: number, right: string): number {
  const used = usedColumns(cells);
  if (right === '') return Math.max(from, used);
  const text = cellText(cells, from, used);
  if (!text.endsWith(right)) return Math.max(from, used);
  let width = 0;
  let length = 0;
  for (let column = used; column > from && length < right.length; column -= 1) {
    const cell = cells[column - 1];
    width += 1;
    if (cell !== undefined && cell.width > 0) length += cell.chars === '' ? 1 : cell.chars.length;
  }
  return Math.max(from, used - width);
}
