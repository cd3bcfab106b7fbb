/** The part of an edited line that fits into one row, with the cursor in it. */
import { characterWidth } from './character-width.ts';

export interface EditorView {
  readonly text: string;
  /** Columns that `text` takes. */
  readonly width: number;
  /** Columns left of the cursor. */
  readonly cursor: number;
}

/** Stands where the line goes on beyond the row. */
const CUT_LEFT = '<';
const CUT_RIGHT = '>';

/**
 * What is shown of the characters before and after the cursor in at most `columns` columns. The cursor may stand
 * behind the last character, so one column stays free for it.
 */
export function editorView(before: readonly string[], after: readonly string[], columns: number): EditorView {
  const room = Math.max(3, columns - 1);
  if (widthOf(before) + widthOf(after) <= room) return shown(before, after);
  const left = lastOf(before, Math.max(1, Math.floor((room * 2) / 3)));
  const cutLeft = left.length < before.length ? [CUT_LEFT, ...left.slice(1)] : left;
  const right = firstOf(after, Math.max(0, room - widthOf(cutLeft)));
  const cutRight = right.length < after.length && right.length > 0 ? [...right.slice(0, -1), CUT_RIGHT] : right;
  return shown(cutLeft, cutRight);
}

function shown(before: readonly string[], after: readonly string[]): EditorView {
  return { text: [...before, ...after].join(''), width: widthOf(before) + widthOf(after), cursor: widthOf(before) };
}

/** The longest end of `characters` that fits. */
function lastOf(characters: readonly string[], columns: number): readonly string[] {
  return firstOf(characters.toReversed(), columns).toReversed();
}

function firstOf(characters: readonly string[], columns: number): readonly string[] {
  let used = 0;
  const end = characters.findIndex((character) => {
    used += widthOf([character]);
    return used > columns;
  });
  return end < 0 ? characters : characters.slice(0, end);
}

function widthOf(characters: readonly string[]): number {
  return characters.reduce((sum, character) => sum + characterWidth(character.codePointAt(0) ?? 0), 0);
}
