/** The edited line goes onto a terminal and off again: what is left is what the emulator knows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canPaint, paintEditor, unpaintEditor } from './editor-paint.ts';
import { Emulator } from './emulator.ts';
import { EMPTY_EDITOR, insertText, pressEditorKey } from './line-editor.ts';
import { snapshotOf } from './restore.ts';

function both(output: string, cols = 40): { user: Emulator; ours: Emulator } {
  const user = new Emulator({ cols, rows: 6 });
  const ours = new Emulator({ cols, rows: 6 });
  for (const emulator of [user, ours]) emulator.write(Buffer.from(output));
  return { user, ours };
}

function rowOf(emulator: Emulator): string {
  return emulator.text(emulator.cursor.line, 0, emulator.cols).trimEnd();
}

test('stands behind the prompt, the cursor in it', () => {
  const { user, ours } = both('first\r\nbox$ ');
  const line = pressEditorKey(insertText(EMPTY_EDITOR, 'echo hi'), 'left');
  user.write(Buffer.from(paintEditor(ours, line, false)));
  expect(rowOf(user)).toBe('box$ echo hi');
  expect(user.cursor.column).toBe('box$ echo h'.length);
  user.write(Buffer.from(paintEditor(ours, insertText(EMPTY_EDITOR, 'ls'), false)));
  expect(rowOf(user)).toBe('box$ ls');
});

test('covers a prompt that leaves no room', () => {
  const { user, ours } = both(`${'p'.repeat(37)}$ `);
  user.write(Buffer.from(paintEditor(ours, insertText(EMPTY_EDITOR, 'echo hi'), false)));
  expect(rowOf(user)).toBe(`${'p'.repeat(15)}echo hi`);
  user.write(Buffer.from(unpaintEditor(ours)));
  expect(snapshotOf(user)).toEqual(snapshotOf(ours));
});

test('leaves wide characters of a prompt as they were', () => {
  const { user, ours } = both('\x1b[32m日本\x1b[0m語$ ');
  user.write(Buffer.from(paintEditor(ours, insertText(EMPTY_EDITOR, '日本語 echo'), false)));
  expect(rowOf(user)).toBe('日本語$ 日本語 echo');
  user.write(Buffer.from(unpaintEditor(ours)));
  expect(snapshotOf(user)).toEqual(snapshotOf(ours));
});

test('shows nothing of a secret', () => {
  const { user, ours } = both('Password: ');
  user.write(Buffer.from(paintEditor(ours, insertText(EMPTY_EDITOR, 'hunter2'), true)));
  expect(rowOf(user)).toBe('Password:');
  expect(user.cursor.column).toBe('Password: '.length);
});

test('is not drawn over a full-screen program or into a sequence', () => {
  expect(canPaint(both('\x1b[?1049h').ours)).toBe(false);
  expect(canPaint(both('box$ \x1b[3').ours)).toBe(false);
  expect(canPaint(both('x'.repeat(40)).ours)).toBe(false);
  expect(canPaint(both('box$ ').ours)).toBe(true);
});

test('leaves no trace, whatever stood there and however often it was drawn', () => {
  const piece = fc.constantFrom(
    ...['box$ ', 'text ', '\r\n', '\x1b[1;31m', '\x1b[44m', '\x1b[K', '\x1b[7m', '\x1b[0m', '\x1b[2D'],
    ...[
      '\x1b[4h',
      '\x1b(0',
      '\x1b(B',
      '\x0e',
      '\x0f',
      '\x1b[2;4r',
      '\x1b[3;5H',
      '\x1b7',
      'e\u0301',
      '\x1b[?6h',
      '\x1b[5C',
    ],
  );
  const letter = fc.constantFrom('a', 'x', ' ', '日', 'e\u0301', '😀', '~');
  const lines = fc.array(fc.string({ unit: letter, maxLength: 50 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), lines, (pieces, typed) => {
      const { user, ours } = both(pieces.join(''));
      fc.pre(canPaint(ours));
      for (const text of typed) {
        user.write(Buffer.from(paintEditor(ours, insertText(EMPTY_EDITOR, text), false)));
      }
      user.write(Buffer.from(unpaintEditor(ours)));
      expect(snapshotOf(user)).toEqual(snapshotOf(ours));
    }),
    { numRuns: 300 },
  );
});
