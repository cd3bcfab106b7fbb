import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editorView } from './editor-view.ts';

const view = (before: string, after: string, columns: number): string => {
  const { text, cursor } = editorView({ before: [...before], after: [...after] }, columns);
  return `${text} ${cursor}`;
};

test.each([
  ['a line that fits', 'echo ', 'hi', 20, 'echo hi 5'],
  ['one column is left for the cursor', '123456789', '', 10, '123456789 9'],
  ['a longer one is cut on the left', '1234567890', '', 10, '<67890 6'],
  ['and on the right', '', '1234567890', 10, '12345678> 0'],
  ['on both sides', '1234567890', 'abcdefghij', 10, '<67890ab> 6'],
  ['wide characters stay whole', '日本語日本語', '', 10, '<本語 5'],
])('%s', (_, before, after, columns, expected) => {
  expect(view(before, after, columns)).toBe(expected);
});

test.each([
  ['the first form that leaves enough to the line', 30, 'longer> echo hi 13'],
  ['a shorter one in a narrow row', 14, '?> echo hi 8'],
  ['the end of it when none does', 12, '< echo hi 7'],
])('a label: %s', (_, columns, expected) => {
  const labels = [[...'longer> '], [...'?> ']];
  const { text, cursor } = editorView({ before: [...'echo '], after: [...'hi'], labels }, columns);
  expect(`${text} ${cursor}`).toBe(expected);
});

test('fits into its columns, with the cursor inside', () => {
  const characters = fc.array(fc.constantFrom('a', ' ', '日', 'e\u0301', '😀'), { maxLength: 60 });
  fc.assert(
    fc.property(
      characters,
      characters,
      characters,
      fc.integer({ min: 7, max: 60 }),
      (label, before, after, columns) => {
        const { width, cursor } = editorView({ before, after, labels: [label] }, columns);
        expect(width).toBeLessThan(columns);
        expect(cursor).toBeLessThanOrEqual(width);
      },
    ),
  );
});
