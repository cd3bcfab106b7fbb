/**
 * The search through the editor's history while what is looked for is being typed (Ctrl-R, Ctrl-S). The line under it
 * stays as it was typed until a found one takes its place.
 */
import type { EditorCommand } from './editor-keys.ts';
import { type EditorState, EMPTY_EDITOR, insertText, type LineText, showEntry } from './line-editor.ts';

export interface HistorySearch {
  /** Characters that are looked for. */
  readonly wanted: readonly string[];
  readonly direction: 'older' | 'newer';
  /** The entry that is shown; null while there was none, then the typed line is. */
  readonly index: number | null;
  /** There is none, or none further on. */
  readonly failed: boolean;
  /** What was looked for the last time: the key of the search takes it when nothing else was typed. */
  readonly before: readonly string[];
}

export interface SearchStep {
  /** Null: the search is over. */
  readonly search: HistorySearch | null;
  readonly editor: EditorState;
  /** What is still to be done about the key, to the line that stands there now. */
  readonly rest: EditorCommand;
}

const NOTHING: EditorCommand = { kind: 'nothing' };

/** A search for nothing yet. @param before what was looked for the last time */
export function beginSearch(direction: HistorySearch['direction'], before: readonly string[]): HistorySearch {
  return { wanted: [], direction, index: null, failed: false, before };
}

/**
 * What a key does in a search. Text is looked for, the first line of it; keys that edit end the search and then do
 * what they do to the found line, as Enter does.
 */
export function pressInSearch(search: HistorySearch, editor: EditorState, command: EditorCommand): SearchStep {
  const going = (next: HistorySearch): SearchStep => ({ search: next, editor, rest: NOTHING });
  const over = (rest: EditorCommand): SearchStep => ({ search: null, editor: foundLine(search, editor), rest });
  switch (command.kind) {
    case 'insert':
      return going(lookFor(search, editor, withText(search.wanted, command.text)));
    case 'search':
      return going(goOn(search, editor, command.direction));
    case 'edit':
      if (command.key !== 'backspace') return over(command);
      return going(lookFor(search, editor, search.wanted.slice(0, -1)));
    case 'submit':
      // A line end that is no Enter ends a search without running what was found (readline's isearch-terminators).
      return over(command.newline ? NOTHING : command);
    case 'end':
      return over({ kind: 'edit', key: 'delete' });
    case 'accept':
      return over(NOTHING);
    case 'cancel':
      return { search: null, editor, rest: NOTHING };
    case 'redraw':
    case 'nothing':
      return { search, editor, rest: command };
  }
}

/** The line that the search shows, with the cursor where what was looked for begins; the typed one if none was found. */
export function foundLine({ index, wanted }: HistorySearch, editor: EditorState): EditorState {
  if (index === null) return editor;
  const entry = editor.history[index] ?? '';
  const place = [...charactersOf(entry.slice(0, entry.lastIndexOf(wanted.join(''))))].length;
  return showEntry(editor, index, place);
}

/** What stands before the shown line, longest form first. */
export function searchLabels({ direction, failed, wanted }: HistorySearch): readonly LineText['before'][] {
  const name = direction === 'older' ? 'reverse-i-search' : 'i-search';
  const forms = failed ? [`(failed ${name})`, '(no)'] : [`(${name})`, '(?)'];
  return forms.map((form) => [...form, '`', ...wanted, ...`': `]);
}

function lookFor(search: HistorySearch, { history }: EditorState, wanted: readonly string[]): HistorySearch {
  if (wanted.length === 0) return { ...search, wanted, failed: false };
  const { direction, index } = search;
  const from = index ?? (direction === 'older' ? history.length - 1 : 0);
  return found({ ...search, wanted }, history, from);
}

/** To the next entry that has it and reads otherwise than the one that is shown. */
function goOn(search: HistorySearch, editor: EditorState, direction: HistorySearch['direction']): HistorySearch {
  const { before, index, wanted } = search;
  const turned = { ...search, direction };
  if (wanted.length === 0) return lookFor(turned, editor, before);
  if (index === null) return lookFor(turned, editor, wanted);
  return found(turned, editor.history, index + (direction === 'older' ? -1 : 1), editor.history[index]);
}

function found(search: HistorySearch, history: readonly string[], from: number, shown?: string): HistorySearch {
  const text = search.wanted.join('');
  const step = search.direction === 'older' ? -1 : 1;
  for (let index = from; index >= 0 && index < history.length; index += step) {
    const entry = history[index];
    if (entry !== undefined && entry !== shown && entry.includes(text)) return { ...search, index, failed: false };
  }
  return { ...search, failed: true };
}

function withText(wanted: readonly string[], text: string): readonly string[] {
  const [line = ''] = text.split(/[\r\n]/);
  return insertText({ ...EMPTY_EDITOR, before: wanted }, line).before;
}

/** The characters of the editor that `text` gives. */
function charactersOf(text: string): readonly string[] {
  return insertText(EMPTY_EDITOR, text).before;
}
