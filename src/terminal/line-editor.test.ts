import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visible } from '../base/visible.ts';
import { editorCommand } from './editor-keys.ts';
import { KeyTokenizer } from './keys.ts';
import {
  type EditorKey,
  type EditorState,
  EMPTY_EDITOR,
  editorText,
  insertText,
  LONGEST_LINE,
  nextLine,
  pressEditorKey,
} from './line-editor.ts';
import { QueryLedger } from './query-ledger.ts';

/** `ab|c`: the cursor is behind b. */
function shown(state: EditorState): string {
  return `${state.before.join('')}|${state.after.join('')}`;
}

function editorAt(text: string): EditorState {
  const [before = '', after = ''] = text.split('|');
  const behind = insertText(EMPTY_EDITOR, after).before;
  return { ...insertText(EMPTY_EDITOR, before), after: behind };
}

/** The line after the bytes of a user's keyboard. */
function typed(bytes: string, state: EditorState = EMPTY_EDITOR): EditorState {
  const modes = { bracketedPaste: true, focusReports: false, mouse: 'none', mouseEncoding: 'DEFAULT' } as const;
  const keys = new KeyTokenizer({ modes, queries: new QueryLedger() });
  let editor = state;
  for (const token of [...keys.push(Buffer.from(bytes), 0), ...keys.flush(1000)]) {
    const command = editorCommand(token);
    if (command.kind === 'insert') editor = insertText(editor, command.text);
    if (command.kind === 'edit') editor = pressEditorKey(editor, command.key);
  }
  return editor;
}

describe('keys', () => {
  test.each<[string, EditorKey, string]>([
    ['ab|c', 'left', 'a|bc'],
    ['|abc', 'left', '|abc'],
    ['ab|c', 'right', 'abc|'],
    ['abc|', 'right', 'abc|'],
    ['ab|c', 'home', '|abc'],
    ['ab|c', 'end', 'abc|'],
    ['one two|', 'word-left', 'one |two'],
    ['one two  |', 'word-left', 'one |two  '],
    ['one|', 'word-left', '|one'],
    ['|one two', 'word-right', 'one| two'],
    ['one| two', 'word-right', 'one two|'],
    ['one|  ', 'word-right', 'one  |'],
    ['ab|c', 'backspace', 'a|c'],
    ['|abc', 'backspace', '|abc'],
    ['ab|c', 'delete', 'ab|'],
    ['abc|', 'delete', 'abc|'],
    ['ab|c', 'cut-start', '|c'],
    ['ab|c', 'cut-end', 'ab|'],
    ['one two|!', 'cut-word-left', 'one |!'],
    ['one| two three', 'cut-word-right', 'one| three'],
    ['ab|', 'swap', 'ba|'],
    ['a|b', 'swap', 'ba|'],
    ['|ab', 'swap', '|ab'],
    ['a|', 'swap', 'a|'],
    ['日本|語', 'backspace', '日|語'],
    ['e\u0301|', 'backspace', '|'],
    ['x|e\u0301', 'right', 'xe\u0301|'],
  ])('%s, %s: %s', (before, key, after) => {
    expect(shown(pressEditorKey(editorAt(before), key))).toBe(after);
  });

  test('what was cut can be put in again', () => {
    const cut = pressEditorKey(editorAt('rm -r |old'), 'cut-end');
    expect(shown(pressEditorKey(pressEditorKey(cut, 'home'), 'yank'))).toBe('old|rm -r ');
    expect(shown(pressEditorKey(pressEditorKey(editorAt('|'), 'cut-end'), 'yank'))).toBe('|');
  });

  test.each<[string, readonly EditorKey[], string]>([
    ['to the left', ['cut-word-left', 'cut-word-left', 'home', 'yank'], 'three four|one two '],
    ['to the right', ['home', 'cut-word-right', 'cut-word-right', 'end', 'yank'], ' three fourone two|'],
    ['to both sides', ['word-left', 'cut-word-left', 'cut-end', 'yank'], 'one two three four|'],
    ['but not with another key between', ['cut-word-left', 'left', 'cut-word-left', 'yank'], 'one two three| '],
  ])('what is cut key by key comes back as one: %s', (_, keys, expected) => {
    expect(shown(keys.reduce(pressEditorKey, editorAt('one two three four|')))).toBe(expected);
  });

  test('each change can be undone, back to the line that was there', () => {
    let state = insertText(insertText(insertText(EMPTY_EDITOR, 'ec'), 'ho'), ' one');
    state = pressEditorKey(pressEditorKey(pressEditorKey(state, 'backspace'), 'home'), 'cut-end');
    for (const expected of ['echo on', 'echo one', 'echo', '', '']) {
      state = pressEditorKey(state, 'undo');
      expect(editorText(state)).toBe(expected);
    }
  });
});

describe('text', () => {
  test.each([
    ['a TAB is a blank', 'a\tb', 'a b|'],
    ['so is a blank that is not the space', 'rm\u00a0-r\u3000x', 'rm -r x|'],
    ['control characters are left out', 'a\x1b[2Jb\x07', 'a[2Jb|'],
    ['so is what cannot be seen', 'a\u202eb\u200bc\ufe0f', 'abc|'],
    ['a combining mark stands on its character', 'e\u0301', 'e\u0301|'],
    ['and on none at the beginning of a line', '\u0301e', 'e|'],
  ])('%s', (_, text, expected) => {
    expect(shown(insertText(EMPTY_EDITOR, text))).toBe(expected);
  });

  test('beyond the longest line is not taken', () => {
    expect(editorText(insertText(EMPTY_EDITOR, 'x'.repeat(LONGEST_LINE + 10)))).toHaveLength(LONGEST_LINE);
  });
});

