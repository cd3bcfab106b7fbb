/** The cursor's logical row as text, for lines that have no anchor. */
import { firstRowOfLogicalLine } from './anchor.ts';
import type { Emulator } from './emulator.ts';
import type { PromptMemory } from './prompt-memory.ts';
import { cellText, continues, joinedColumns, usedColumns } from './screen-text.ts';

export interface CursorRow {
  readonly before: string;
  readonly after: string;
}

/** Text of the logical row left and right of the cursor. */
export function cursorRow(emulator: Emulator): CursorRow {
  const cursor = emulator.cursor;
  let before = '';
  for (let line = firstRowOfLogicalLine(emulator, cursor.line); line <= cursor.line; line += 1) {
    const row = emulator.row(line);
    if (row === undefined) break;
    const next = line === cursor.line ? undefined : emulator.row(line + 1);
    before += cellText(row.cells, 0, next === undefined ? cursor.column : joinedColumns(row, next));
  }
  return { before, after: textBehindCursor(emulator).trimEnd() };
}

function textBehindCursor(emulator: Emulator): string {
  const cursor = emulator.cursor;
  let text = '';
  for (let line = cursor.line; line < emulator.lines; line += 1) {
    const row = emulator.row(line);
    if (row === undefined) break;
    text += cellText(row.cells, line === cursor.line ? cursor.column : 0, usedColumns(row.cells));
    const next = emulator.row(line + 1);
    if (next === undefined || !continues(row, next)) break;
  }
  return text;
}

/** What stands behind the last known prompt in `text`, or all of it. */
export function behindKnownPrompt(
  text: string,
  prompts: PromptMemory,
): { readonly text: string; readonly prompted: boolean } {
  const end = prompts.lastEndIn(text);
  return end === undefined ? { text, prompted: false } : { text: text.slice(end), prompted: true };
}

/** The cursor stands right behind a known prompt, with nothing after it. */
export function atKnownPrompt(emulator: Emulator, prompts: PromptMemory): boolean {
  const row = cursorRow(emulator);
  const place = behindKnownPrompt(row.before, prompts);
  return place.prompted && place.text === '' && row.after.trim() === '';
}
