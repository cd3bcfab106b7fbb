import { expect, test } from 'vitest';
import { visible, visibleShort } from './visible.ts';

test.each([
  ['a control sequence', '\x1b[2J', '\\x1b[2J'],
  ['a C1 control character', '\x9b2J', '\\x9b2J'],
  ['text that runs backwards', 'a\u202eb', 'a\\u202eb'],
  ['a zero-width joiner', 'r\u200dm', 'r\\u200dm'],
  ['a blank that is no space', 'rm\u00a0-r', 'rm\\xa0-r'],
  ['a wide blank', 'rm\u3000-r', 'rm\\u3000-r'],
  ['an empty braille cell', 'a\u2800b', 'a\\u2800b'],
  ['a variation selector', 'r\ufe0fm', 'r\\ufe0fm'],
  ['a variation selector of the supplement', 'r\u{e0100}m', 'r\\u{e0100}m'],
  ['a joiner without ink', 'r\u034fm', 'r\\u034fm'],
  ['half of a pair', 'a\ud800b', 'a\\ud800b'],
  ['lines', 'a\r\nb', 'a\\r\\nb'],
])('%s is written out', (_what, text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each(['rm -r x', 'Grüße, 世界', 'naïve e\u0301'])('%s stays as it is', (text) => {
  expect(visible(text)).toBe(text);
});

test('what is cut was escaped before', () => {
  expect(visibleShort('\x1b'.repeat(9), 10)).toBe('\\x1b\\x1...');
});
