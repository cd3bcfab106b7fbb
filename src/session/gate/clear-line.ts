/**
 * Takes a line off the target's editor without submitting it, and makes sure that it is gone: Ctrl-U, look; if
 * anything is left Ctrl-C, look again. Nothing here submits: both keys go out as edits.
 */
import type { KeyToken } from '../../terminal/key-token.ts';
import type { LineReading } from '../../terminal/line-reading.ts';
import { Clearance } from '../clearance.ts';
import type { TargetLeg } from '../ports.ts';
import type { GateTracker } from './collaborators.ts';
import { type SettleParts, whenSettled } from './settle.ts';

/** How long the target may take to show that the line is gone, ms. */
const CLEAR_WAIT = 1000;
/** How long its last answer may stand without the line being gone, ms. */
const ANSWERED_WAIT = 200;
/** No output for this long counts as the end of the answer, ms: what comes later is compared before Enter anyway. */
const QUIET = 10;

const KILL_LINE: KeyToken = { kind: 'edit', bytes: new Uint8Array([0x15]), key: 'kill-start', name: 'Ctrl-U' };
const INTERRUPT: KeyToken = { kind: 'interrupt', bytes: new Uint8Array([0x03]), key: 'C' };

export interface ClearingParts extends SettleParts {
  readonly target: TargetLeg;
  readonly tracker: GateTracker;
}

/** Where the line is that has to go. */
export type StandingLine = Pick<LineReading, 'place' | 'prompt' | 'statement'>;

/**
 * `erased`, `interrupted`: the screen shows an empty line, on the same prompt or on a new one below the old line.
 * `dirty`: it does not, and the session must end. `left`: a full-screen program, whose text stays; every later
 * Enter there is judged again.
 */
export type Cleared = 'erased' | 'interrupted' | 'dirty' | 'left';

/**
 * Clears the line that stands at `place` behind `prompt`. A continuation or a search knows no Ctrl-U: straight
 * to Ctrl-C.
 */
export async function clearLine(parts: ClearingParts, line: StandingLine, signal: AbortSignal): Promise<Cleared> {
  switch (line.place) {
    case 'alternate':
      return 'left';
    case 'prompt':
      return (await sendAndLook(parts, KILL_LINE, line, signal)) ? 'erased' : interrupt(parts, line, signal);
    case 'continuation':
    case 'search':
    case 'hidden':
      return interrupt(parts, line, signal);
  }
}

async function interrupt(parts: ClearingParts, line: StandingLine, signal: AbortSignal): Promise<Cleared> {
  return (await sendAndLook(parts, INTERRUPT, line, signal)) ? 'interrupted' : 'dirty';
}

async function sendAndLook(
  parts: ClearingParts,
  key: KeyToken,
  line: StandingLine,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return false;
  parts.tracker.sent(key);
  parts.target.write(Clearance.forEdit(key.bytes));
  const patience = { limit: CLEAR_WAIT, quiet: QUIET, doubt: ANSWERED_WAIT };
  return whenSettled(parts, () => isClear(parts.tracker, line), patience, signal);
}

/** Whether the line is empty: the tracker says so; or nothing but the prompt of the line stands left of the cursor on a line not yet begun. */
export function isClear(tracker: GateTracker, line: StandingLine): boolean {
  const state = tracker.lineState();
  if (state !== 'unknown') return state === 'empty';
  const prompt = promptBefore(line);
  return prompt.trim() !== '' && tracker.promptNow().text === prompt;
}

/** The prompt that stands there once the line is cleared: of a statement over several lines, its first one. */
export function promptBefore({ prompt, statement }: StandingLine): string {
  return statement?.prompt ?? prompt.text;
}
