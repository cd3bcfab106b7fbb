import { describe, expect, test } from 'vitest';
import { type KeyModes, KeyTokenizer, UNFINISHED_WAIT } from './keys.ts';
import { KeystrokeLine } from './keystroke-line.ts';
import { QueryLedger } from './query-ledger.ts';

const modes: KeyModes = {
  modes: { bracketedPaste: true, focusReports: false, mouse: 'none', mouseEncoding: 'DEFAULT' },
  queries: new QueryLedger(),
};

/** The model after these keys; each string is a chunk of its own. */
function typed(chunks: readonly string[], suggestion = false): KeystrokeLine {
  const line = new KeystrokeLine();
  const keys = new KeyTokenizer(modes);
  for (const chunk of chunks) {
    for (const token of [...keys.push(Buffer.from(chunk), 0), ...keys.flush(UNFINISHED_WAIT)]) {
      line.apply(token, { suggestion });
    }
  }
  return line;
}

const left = '\x1b[D';

describe('exact keys', () => {
  test.each([
    [['echo one'], 'echo one', ''],
    [['rm -rf /srv/zzzz', '\x7f', '\x7f'], 'rm -rf /srv/zz', ''],
    [['ab', left, 'c'], 'ac', 'b'],
    [['ab', '\x01', 'c'], 'c', 'ab'],
    [['ab', '\x01', '\x1b[3~'], '', 'b'],
    [['ab', '\x01', '\x0b'], '', ''],
    [['ab', left, '\x05', 'c'], 'abc', ''],
    [['ab', '\x15', 'c'], 'c', ''],
    [['ab', '\x0c', 'c'], 'abc', ''],
    [['a', '\x16', '\t', 'b'], 'a\tb', ''],
    [['\x1b[200~a\rb\x1b[201~'], 'a\nb', ''],
    [['漢字', left, 'x'], '漢x', '字'],
    [['\x7f', left, 'a'], 'a', ''],
  ])('%j', (chunks, before, after) => {
    const line = typed(chunks);
    expect([line.before, line.after, line.doubt]).toEqual([before, after, undefined]);
  });
});

describe('keys that make it doubtful', () => {
  test.each([
    [['ab', '\t'], 'Tab'],
    [['\x1b[A'], 'Up'],
    [['ab', '\x17'], 'Ctrl-W'],
    [['ab', left, '\x15'], 'Ctrl-U'],
    [['ab', '\x1bb'], 'Alt-b'],
    [['ab', '\x1b'], 'Escape'],
    [['ab', '\x04'], 'Ctrl-D'],
    [['ab', '\x1a'], 'Ctrl-Z'],
    [['e\u0301', '\x7f'], 'Backspace'],
    [['\x1b[200~a\x15b\x1b[201~'], 'a paste with control characters'],
    [['\x1b[?62c'], 'a report that nothing had asked for'],
  ])('%j', (chunks, doubt) => {
    expect(typed(chunks).doubt).toBe(doubt);
  });

  test('moving right over a suggestion may accept it', () => {
    expect(typed(['rm', '\x1b[C'], true).doubt).toBe('Right');
    expect(typed(['rm', '\x05'], true).doubt).toBe('Ctrl-E');
    expect(typed(['rm', '\x1b[C'], false).doubt).toBeUndefined();
  });
});

describe('the suffix', () => {
  test.each([
    [['ls d', '\t', 'x y'], 'x y'],
    [['ls d', '\t', 'xy', '\x7f'], 'x'],
    [['ls d', '\t', 'xy', '\x1b[D'], ''],
    [['\x1b', 'xy'], ''],
  ])('is what was typed since the last unmodelled key: %j', (chunks, suffix) => {
    expect(typed(chunks).suffix).toBe(suffix);
  });
});

test('reset forgets everything', () => {
  const line = typed(['ab', '\t']);
  line.reset();
  expect([line.text, line.doubt, line.plain, line.touched]).toEqual(['', undefined, true, false]);
});
