/**
 * Weighs the two witnesses of a line, keys and screen, at one moment: agreed, to be waited for, or doubtful. Pure:
 * the tracker calls it again whenever output arrives or time has passed.
 */
import { ABBREVIATION } from './abbreviation.ts';
import type { EchoTimes } from './echo-times.ts';
import type { KeystrokeLine } from './keystroke-line.ts';
import { behindPromptEnd, looksLikePrompt } from './prompt-memory.ts';
import type { ScreenLine } from './screen-line.ts';
import { squash } from './screen-text.ts';

export interface CheckView {
  readonly keys: Pick<
    KeystrokeLine,
    'before' | 'after' | 'text' | 'typed' | 'exact' | 'doubt' | 'suffix' | 'plain' | 'touched' | 'commanding'
  >;
  /** Control characters that may be in it as text, as the screen would show them (`^X`). */
  readonly controls: readonly string[];
  /** The line as a terminal driver makes it of the keys, if some erase and it knows them all; else null. */
  readonly cooked: string | null;
  /** The anchored line; undefined when there is no anchor or its prompt is lost. */
  readonly screen: ScreenLine | undefined;
  /** The logical row left of the cursor, behind the last known prompt in it if there is one. */
  readonly row: { readonly text: string; readonly prompted: boolean };
  /** Text right of the cursor on its row. */
  readonly rowAfter: string;
  /** What an Enter does with the suggestion behind the line: node's REPL takes it over, shells leave it. */
  readonly suggestions: 'taken' | 'perhaps' | 'left';
  /** A terminal report went to the target with the line: an editor may have taken a part of it for text. */
  readonly reported: boolean;
  /** Monotonic times of this check and of its beginning, ms. */
  readonly now: number;
  readonly started: number;
  readonly times: Pick<EchoTimes, 'lastInput' | 'lastOutput' | 'outputSinceKey' | 'slowKey' | 'editKey' | 'roundTrip'>;
}

export type Verdict =
  | { readonly kind: 'wait'; readonly ms: number }
  /** Keys and screen agree. `also`: readings of the screen that differ in case or go on. `prompted`: behind a known prompt. */
  | { readonly kind: 'agreed'; readonly text: string; readonly also: readonly string[]; readonly prompted: boolean }
  | { readonly kind: 'unconfirmed'; readonly text: string; readonly also: readonly string[]; readonly hidden: boolean }
  | { readonly kind: 'settled'; readonly text: string; readonly also: readonly string[] }
  | {
      readonly kind: 'opaque';
      readonly text: string | null;
      readonly also: readonly string[];
      readonly reason: string;
    };

export type DoneVerdict = Exclude<Verdict, { kind: 'wait' }>;

export function checkLine(view: CheckView): Verdict {
  if (!view.keys.exact) return checkSettled(view);
  const agreed = agreement(view);
  if (agreed !== undefined) {
    const effect = effectPending(view);
    return effect > 0 ? { kind: 'wait', ms: effect } : agreed;
  }
  if (view.keys.text === '' && view.screen !== undefined) return checkSettled(view);
  const limit = Math.max(400, 4 * view.times.roundTrip) - (view.now - view.started);
  const quiet =
    Math.max(150, 60 + 2 * view.times.roundTrip) - (view.now - Math.max(view.started, view.times.lastOutput));
  if (limit > 0 && quiet > 0) return { kind: 'wait', ms: Math.min(limit, quiet) };
  return unconfirmed(view);
}

/** The verdict with a paste at the end that has not been sent yet. */
export function withPaste(verdict: DoneVerdict, pasted: string): DoneVerdict {
  if (pasted === '') return verdict;
  const also = verdict.also.map((text) => text + pasted);
  if (verdict.kind === 'opaque') return { ...verdict, text: (verdict.text ?? '') + pasted, also };
  return { ...verdict, text: verdict.text + pasted, also };
}

/**
 * A key that should have changed nothing may do more in some editor: time until that would have been seen, ms. What
 * has come may answer the keys before it.
 */
