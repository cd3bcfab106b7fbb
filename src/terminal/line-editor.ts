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
}

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
  | 'later';

/** An empty line without history. */
export const EMPTY_EDITOR: EditorState = { before: [], after: [], cut: [], history: [], recalled: null };

/** The whole line. */
export function editorText({ before, after }: EditorState): string {
  return [...before, ...after].join('');
}

/** Puts `text` in at the cursor. Blanks of every kind become the space, line ends and what cannot be seen are left out. */
export function insertText(state: EditorState, text: string): EditorState {
  const before = [...state.before];
  for (const character of text.replace(/[\t\p{Zs}]/gu, ' ')) {
    if (before.length + state.after.length >= LONGEST_LINE) break;
    if (visible(character) !== character) continue;
    if (characterWidth(character.codePointAt(0) ?? 0) > 0) before.push(character);
    else if (before.length > 0) before.push((before.pop() ?? '') + character);
  }
  return { ...state, before };
}

/** What `key` makes of the line; the same state when it has nothing to do. */
export function pressEditorKey(state: EditorState, key: EditorKey): EditorState {
  switch (key) {
    case 'earlier':
    case 'later':
      return recall(state, key === 'earlier' ? -1 : 1);
    case 'yank':
      return { ...state, before: [...state.before, ...state.cut].slice(0, LONGEST_LINE) };
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
      return cutTo(state, placeOf(state, REACH[key]));
  }
}

/** The line was entered: an empty one follows. @param remembered it goes into the history */
export function nextLine(state: EditorState, remembered: boolean): EditorState {
  const text = editorText(state);
  const keep = remembered && text.trim() !== '' && state.history.at(-1) !== text;
  const history = keep ? [...state.history, text].slice(-LONGEST_HISTORY) : state.history;
  return { ...state, before: [], after: [], history, recalled: null };
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

function cutTo(state: EditorState, place: number): EditorState {
  const { before, after } = state;
  const cut = place < before.length ? before.slice(place) : after.slice(0, place - before.length);
  if (cut.length === 0) return state;
  return { ...state, before: before.slice(0, place), after: after.slice(Math.max(0, place - before.length)), cut };
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

/** Steps through the history; behind its end stands the line that was being typed. */
function recall(state: EditorState, step: -1 | 1): EditorState {
  const { history, recalled } = state;
  const index = (recalled?.index ?? history.length) + step;
  const draft = recalled?.draft ?? [...state.before, ...state.after];
  if (index < 0 || index > history.length || (recalled === null && step > 0)) return state;
  const entry = history[index];
  if (entry === undefined) return { ...state, before: draft, after: [], recalled: null };
  return { ...insertText({ ...state, before: [], after: [] }, entry), recalled: { index, draft } };
}
