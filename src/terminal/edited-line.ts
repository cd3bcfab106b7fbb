/** What is known of the one line that is being edited; a new object for every line. */
import { ABBREVIATION, expandingKeys } from './abbreviation.ts';
import { type Anchor, lastRowOfLogicalLine } from './anchor.ts';
import type { Emulator } from './emulator.ts';
import type { KeyToken } from './key-token.ts';
import { KeystrokeLine } from './keystroke-line.ts';
import { readScreenLine, type ScreenLine } from './screen-line.ts';
import { squash } from './screen-text.ts';
import type { Submitted } from './submission.ts';

/** Longer lines are compared only when they are submitted, not after each output. Characters. */
const LONGEST_WATCHED = 16 * 1024;

export interface EditedLine {
  readonly keys: KeystrokeLine;
  /** Where it begins on the screen; undefined when it was typed ahead or in a full-screen program. */
  anchor: Anchor | undefined;
  /** It was seen on the screen as the keys say. */
  echoed: boolean;
  /** Something stood behind the prompt while it was edited. */
  contentSeen: boolean;
  /** The line as the screen showed it after the last output; blanks count, for they part words. */
  shown: string | undefined;
  /** The same as it was shown. */
  shownText: string;
  /** A terminal report went to the target since the line before. */
  reported: boolean;
  /** It was begun before its prompt was there. */
  awaitsPrompt: boolean;
  /** Keys of a line that was never seen and whose place a new prompt has taken. */
  carried: string;
  /** Keys of a full-screen program that has ended; they may have gone to the editor behind it. */
  strayed: string;
  /** The editor may have filled it before the first key. */
  prefillSuspected: boolean;
  /** What it showed before keys were sent that expand abbreviations, without white space. */
  beforeExpansion: string;
  /** Why the screen must not be believed about it. */
  distrust: string | undefined;
}

export function newLine(): EditedLine {
  return {
    keys: new KeystrokeLine(),
    anchor: undefined,
    echoed: false,
    contentSeen: false,
    shown: undefined,
    shownText: '',
    reported: false,
    awaitsPrompt: false,
    carried: '',
    strayed: '',
    prefillSuspected: false,
    beforeExpansion: '',
    distrust: undefined,
  };
}

/** Whether the keys alone tell what of it would stand left of the cursor. */
export function isTypedAhead({ keys }: EditedLine): boolean {
  return keys.exact && keys.after === '' && keys.touched;
}

/** A known prompt is there. @returns whether it is the one that the line was begun before */
export function takeAwaitedPrompt(line: EditedLine): boolean {
  const awaited = line.awaitsPrompt;
  line.awaitsPrompt = false;
  return awaited;
}

/** The line as the screen shows it; undefined without an anchor or when its prompt is lost. */
export function screenOf(emulator: Emulator, line: EditedLine): ScreenLine | undefined {
  if (line.anchor === undefined) return undefined;
  return readScreenLine(emulator, line.anchor, { multiline: line.keys.multiline });
}

/** Keys to send before the submit key, so that fish shows what it will run; none for other shells. */
export function beginExpansion(emulator: Emulator, line: EditedLine): readonly KeyToken[] {
  const screen = emulator.fishSeen && !emulator.alternate ? screenOf(emulator, line) : undefined;
  if (screen === undefined) return [];
  line.beforeExpansion = squash(screen.before + screen.after);
  return expandingKeys(screen);
}

/** Whether anything stands on the line; unknown while its place or a search hides that. */
export function contentOf(screen: ScreenLine | undefined): 'empty' | 'not-empty' | 'unknown' {
  if (screen === undefined || screen.search !== undefined) return 'unknown';
  return squash(screen.before + screen.after) === '' ? 'empty' : 'not-empty';
}

/**
 * Notes what the screen shows of the line after output.
 * @param unasked the output answers no key
 * @returns whether it shows just what was typed
 */
export function watchLine(line: EditedLine, screen: ScreenLine, unasked: boolean): boolean {
  const cells = screen.before + screen.after;
  const shown = squash(cells);
  if (unasked && line.shown !== undefined && cells !== line.shown) distrustLate(line);
  line.shown = cells;
  line.shownText = screen.before + screen.after;
  if (shown !== '') line.contentSeen = true;
  const agrees = line.keys.exact && line.keys.length <= LONGEST_WATCHED && shown === squash(line.keys.text);
  if (agrees && shown !== '') line.echoed = true;
  return agrees;
}

/** Notes that the screen cannot be believed: something else than the editor wrote into the line. */
function distrustLate(line: EditedLine): void {
  line.distrust ??= 'output of the target changed the line while nobody typed';
}

/** Just before an Enter is sent: rows of this line are none of the next one. */
export function endLine(emulator: Emulator): void {
  emulator.lineEnded(lastRowOfLogicalLine(emulator));
}

/** A line is begun while it is not known whether the Enter before it ran: it may go on with the line before. */
export function takeOver(emulator: Emulator, line: EditedLine, submitted: Submitted | undefined): void {
  line.carried = submitted?.reading?.line.text ?? '';
  if (submitted !== undefined && isRewritten(emulator, submitted)) distrustLate(line);
}

/** After an Enter that ran nothing: the line goes on where it stands. */
export function takeUpAgain(emulator: Emulator, line: EditedLine, submitted: Submitted): void {
  if (isRewritten(emulator, submitted)) distrustLate(line);
  line.anchor?.mark.dispose();
  line.anchor = submitted.anchor;
  emulator.lineResumed();
  line.keys.lose('an Enter that did not run the line');
  const screen = screenOf(emulator, line);
  if (screen !== undefined && submitted.reading !== undefined) line.shown = screen.before + screen.after;
}

/** Since it was submitted, its text has got other blanks: a program wrote them, not the editor. */
function isRewritten(emulator: Emulator, { anchor, reading }: Submitted): boolean {
  if (anchor === undefined || reading === undefined) return false;
  const screen = readScreenLine(emulator, anchor, { multiline: false });
  if (screen === undefined) return false;
  const now = screen.before + screen.after;
  const before = reading.line.text ?? '';
  return now !== before && squash(now) === squash(before);
}

/**
 * The line is what the screen shows now.
 * @param shown the keys that expand abbreviations had their effect in time
 * @returns whether nothing was expanded: then the blank may go again
 */
export function takeExpansion(emulator: Emulator, line: EditedLine, shown: boolean): boolean {
  const screen = screenOf(emulator, line);
  if (!shown || screen === undefined) line.distrust ??= 'it may hold an abbreviation that the shell replaces';
  const same = screen !== undefined && squash(screen.before + screen.after) === line.beforeExpansion;
  if (!shown || !same) line.keys.lose(ABBREVIATION);
  return shown && same;
}

/** What was typed into a full-screen program since its last Enter. One key, as `q`, is no command. */
export function strayedKeys({ keys }: EditedLine): string {
  const typed = keys.exact ? keys.text : keys.typed;
  return typed.trim().length > 1 ? typed.slice(-2000) : '';
}