function effectPending({ times, now }: CheckView): number {
  if (!times.editKey) return 0;
  return Math.max(60, 30 + 1.5 * times.roundTrip) - (now - times.lastInput);
}

/** Whether the screen shows what the keys say, white space and case aside. */
function agreement(view: CheckView): Verdict | undefined {
  const { keys, screen } = view;
  if (blanksMoved(view)) return undefined;
  if (screen !== undefined && screen.search === undefined) {
    const rest = screen.after + screen.ghost;
    const before = squash(screen.before);
    const same = sameFolded(before, squash(keys.before)) && startsFolded(squash(rest), squash(keys.after));
    if (same) return agreedOn(view, screen);
  }
  return keys.text === '' ? emptyWithoutAnchor(view) : agreementOnRow(view);
}

/** The keys, and whatever else the screen may say that runs. */
function agreedOn(view: CheckView, screen: ScreenLine): Verdict {
  const { text } = view.keys;
  const also = furtherReadings(view, screen);
  const [added, ...perhaps] = suggested(view, screen, text);
  if (added === undefined) return { kind: 'agreed', text, also, prompted: true };
  if (view.suggestions === 'taken') return { kind: 'settled', text: added, also: [text, ...also, ...perhaps] };
  return { kind: 'agreed', text, also: [...also, added, ...perhaps], prompted: true };
}

/** The screen in another case, with other blanks (the editor made them of other keys, or took some away), or with more solid text behind the cursor than the keys account for. */
function furtherReadings(view: CheckView, screen: ScreenLine): string[] {
  const shown = screen.before + screen.after;
  const plain = squash(shown) === squash(view.keys.text);
  if (plain && !sameWords(view.keys.text, shown)) return [shown];
  return plain || (squash(screen.after) === '' && squash(screen.before) === squash(view.keys.before)) ? [] : [shown];
}

/**
 * After an edit in mid-line a blank stands inside of a word: the editor put the keys somewhere else. In a line of
 * more rows than one a blank may be their edge.
 */
function blanksMoved({ keys, screen, row, rowAfter }: CheckView): boolean {
  if (keys.plain || screen?.wraps === true) return false;
  const shown = screen === undefined ? row.text + rowAfter : screen.before + screen.after;
  return squash(shown) === squash(keys.text) && !sameWords(shown, keys.text);
}

/** Typed ahead: no anchor, but the keys are what stands left of the cursor, behind a known prompt or somewhere. */
function agreementOnRow(view: CheckView): Verdict | undefined {
  const { keys, row } = view;
  const shown = squash(row.text);
  const typed = squash(keys.before);
  if (!startsFolded(squash(view.rowAfter), squash(keys.after))) return undefined;
  const whole = row.text + view.rowAfter;
  if (row.prompted && sameFolded(shown, typed)) {
    return { kind: 'agreed', text: keys.text, also: sameWords(whole, keys.text) ? [] : [whole], prompted: true };
  }
  if (view.screen !== undefined || typed === '' || !endsFolded(shown, typed)) return undefined;
  const also = shown === typed ? [] : [whole, behindPromptEnd(whole) ?? whole];
  return { kind: 'agreed', text: keys.text, also, prompted: false };
}

/** A bare Enter where no line is known to stand: nothing, unless the row says that something does. */
function emptyWithoutAnchor(view: CheckView): Verdict | undefined {
  const { row, rowAfter, screen } = view;
  if (screen !== undefined) return undefined;
  const shown = row.text + rowAfter;
  const bare = !row.prompted && /^\S+\s*$/u.test(shown) && looksLikePrompt(shown);
  if (bare || squash(shown) === '') return { kind: 'agreed', text: '', also: [], prompted: false };
  if (row.prompted) return { kind: 'settled', text: shown, also: [] };
  return { kind: 'opaque', text: shown, also: [], reason: 'text that nobody typed stands where the line would be' };
}

