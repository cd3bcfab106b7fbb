/**
 * Takes a line off the target's editor without submitting it, and makes sure that it is gone: Ctrl-U, look; if
 * anything is left Ctrl-C, look again. Nothing here submits: both keys go out as edits.
 */
import type { KeyToken } from '../../terminal/key-token.ts';
import type { LinePlace } from '../../terminal/line-reading.ts';
import { Clearance } from '../clearance.ts';
import type { TargetLeg } from '../ports.ts';
import type { GateTracker } from './collaborators.ts';
import { type SettleParts, whenSettled } from './settle.ts';

/** How long the target may take to show that the line is gone, ms. */
const CLEAR_WAIT = 1000;

export const KILL_LINE: KeyToken = { kind: 'edit', bytes: new Uint8Array([0x15]), key: 'kill-start', name: 'Ctrl-U' };
export const INTERRUPT: KeyToken = { kind: 'interrupt', bytes: new Uint8Array([0x03]), key: 'C' };

export interface ClearingParts extends SettleParts {
  readonly target: TargetLeg;
  readonly tracker: GateTracker;
}

/**
 * `erased`, `interrupted`: the screen shows an empty line, on the same prompt or on a new one below the old line.
 * `dirty`: it does not, and the session must end. `left`: a full-screen program, whose text stays; every later
 * Enter there is judged again.
 */
export type Cleared = 'erased' | 'interrupted' | 'dirty' | 'left';

/** Clears the line that stands at `place`. A continuation or a search knows no Ctrl-U: straight to Ctrl-C. */
export async function clearLine(parts: ClearingParts, place: LinePlace, signal: AbortSignal): Promise<Cleared> {
  switch (place) {
    case 'alternate':
      return 'left';
    case 'prompt':
      return (await sendAndLook(parts, KILL_LINE, signal)) ? 'erased' : interrupt(parts, signal);
    case 'continuation':
    case 'search':
    case 'hidden':
      return interrupt(parts, signal);
  }
}

async function interrupt(parts: ClearingParts, signal: AbortSignal): Promise<Cleared> {
  return (await sendAndLook(parts, INTERRUPT, signal)) ? 'interrupted' : 'dirty';
}

async function sendAndLook(parts: ClearingParts, key: KeyToken, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  parts.tracker.sent(key);
  parts.target.write(Clearance.forEdit(key.bytes));
  return whenSettled(parts, () => parts.tracker.lineState() === 'empty', CLEAR_WAIT, signal);
}
