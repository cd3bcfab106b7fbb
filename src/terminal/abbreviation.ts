/**
 * fish replaces an abbreviation when Enter is pressed behind it: what runs then was never on the screen. A blank
 * typed first makes it do so before, where it can be read. Here is when a blank is needed.
 */
import type { Emulator } from './emulator.ts';
import type { KeyToken } from './key-token.ts';
import type { ScreenLine } from './screen-line.ts';

const LINE_END: KeyToken = { kind: 'edit', bytes: Uint8Array.of(5), key: 'end', name: 'Ctrl-E' };
const BLANK: KeyToken = { kind: 'text', bytes: Uint8Array.of(0x20), text: ' ' };

/** Why a line is not known from its keys any more once fish was made to show what it stands for. */
export const ABBREVIATION = 'an abbreviation';

export const BLANK_AWAY: KeyToken = { kind: 'edit', bytes: Uint8Array.of(0x7f), key: 'backspace', name: 'Backspace' };

/** The keys that make an abbreviation in the line show what it stands for; none when the cursor is behind a blank. */
export function expandingKeys(screen: ScreenLine): readonly KeyToken[] {
  if (screen.search !== undefined || (screen.before + screen.after).trim() === '') return [];
  if (screen.after.trim() !== '') return [LINE_END, BLANK];
  return /\s$/u.test(screen.before) ? [] : [BLANK];
}

/** The blank is there: the cursor stands behind it, at the end of what is not a suggestion. */
export function blankShown(emulator: Emulator, screen: ScreenLine | undefined): boolean {
  if (screen === undefined || screen.before.trim() === '' || screen.after.trim() !== '') return false;
  const { line, column } = emulator.cursor;
  return column === 0 ? /\s$/u.test(screen.before) : emulator.text(line, column - 1, column).trim() === '';
}
