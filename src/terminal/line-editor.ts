/**
 * The line editor of strict line mode: text, cursor, history and what was cut, as a pure state machine. It draws
 * nothing and sends nothing. A line holds only characters that people can see, so that what stands here is what
 * is judged and typed on the target.
 */
import { visible } from '../base/visible.ts';
import { characterWidth } from './character-width.ts';

/** Characters of a line; what is typed beyond is not taken. */
export const LONGEST_LINE: number = 8 * 1024;
const LONGEST_HISTORY = 500;
const MOST_UNDONE = 200;

export interface EditorState {
  /** Characters left of the cursor, each with the combining marks that stand on it. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What was cut last. */
  readonly cut: readonly string[];
  /** Lines that were entered, newest last. */
  readonly history: readonly string[];
  /** The entry of the history that is shown, and the line that it took the place of. */
  readonly recalled: { readonly index: number; readonly draft: readonly string[] } | null;
  /** What the line was before each change, newest last. */
  readonly past: readonly LineText[];
  /** What the last key did, where the next one may go on with it. */
  readonly last: LastKey | null;
}

/** Text and cursor. */
export type LineText = Pick<EditorState, 'before' | 'after'>;

type LastKey =
  | { readonly kind: 'typed' }
  | { readonly kind: 'cut' }
  /** The entry whose last word was put in, and its characters. */
  | { readonly kind: 'last-word'; readonly index: number; readonly length: number };

export type EditorKey =
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'home'
  | 'end'
  | 'backspace'
  | 'delete'
  | 'cut-start'
  | 'cut-end'
  | 'cut-word-left'
  | 'cut-word-right'
  | 'yank'
  | 'swap'
  | 'earlier'
  | 'later'
  | 'first'
  | 'newest'
  | 'last-word'
  | 'undo';

/** An empty line without history. */
export const EMPTY_EDITOR: EditorState = {
  before: [],
  after: [],
  cut: [],
  history: [],
  recalled: null,
  past: [],
  last: null,
};

/** The whole line. */
export function editorText({ before, after }: LineText): string {
  return [...before, ...after].join('');
}

/** Puts `text` in at the cursor. Blanks of every kind become the space, line ends and what cannot be seen are left out. */
export function insertText(state: EditorState, text: string): EditorState {
  const goesOn = state.last?.kind === 'typed' && !text.startsWith(' ');
  const next = { ...state, before: withText(state, text), last: { kind: 'typed' } } as const;
  return goesOn ? next : remembering(state, next);
}

/** `before` with `text` behind it. */
function withText(state: LineText, text: string): readonly string[] {
  const before = [...state.before];
  for (const character of text.replace(/[\t\p{Zs}]/gu, ' ')) {
    if (before.length + state.after.length >= LONGEST_LINE) break;
    if (visible(character) !== character) continue;
    if (characterWidth(character.codePointAt(0) ?? 0) > 0) before.push(character);
    else if (before.length > 0) before.push((before.pop() ?? '') + character);
  }
  return before;
}

/** What `key` makes of the line. */
export function pressEditorKey(state: EditorState, key: EditorKey): EditorState {
  if (key === 'undo') return undone(state);
  return remembering(state, pressed({ ...state, last: null }, key, state.last));
}

/** @param last what the key before did */
function pressed(state: EditorState, key: Exclude<EditorKey, 'undo'>, last: LastKey | null): EditorState {
  switch (key) {
    case 'earlier':
    case 'later':
    case 'first':
    case 'newest':
      return recall(state, entryOf(state, key));
    case 'last-word':
      return lastWord(state, last?.kind === 'last-word' ? last : { index: state.history.length, length: 0 });
    case 'yank':
      return putIn(state, state.cut);
    case 'swap':
      return swap(state);
    case 'backspace':
      return { ...state, before: state.before.slice(0, -1) };
    case 'delete':
      return { ...state, after: state.after.slice(1) };
    case 'left':
    case 'right':
    case 'word-left':
    case 'word-right':
    case 'home':
    case 'end':
      return moveTo(state, placeOf(state, key));
    case 'cut-start':
    case 'cut-end':
    case 'cut-word-left':
    case 'cut-word-right':
      return cutTo(state, placeOf(state, REACH[key]), last?.kind === 'cut');
  }
}

/** `next` with the line before it to come back to, if it is another one. */
function remembering({ before, after }: EditorState, next: EditorState): EditorState {
  if (editorText({ before, after }) === editorText(next)) return next;
  return { ...next, past: [...next.past, { before, after }].slice(-MOST_UNDONE) };
}

function undone(state: EditorState): EditorState {
  return { ...state, ...state.past.at(-1), past: state.past.slice(0, -1), recalled: null, last: null };
}

