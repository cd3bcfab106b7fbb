/** The part of an edited line that fits into one row, with the cursor in it. */
import { characterWidth } from './character-width.ts';

export interface EditorView {
  readonly text: string;
  /** Columns that `text` takes. */
  readonly width: number;
  /** Columns left of the cursor. */
  readonly cursor: number;
}

/** A line that is being edited. */
export interface ShownLine {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What stands before the line and is no part of it: forms of the same, longest first. */
  readonly labels?: readonly (readonly string[])[];
}

/** Stands where the line goes on beyond the row. */
const CUT_LEFT = '<';
const CUT_RIGHT = '>';
/** Columns that a label leaves to the line, if there are more. */
const LEAST_LINE = 10;

/**
 * What is shown of a line in at most `columns` columns: of its labels the first that leaves enough of them to the
 * line, and the part of the line around the cursor. The cursor may stand behind the last character, so one column stays free for it.
 */
export function editorView({ before, after, labels = [] }: ShownLine, columns: number): EditorView {
  const room = Math.max(1, columns - Math.max(LEAST_LINE, Math.floor(columns / 3)));
  const label = labels.find((one) => widthOf(one) <= room) ?? endOf(labels.at(-1) ?? [], room);
  const line = lineView(before, after, columns - widthOf(label));
  const start = widthOf(label);
  return { text: label.join('') + line.text, width: start + line.width, cursor: start + line.cursor };
}

function lineView(before: readonly string[], after: readonly string[], columns: number): EditorView {
  const room = Math.max(3, columns - 1);
  if (widthOf(before) + widthOf(after) <= room) return shown(before, after);
  const cutLeft = endOf(before, Math.max(1, Math.floor((room * 2) / 3)));
  const right = firstOf(after, Math.max(0, room - widthOf(cutLeft)));
  const cutRight = right.length < after.length && right.length > 0 ? [...right.slice(0, -1), CUT_RIGHT] : right;
  return shown(cutLeft, cutRight);
}

/** The longest end that fits, marked if it is not all. */
function endOf(characters: readonly string[], columns: number): readonly string[] {
  const end = lastOf(characters, columns);
  return end.length < characters.length ? [CUT_LEFT, ...end.slice(1)] : end;
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
