/** Types a line on the target as a whole, and reads what stands there then. Nothing here submits. */
import { HeldlineError } from '../../base/heldline-error.ts';
import type { Emulator } from '../../terminal/emulator.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import type { LineReading } from '../../terminal/line-reading.ts';
import { Clearance } from '../clearance.ts';
import { type ExpandingParts, expandAbbreviations } from './expand-abbreviations.ts';
import { whenSettled } from './settle.ts';

export const ENTER: KeyToken = { kind: 'submit', bytes: new Uint8Array([0x0d]), key: 'enter' };

/** How long the target may take to show the line exactly, once it has shown its letters, ms. */
const EXACT_WAIT = 1000;

/**
 * Types `text` on an empty line. @param untyped it never stood there: an abbreviation in it is made to show itself
 * @throws HeldlineError `release.voided` on control characters
 */
export async function retype(
  text: string,
  untyped: boolean,
  parts: ExpandingParts,
  signal: AbortSignal,
): Promise<LineReading> {
  const { emulator, target, tracker } = parts;
  const typed = typedAgain(text, emulator.modes.bracketedPaste);
  tracker.sent(typed);
  target.write(Clearance.forEdit(typed.bytes));
  const reading = await tracker.resolve(ENTER, signal);
  if (!untyped || reading.line.hidden) return reading;
  const expanded = await expandAbbreviations(parts, signal);
  const exact = (): boolean => tracker.cellsOfLine() === text;
  if (!expanded && exact()) return reading;
  const settled = (): Promise<boolean> => whenSettled(parts, exact, { limit: EXACT_WAIT, quiet: 0 }, signal);
  await settled();
  // The line may have been half drawn when its abbreviation was looked for.
  if (!expanded && (await expandAbbreviations(parts, signal))) await settled();
  return tracker.resolve(ENTER, signal);
}

/** @param bracketed the target takes pastes as such */
function typedAgain(text: string, bracketed: boolean): KeyToken {
  if (/\p{Cc}/u.test(text)) throw new HeldlineError('release.voided', 'the line has control characters');
  const bytes = new TextEncoder().encode(bracketed ? `\x1b[200~${text}\x1b[201~` : text);
  return bracketed ? { kind: 'paste', bytes, text, complete: true } : { kind: 'text', bytes, text };
}

/** What the row of the cursor shows and where in it the cursor is: equal values mean that nothing has moved. */
export function rowOfCursor(emulator: Emulator): string {
  const { line, column } = emulator.cursor;
  const cells = emulator.row(line)?.cells ?? [];
  return JSON.stringify([line, column, cells.map((cell) => cell.chars)]);
}
