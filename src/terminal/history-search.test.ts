import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EditorCommand } from './editor-keys.ts';
import {
  beginSearch,
  foundLine,
  type HistorySearch,
  pressInSearch,
  type SearchStep,
  searchLabels,
} from './history-search.ts';
import { type EditorKey, type EditorState, EMPTY_EDITOR, editorText, insertText, nextLine } from './line-editor.ts';

const LINES = ['git status', 'ls -l', 'git push', 'make', 'git push', 'git log'];
const TYPED = insertText(
  LINES.reduce((state, line) => nextLine(insertText(state, line), true), EMPTY_EDITOR),
  'half',
);

const older: EditorCommand = { kind: 'search', direction: 'older' };
const newer: EditorCommand = { kind: 'search', direction: 'newer' };
const enter: EditorCommand = { kind: 'submit', newline: false };
const insert = (text: string): EditorCommand => ({ kind: 'insert', text });
const edit = (key: EditorKey): EditorCommand => ({ kind: 'edit', key });

/** `ab|c`: the cursor is behind b. */
function shown({ before, after }: EditorState): string {
  return `${before.join('')}|${after.join('')}`;
}

/** The search after some keys that do not end it. */
function searched(...commands: EditorCommand[]): HistorySearch {
  return commands.reduce<HistorySearch>(
    (search, command) => {
      const step = pressInSearch(search, TYPED, command);
      expect(step.editor).toBe(TYPED);
      if (step.search === null) throw new Error(`${command.kind} ended the search`);
      return step.search;
    },
    beginSearch('older', [...'status']),
  );
}

describe('looks for', () => {
  test.each<[string, EditorCommand[], string, boolean]>([
    ['nothing yet', [], 'half|', false],
    ['what is typed, newest first', [insert('git')], '|git log', false],
    ['it letter by letter, from where it is', [insert('git p'), insert('u')], '|git push', false],
    ['the next older one with the key again', [insert('git'), older], '|git push', false],
    ['one that reads otherwise than the one that is shown', [insert('git'), older, older], '|git status', false],
    ['newer ones', [insert('git'), older, older, newer], '|git push', false],
    ['what was looked for last, when nothing is typed', [older], 'git |status', false],
    ['the last place of it in a line', [insert('s')], 'git pu|sh', false],
    ['nothing further than the oldest', [insert('status'), older], 'git |status', true],
    ['nothing further than the newest', [insert('log'), newer], 'git |log', true],
    ['what no line has', [insert('nowhere')], 'half|', true],
    ['less after Backspace', [insert('makex'), edit('backspace')], '|make', false],
    ['nothing after the last Backspace', [insert('m'), edit('backspace'), edit('backspace')], 'make|', false],
    ['upper and lower case as they are', [insert('GIT')], 'half|', true],
    ['the first line of a paste', [insert('make\rreboot\n')], '|make', false],
    ['what can be seen', [insert('m\x1b\x07a\u200bke')], '|make', false],
  ])('%s', (_, commands, line, failed) => {
    const search = searched(...commands);
    expect(shown(foundLine(search, TYPED))).toBe(line);
    expect(search.failed).toBe(failed);
  });

  test('wide and combined characters', () => {
    const editor = nextLine(insertText(EMPTY_EDITOR, 'echo 日本 e\u0301a'), true);
    const { search } = pressInSearch(beginSearch('older', []), editor, insert('a'));
    expect(search === null ? '' : shown(foundLine(search, editor))).toBe('echo 日本 e\u0301|a');
  });
});

describe('ends', () => {
  const search = searched(insert('git'), older);
  test.each<[string, EditorCommand, string, EditorCommand]>([
    ['with Enter, which runs what was found', enter, '|git push', enter],
    ['with a line end, which runs nothing', { kind: 'submit', newline: true }, '|git push', { kind: 'nothing' }],
    ['with Escape, for editing', { kind: 'accept' }, '|git push', { kind: 'nothing' }],
    ['with a key that edits, which then does', edit('end'), '|git push', edit('end')],
    ['with Ctrl-D, which deletes and never ends the input', { kind: 'end' }, '|git push', edit('delete')],
    ['with Ctrl-G, and the line is what was typed', { kind: 'cancel' }, 'half|', { kind: 'nothing' }],
  ])('%s', (_, command, line, rest) => {
    const step: SearchStep = pressInSearch(search, TYPED, command);
    expect(step.search).toBeNull();
    expect(shown(step.editor)).toBe(line);
    expect(step.rest).toEqual(rest);
  });

  test('with the typed line when nothing was found', () => {
    expect(pressInSearch(searched(insert('nowhere')), TYPED, enter).editor).toBe(TYPED);
  });

  test.each<EditorCommand>([{ kind: 'redraw' }, { kind: 'nothing' }])('not with $kind', (command) => {
    expect(pressInSearch(search, TYPED, command)).toEqual({ search, editor: TYPED, rest: command });
  });
});

test.each([
  ['what is looked for and which way', searched(insert('git')), "(reverse-i-search)`git': ", "(?)`git': "],
  ['the other way', searched(insert('git'), newer), "(failed i-search)`git': ", "(no)`git': "],
  ['that there is none', searched(insert('xy')), "(failed reverse-i-search)`xy': ", "(no)`xy': "],
])('the label says %s', (_, search, long, short) => {
  expect(searchLabels(search).map((label) => label.join(''))).toEqual([long, short]);
});

test('whatever is pressed, what it finds was entered or typed, and what is looked for stands in it', () => {
  const word = fc.constantFrom('git', 'g', ' ', 's', 'push', '日', '\u0301', 'e');
  const key = fc.oneof(word.map(insert), fc.constantFrom(older, newer, edit('backspace')));
  const history = fc.array(fc.constantFrom('git push', 'git', '日本 e\u0301s', 'ls', 'push it'), { maxLength: 8 });
  fc.assert(
    fc.property(history, fc.array(key, { maxLength: 12 }), (lines, keys) => {
      const editor = { ...insertText(EMPTY_EDITOR, 'typed'), history: lines };
      let search = beginSearch('older', []);
      for (const command of keys) search = pressInSearch(search, editor, command).search ?? search;
      const text = editorText(foundLine(search, editor));
      expect([...lines, 'typed']).toContain(text);
      if (search.index !== null && !search.failed) expect(text).toContain(search.wanted.join(''));
    }),
  );
});