/** The line with the suggestion behind its end, where an Enter may take that over; a blank before it cannot be seen. */
function suggested({ suggestions }: CheckView, { after, ghost }: ScreenLine, line: string): readonly string[] {
  if (suggestions === 'left' || squash(after) !== '' || squash(ghost) === '') return [];
  return [line + ghost.trimEnd(), `${line.trimEnd()} ${ghost.trim()}`];
}

/** The echo did not come as the keys say. */
function unconfirmed(view: CheckView): Verdict {
  const { keys, screen } = view;
  const shown = screen === undefined ? view.row.text : screen.before + screen.after;
  if (squash(shown) === '') return { kind: 'unconfirmed', text: keys.text, also: [], hidden: true };
  const noise = keys.plain && !view.reported && isSubsequence(squash(keys.text), squash(shown));
  if (noise) return { kind: 'unconfirmed', text: keys.text, also: [shown], hidden: false };
  if (screen === undefined && !keys.plain && view.times.outputSinceKey) return opaque(view, unplaced(undefined));
  if (screen === undefined) return { kind: 'unconfirmed', text: keys.text, also: [shown], hidden: true };
  const why = misleading(view, screen, shown);
  if (why !== undefined) return opaque(view, why);
  return { kind: 'unconfirmed', text: shown, also: [keys.text], hidden: false };
}

/** The keys do not tell: the screen does, once it stands still and shows what was typed last. */
function checkSettled(view: CheckView): Verdict {
  const stillness =
    30 + 1.5 * view.times.roundTrip - (view.now - Math.max(view.times.lastInput, view.times.lastOutput));
  const left = Math.max(1500, 10 * view.times.roundTrip) - (view.now - view.started);
  if (stillness > 0 && left > 0) return { kind: 'wait', ms: Math.min(stillness, left) };
  if (stillness > 0) return opaque(view, 'the screen did not stand still');
  const proof = proofMissing(view);
  if (proof > 0 && left > 0) return { kind: 'wait', ms: Math.min(proof, left) };
  if (proof > 0) return opaque(view, 'what was typed last did not appear on the screen');
  return settledLine(view);
}

/** How long to wait for the proof that the screen has caught up, ms; 0 when it is there. */
function proofMissing(view: CheckView): number {
  const { keys, screen } = view;
  const suffix = squash(keys.suffix);
  if (suffix !== '') {
    const shown = squash(screen?.before ?? view.row.text);
    const searched = screen?.search === undefined ? '' : squash(screen.search);
    if (endsFolded(shown, suffix) || endsFolded(searched, suffix)) return 0;
    const patience =
      Math.max(600, 6 * view.times.roundTrip) - (view.now - Math.max(view.started, view.times.lastInput));
    return patience > 0 ? patience : Number.POSITIVE_INFINITY;
  }
  // What came may answer earlier keys, and a vi command need not appear as itself.
  if (view.times.outputSinceKey && !keys.commanding) return 0;
  return Math.max(0, effectPatience(view) - (view.now - view.times.lastInput));
}

/** How long the effect of the last key may take to show, ms. */
function effectPatience({ keys, times }: CheckView): number {
  if (times.slowKey) return Math.max(1000, 8 * times.roundTrip);
  return keys.commanding ? Math.max(300, 100 + 4 * times.roundTrip) : Math.max(120, 60 + 2.5 * times.roundTrip);
}

function settledLine(view: CheckView): Verdict {
  const { screen, keys } = view;
  if (screen === undefined) return opaque(view, unplaced(keys.doubt));
  const shown = screen.before + screen.after;
  if (squash(shown + screen.ghost) === '') {
    return opaque(view, `the screen shows an empty line, but ${madeDoubtful(keys.doubt)}`);
  }
  const why = misleading(view, screen, shown);
  if (why !== undefined) return movedOn(view) ?? opaque(view, why);
  // The same letters with other blanks: a program may have written those between the words.
  const typed = squash(shown) === squash(keys.typed) ? [keys.typed] : [];
  const [added, ...perhaps] = suggested(view, screen, shown);
  if (added !== undefined && view.suggestions === 'taken') {
    return { kind: 'settled', text: added, also: [shown, ...typed, ...perhaps] };
  }
  const ghost = squash(screen.ghost) === '' ? [] : [shown + screen.ghost];
  return { kind: 'settled', text: shown, also: [...typed, ...ghost, ...perhaps] };
}

