/**
 * What may be a command line in a full-screen program: the piece of the cursor's row between the vertical borders
 * of its pane, the commands that editors and multiplexers start from there, and the row itself. Good enough to
 * find something forbidden, never to prove something harmless.
 */
import type { Emulator, Row } from './emulator.ts';
import type { LineCandidate } from './line-reading.ts';
import { behindPromptEnd, type PromptMemory } from './prompt-memory.ts';
import { cellText } from './screen-text.ts';

const BORDER = /^[|│┃║▏▕¦┆┊╎┇┋╏]$/u;
/** A pane's text may fill so many rows above the cursor's. */
const MOST_ROWS = 20;

/** `:!cmd`, `!cmd`, `:r !cmd`, `:w !cmd`, `:run-shell cmd`, `:term cmd`, `:new-window cmd` and their like. */
const SHELL_ESCAPES: readonly RegExp[] = [
  /^\s*:?[^!]{0,40}!\s*(\S.*)$/,
  /^\s*:\s*(?:run(?:-shell)?|if(?:-shell)?|neww?(?:-window)?|split(?:w|-window)?|respawn\S*|pipe(?:p|-pane)?|display-popup|popup|ter(?:m(?:inal)?)?|sil(?:ent)?)\s+(\S.*)$/,
];

export interface AlternateLine {
  readonly text: string;
  readonly candidates: readonly LineCandidate[];
}

export function readAlternateLine(emulator: Emulator, prompts: PromptMemory): AlternateLine {
  const cursor = emulator.cursor;
  const row = emulator.row(cursor.line);
  if (row === undefined) return { text: '', candidates: [] };
  const pane = paneColumns(emulator, cursor.line, Math.min(cursor.column, row.cells.length - 1));
  const segment = paneText(emulator, cursor.line, pane).trimEnd();
  const whole = cellText(row.cells, 0, row.cells.length).trimEnd();
  const candidates = new Map<string, LineCandidate>();
  const add = (text: string, context: LineCandidate['context']): void => {
    if (text.trim() !== '') candidates.set(`${context} ${text}`, { text, context });
  };
  const line = behindPrompt(segment, prompts) ?? segment;
  for (const pattern of SHELL_ESCAPES) {
    const command = pattern.exec(line)?.[1];
    if (command !== undefined) for (const text of unquoted(command)) add(text, 'shell');
  }
  if (line !== segment) add(line, 'shell');
  add(segment, 'repl');
  add(whole, 'repl');
  return { text: line.trim(), candidates: [...candidates.values()] };
}

/** Text behind a known prompt, or behind what ends like one and has a host, a path or a version in it. */
function behindPrompt(segment: string, prompts: PromptMemory): string | undefined {
  const known = prompts.lastEndIn(segment);
  if (known !== undefined) return segment.slice(known);
  const behind = behindPromptEnd(segment);
  if (behind === undefined) return undefined;
  const prompt = segment.slice(0, segment.length - behind.length);
  return /^[^"']{0,60}$/.test(prompt) && /[@:~/.-]/.test(prompt) ? behind : undefined;
}

/** The command of an escape with and without the quotes around it. */
function unquoted(command: string): string[] {
  const inner = /^(["'])(.*)\1\s*$/.exec(command)?.[2];
  return inner === undefined ? [command] : [inner, command];
}

interface Columns {
  readonly from: number;
  readonly to: number;
}

/** The columns between the borders left and right of `column`. */
function paneColumns(emulator: Emulator, line: number, column: number): Columns {
  const width = emulator.cols;
  let from = 0;
  let to = width;
  // A line that fills its pane leaves the cursor on the border.
  const inside = isBorder(emulator, line, column) ? Math.max(0, column - 1) : column;
  for (let at = inside; at >= 0; at -= 1) {
    if (isBorder(emulator, line, at)) {
      from = at + 1;
      break;
    }
  }
  for (let at = inside; at < width; at += 1) {
    if (at >= from && isBorder(emulator, line, at)) {
      to = at;
      break;
    }
  }
  return { from, to };
}

/** A border goes on in the row above or below. */
function isBorder(emulator: Emulator, line: number, column: number): boolean {
  const at = (row: number): boolean => BORDER.test(emulator.row(row)?.cells[column]?.chars ?? '');
  return at(line) && (at(line - 1) || at(line + 1));
}

/** The pane's text on the cursor's row, joined upwards over rows that fill the pane. */
function paneText(emulator: Emulator, line: number, pane: Columns): string {
  let text = sliceOf(emulator.row(line), pane);
  for (let above = line - 1; above >= Math.max(0, line - MOST_ROWS); above -= 1) {
    const row = emulator.row(above);
    const last = row?.cells[pane.to - 1];
    if (last === undefined || (last.chars.trim() === '' && last.width !== 0)) break;
    text = sliceOf(row, pane) + text;
  }
  return text;
}

function sliceOf(row: Row | undefined, pane: Columns): string {
  return row === undefined ? '' : cellText(row.cells, pane.from, pane.to);
}
