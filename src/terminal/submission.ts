/** Whether a submission ran the line: seen from where the cursor went. */
import { type Anchor, drawnAgain, locateAnchor } from './anchor.ts';
import type { Emulator, LineMark } from './emulator.ts';
import type { LineReading } from './line-reading.ts';
import { readScreenLine } from './screen-line.ts';
import { cursorRow } from './screen-rows.ts';
import { squash } from './screen-text.ts';

export type Effect = 'executed' | 'not-executed';

/** A submission that was sent. */
export interface Submitted {
  readonly anchor: Anchor | undefined;
  /** The cursor when it was sent. */
  readonly cursor: LineMark | undefined;
  readonly alternate: boolean;
  /** When it was sent, monotonic ms. */
  readonly at: number;
  /** All text that was typed, as `CookedLine` keeps it. */
  readonly typed: string;
  /** A key that only may have run the line. */
  readonly soft: boolean;
  readonly reading: LineReading | undefined;
  /** The prompt was proved by an echoed line that began empty. */
  readonly confirmed: boolean;
  /** Set once it is known. */
  effect: Effect | undefined;
}

/** An Enter ran the line unless the line still stands there with the cursor in it; other keys only if it is gone. */
export function effectOf(emulator: Emulator, submitted: Submitted, outputSeen: boolean): Effect {
  if (submitted.alternate || emulator.alternate) return 'executed';
  if (submitted.soft) return leftTheLine(emulator, submitted) ? 'executed' : 'not-executed';
  if (!outputSeen || submitted.reading === undefined || submitted.reading.line.hidden) return 'executed';
  return stillEditing(emulator, submitted) ? 'not-executed' : 'executed';
}

function leftTheLine(emulator: Emulator, submitted: Submitted): boolean {
  const then = submitted.cursor?.line ?? -1;
  if (then < 0 || emulator.cursor.line > then) return true;
  const empty = (submitted.reading?.line.text ?? '').trim() === '';
  if (!empty && !stillEditing(emulator, submitted)) return true;
  // A cooked terminal shows no line break for Ctrl-D: the next prompt stands behind the line.
  const prompt = submitted.anchor?.prompt ?? '';
  const shown = cursorRow(emulator).before;
  return prompt.trim() !== '' && shown.length > prompt.length && shown.endsWith(prompt);
}

/** The line's own text is still behind its prompt, and the cursor is in it. */
function stillEditing(emulator: Emulator, submitted: Submitted): boolean {
  const { anchor, cursor } = submitted;
  if (anchor === undefined || anchor.mark.line < 0) return false;
  const place = locateAnchor(emulator, anchor);
  if (place === undefined || place.line !== anchor.mark.line) return false;
  if (cursor !== undefined && cursor.line >= 0 && emulator.cursor.line > cursor.line) return false;
  if (newPrompt(emulator, anchor)) return false;
  const screen = readScreenLine(emulator, anchor, { multiline: false });
  return screen !== undefined && squash(screen.before + screen.after) !== '';
}

/** The cursor stands behind the same prompt further down, though an editor that miscounts rows drew it there. */
function newPrompt(emulator: Emulator, anchor: Anchor): boolean {
  const { column: start, mark, prompt } = anchor;
  const { line, column } = emulator.cursor;
  const there = line > mark.line && column >= start && prompt.trim() !== '' && emulator.text(line, 0, start) === prompt;
  if (!there || column === start) return there;
  return line > emulator.endedLine && !drawnAgain(emulator, anchor, mark.line, line);
}