/**
 * It began where no prompt was, and stands behind a known one now just as it was typed: fish has drawn it again. Only
 * the key that expands abbreviations came after what the keys tell for certain, else the line might be another one.
 */
function movedOn({ keys, row, rowAfter, screen }: CheckView): Verdict | undefined {
  const text = row.text + rowAfter;
  const isThere = row.prompted && squash(text) !== '' && squash(text) === squash(keys.text);
  if (!isThere || keys.doubt !== ABBREVIATION || screen?.start.column !== 0) return undefined;
  return { kind: 'settled', text, also: [keys.text] };
}

/** Why the screen may show something else than the line, though it stands still; undefined when nothing says so. */
function misleading(view: CheckView, screen: ScreenLine, shown: string): string | undefined {
  const { keys } = view;
  if (screen.start.column === 0 && screen.search === undefined) return 'no prompt stands before it';
  if (screen.promptAgain) return 'the prompt stands in it again: it may begin there';
  if (screen.edgeInDoubt || screen.paddedPairs.some((pair) => keys.typed.includes(pair)))
    return 'a wide character at the edge of the screen may stand behind a blank or not';
  if (/\p{M}/u.test(keys.typed) && squash(shown) !== squash(keys.typed)) return UNSURE_MARKS;
  if (view.controls.some((control) => shown.includes(control))) return 'it may contain a control character';
  const apart = screen.wraps && FAR_APART.test(shown) && !FAR_APART.test(keys.typed);
  return apart || leftOver(view, screen) ? REMAINS : undefined;
}

/** So many blanks in a line over several rows are rather the room between two things on the screen than typed. */
const FAR_APART = /\S {16}/u;
const UNSURE_MARKS = 'accents that were typed as characters of their own are not shown as they are';

const REMAINS = 'the screen may show remains of what was erased';

/** A cooked terminal cannot erase what is in the row above: the screen shows the line and more, or lacks a part. */
function leftOver({ cooked, keys }: CheckView, screen: ScreenLine): boolean {
  if (cooked === null || !screen.wraps) return false;
  const text = screen.before + screen.after;
  const [line, shown] = [squash(cooked), squash(text)];
  if (line === shown) return !sameWords(cooked, text);
  return isSubsequence(line, shown) || (keys.exact && line === squash(keys.text));
}

function opaque(view: CheckView, reason: string): Verdict {
  const { screen, keys } = view;
  const shown = screen === undefined ? view.row.text + view.rowAfter : screen.before + screen.after + screen.ghost;
  const also = [keys.text, keys.suffix].filter((text) => text.trim() !== '');
  return { kind: 'opaque', text: shown.trim() === '' ? null : shown, also, reason };
}

function unplaced(doubt: string | undefined): string {
  return `it is not clear where the line begins on the screen, and ${madeDoubtful(doubt)}`;
}

function madeDoubtful(doubt: string | undefined): string {
  return doubt === undefined ? 'the keys do not tell' : `it was edited with keys that cannot be followed (${doubt})`;
}

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) {
    if (at < part.length && part.startsWith(character, at)) at += character.length;
  }
  return at >= part.length;
}

/** The same but for how many blanks part the words. */
function sameWords(one: string, other: string): boolean {
  const words = (text: string): string => text.trim().split(/\s+/u).join(' ');
  return words(one) === words(other);
}

function sameFolded(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}

function startsFolded(text: string, start: string): boolean {
  return text.startsWith(start) || text.toLowerCase().startsWith(start.toLowerCase());
}

function endsFolded(text: string, end: string): boolean {
  return text.endsWith(end) || text.toLowerCase().endsWith(end.toLowerCase());
}