describe('the keyboard', () => {
  test.each([
    ['emacs keys', 'one two\x01\x1bf\x0b!\x19', 'one! two|'],
    ['arrow keys, Home, End, Delete', 'abc\x1b[D\x1b[D\x1b[3~X\x1b[HY\x1bOFZ', 'YaXcZ|'],
    ['Ctrl-Left and Alt-Backspace', 'one two\x1b[1;5D\x1b\x7fx', 'x|two'],
    ['Ctrl-W and Ctrl-U', 'one two\x17three\x15four', 'four|'],
    ['Tab, quoting and unknown keys do nothing', 'a\t\x1b[200;3Xb\x1bOP\x18\x05', 'ab|'],
    ['Ctrl-_', 'one two\x1f', '|'],
    ['what runs a line in vi is text here', 'a\x1b', 'a|'],
    ['also behind Escape', 'echo \x1b[A#', 'echo #|'],
    ['a paste', '\x1b[200~pasted text\x1b[201~!', 'pasted text!|'],
  ])('%s', (_, bytes, expected) => {
    expect(shown(typed(bytes))).toBe(expected);
  });

  test('after a lone Escape letters are letters', () => {
    const modes = { bracketedPaste: true, focusReports: false, mouse: 'none', mouseEncoding: 'DEFAULT' } as const;
    const keys = new KeyTokenizer({ modes, queries: new QueryLedger() });
    const tokens = [
      ...keys.push(Buffer.from('\x1b'), 0),
      ...keys.flush(100),
      ...keys.push(Buffer.from('vim #@.'), 200),
    ];
    const text = tokens.map((token) => editorCommand(token)).map((command) => ('text' in command ? command.text : ''));
    expect(text.join('')).toBe('vim #@.');
  });
});

describe('history', () => {
  const entered = ['one', 'two', 'three'].reduce(
    (state, line) => nextLine(insertText(state, line), true),
    EMPTY_EDITOR,
  );

  test('goes back and forth, and keeps what was being typed', () => {
    let state = insertText(entered, 'draft');
    for (const expected of ['three', 'two', 'one', 'one']) {
      state = pressEditorKey(state, 'earlier');
      expect(shown(state)).toBe(`${expected}|`);
    }
    for (const expected of ['two', 'three', 'draft', 'draft']) {
      state = pressEditorKey(state, 'later');
      expect(shown(state)).toBe(`${expected}|`);
    }
  });

  test('has a first and a newest line', () => {
    const first = pressEditorKey(insertText(entered, 'draft'), 'first');
    expect(shown(first)).toBe('one|');
    expect(shown(pressEditorKey(first, 'newest'))).toBe('draft|');
    expect(shown(pressEditorKey(insertText(entered, 'draft'), 'newest'))).toBe('draft|');
  });

  test('gives the last word of its lines, one after the other', () => {
    const lines = ['cd /srv', 'ls -l /etc '].reduce((state, line) => nextLine(insertText(state, line), true), entered);
    let state = insertText(lines, 'cat ');
    for (const expected of ['/etc', '/srv', 'three', 'two', 'one', 'one']) {
      state = pressEditorKey(state, 'last-word');
      expect(shown(state)).toBe(`cat ${expected}|`);
    }
    expect(shown(pressEditorKey(insertText(state, ' '), 'last-word'))).toBe('cat one /etc|');
    expect(shown(pressEditorKey(EMPTY_EDITOR, 'last-word'))).toBe('|');
  });

  test('keeps neither empty lines nor repetitions nor secrets', () => {
    const again = nextLine(insertText(entered, 'three'), true);
    const secret = nextLine(insertText(again, 'hunter2'), false);
    expect(nextLine(insertText(secret, '  '), true).history).toEqual(['one', 'two', 'three']);
  });
});

test('whatever is pressed, a line has only what can be seen, and cutting takes away what it says', () => {
  const key = fc.constantFrom<EditorKey>(
    ...(['left', 'right', 'word-left', 'word-right', 'home', 'end', 'backspace', 'delete', 'cut-start'] as const),
    ...(['cut-end', 'cut-word-left', 'cut-word-right', 'yank', 'swap', 'earlier', 'later'] as const),
    ...(['first', 'newest', 'last-word', 'undo'] as const),
  );
  const character = fc.oneof(
    fc.integer({ min: 0, max: 0x370 }),
    fc.integer({ min: 0x2000, max: 0x3100 }),
    fc.nat(0xd7ff),
  );
  const text = character.map((code) => String.fromCodePoint(code));
  const step = fc.oneof(
    key.map((pressed) => (state: EditorState) => pressEditorKey(state, pressed)),
    fc.string({ unit: text, maxLength: 6 }).map((some) => (state: EditorState) => insertText(state, some)),
    fc.boolean().map((kept) => (state: EditorState) => nextLine(state, kept)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 15 }), (steps) => {
      let state = EMPTY_EDITOR;
      for (const take of steps) {
        state = take(state);
        const line = editorText(state);
        expect(visible(line)).toBe(line);
        expect(shown(pressEditorKey(pressEditorKey(state, 'cut-end'), 'cut-start'))).toBe('|');
        const there = editorText(pressEditorKey(pressEditorKey(state, 'left'), 'right'));
        expect(there).toBe(line);
      }
    }),
  );
});