/** The line was entered: an empty one follows. @param remembered it goes into the history */
export function nextLine(state: EditorState, remembered: boolean): EditorState {
  const text = editorText(state);
  const keep = remembered && text.trim() !== '' && state.history.at(-1) !== text;
  const history = keep ? [...state.history, text].slice(-LONGEST_HISTORY) : state.history;
  return { ...state, before: [], after: [], history, recalled: null, past: [], last: null };
}

/** The line is entry `index` of the history now, with the cursor before character `place`; the line of before is its draft. */
export function showEntry(state: EditorState, index: number, place: number): EditorState {
  const entry = [...withText({ before: [], after: [] }, state.history[index] ?? '')];
  const draft = state.recalled?.draft ?? [...state.before, ...state.after];
  const line = { before: entry.slice(0, place), after: entry.slice(place) };
  return remembering(state, { ...state, ...line, recalled: { index, draft }, last: null });
}

type Move = 'left' | 'right' | 'word-left' | 'word-right' | 'home' | 'end';

const REACH = {
  'cut-start': 'home',
  'cut-end': 'end',
  'cut-word-left': 'word-left',
  'cut-word-right': 'word-right',
} as const satisfies Partial<Record<EditorKey, Move>>;

/** Characters left of the cursor after the move. */
function placeOf({ before, after }: EditorState, move: Move): number {
  const all = before.length + after.length;
  switch (move) {
    case 'left':
      return Math.max(0, before.length - 1);
    case 'right':
      return Math.min(all, before.length + 1);
    case 'home':
      return 0;
    case 'end':
      return all;
    case 'word-left':
      return before.length - lengthOfWord(before.toReversed());
    case 'word-right':
      return before.length + lengthOfWord(after);
  }
}

/** Characters up to the end of the next word: blanks, then anything else. */
function lengthOfWord(characters: readonly string[]): number {
  const start = characters.findIndex((character) => character !== ' ');
  if (start < 0) return characters.length;
  const length = characters.slice(start).indexOf(' ');
  return length < 0 ? characters.length : start + length;
}

function moveTo(state: EditorState, place: number): EditorState {
  const all = [...state.before, ...state.after];
  return { ...state, before: all.slice(0, place), after: all.slice(place) };
}

/** @param joins what is cut is added to what the key before has cut */
function cutTo(state: EditorState, place: number, joins: boolean): EditorState {
  const { before, after } = state;
  const toLeft = before.slice(place);
  const toRight = after.slice(0, Math.max(0, place - before.length));
  if (toLeft.length + toRight.length === 0) return state;
  const cut = [...toLeft, ...(joins ? state.cut : []), ...toRight];
  return { ...state, before: before.slice(0, place), after: after.slice(toRight.length), cut, last: { kind: 'cut' } };
}

function putIn(state: EditorState, characters: readonly string[]): EditorState {
  const room = LONGEST_LINE - state.before.length - state.after.length;
  return { ...state, before: [...state.before, ...characters.slice(0, room)] };
}

/** The character before the cursor changes places with the one before it, or with the one behind the cursor. */
function swap(state: EditorState): EditorState {
  const { before, after } = state;
  const place = after.length > 0 ? before.length + 1 : before.length;
  const all = [...before, ...after];
  const [one, other] = [all[place - 2], all[place - 1]];
  if (before.length === 0 || one === undefined || other === undefined) return state;
  return moveTo({ ...state, before: [...all.slice(0, place - 2), other, one, ...all.slice(place)], after: [] }, place);
}

function entryOf({ history, recalled }: EditorState, key: 'earlier' | 'later' | 'first' | 'newest'): number {
  if (key === 'first') return 0;
  if (key === 'newest') return history.length;
  return (recalled?.index ?? history.length) + (key === 'earlier' ? -1 : 1);
}

/** Shows an entry of the history; behind its end stands the line that was being typed. */
function recall(state: EditorState, index: number): EditorState {
  const { history, recalled } = state;
  const entry = history[index];
  if (entry !== undefined) return showEntry(state, index, entry.length);
  if (recalled === null || index !== history.length) return state;
  return { ...state, before: recalled.draft, after: [], recalled: null };
}

/** Puts in the last word of the entry before `last`, in the place of what was put in from that one. */
function lastWord(state: EditorState, last: { readonly index: number; readonly length: number }): EditorState {
  const index = last.index - 1;
  const word = state.history[index]?.trimEnd().split(' ').at(-1);
  if (word === undefined) return { ...state, last: { kind: 'last-word', ...last } };
  const without = { ...state, before: state.before.slice(0, state.before.length - last.length) };
  const before = withText(without, word);
  const length = before.length - without.before.length;
  return { ...without, before, last: { kind: 'last-word', index, length } };
}
