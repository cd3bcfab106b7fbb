/** Makes a shell that replaces abbreviations at Enter show what they stand for, while the line can still be judged. */
import type { Emulator } from '../../terminal/emulator.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import { Clearance } from '../clearance.ts';
import type { ClearingParts } from './clear-line.ts';
import { whenSettled } from './settle.ts';

/** How long a shell may take to show what an abbreviation stands for, ms. */
const EXPANSION_WAIT = 1000;

export interface ExpandingParts extends ClearingParts {
  readonly emulator: Emulator;
}

/** @returns whether keys were sent for it: then the line has to be read anew */
export async function expandAbbreviations(parts: ExpandingParts, signal: AbortSignal): Promise<boolean> {
  const { emulator, target, tracker } = parts;
  const keys = tracker.expandingKeys();
  if (keys.length === 0) return false;
  const before = emulator.cursor.column;
  const send = (one: KeyToken): void => {
    tracker.sent(one);
    target.write(Clearance.forEdit(one.bytes));
  };
  keys.forEach(send);
  const shown = (): boolean => emulator.cursor.column !== before && tracker.expanded();
  tracker.expansionEnded(await whenSettled(parts, shown, { limit: EXPANSION_WAIT }, signal)).forEach(send);
  return true;
}
