import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyReader, type ScreenKey } from './key-reader.ts';

function read(text: string): ScreenKey[] {
  const reader = new KeyReader();
  return [...reader.push(Buffer.from(text)), ...reader.flush()];
}

describe('keys', () => {
  test.each<[string, ScreenKey[]]>([
    [
      'aé',
      [
        { kind: 'text', text: 'a' },
        { kind: 'text', text: 'é' },
      ],
    ],
    ['\x1b[A\x1bOB', [{ kind: 'up' }, { kind: 'down' }]],
    ['\x1b[5~', [{ kind: 'page-up' }]],
    ['\r\t\x7f', [{ kind: 'enter' }, { kind: 'tab' }, { kind: 'erase' }]],
    [
      '\x01\x03',
      [
        { kind: 'ctrl', letter: 'a' },
        { kind: 'ctrl', letter: 'c' },
      ],
    ],
    ['\x1b', [{ kind: 'escape' }]],
    ['\x1b[1;5C\x1b[200~', [{ kind: 'other' }, { kind: 'other' }]],
    ['\x1b[1', []],
    ['\u202e', [{ kind: 'other' }]],
  ])('%j', (text, keys) => {
    expect(read(text)).toEqual(keys);
  });

  test('an Esc is a key only when nothing follows it', () => {
    const reader = new KeyReader();
    expect(reader.push(Buffer.from('\x1b'))).toEqual([]);
    expect(reader.isWaiting).toBe(true);
    expect(reader.push(Buffer.from('[B'))).toEqual([{ kind: 'down' }]);
    expect(reader.isWaiting).toBe(false);
    expect(reader.flush()).toEqual([]);
  });

  test('are the same however the bytes were cut', () => {
    const parts = fc.array(fc.constantFrom('a', 'ß', '\x1b[A', '\x1bOB', '\x1b[6~', '\r', '\x7f', '\x01', '漢'));
    fc.assert(
      fc.property(parts, fc.array(fc.nat(5)), (keys, cuts) => {
        const bytes = Buffer.from(keys.join(''));
        const reader = new KeyReader();
        const got: ScreenKey[] = [];
        let from = 0;
        for (const cut of [...cuts.map((one) => one + 1), bytes.length]) {
          got.push(...reader.push(bytes.subarray(from, from + cut)));
          from += cut;
        }
        expect([...got, ...reader.flush()]).toEqual(read(keys.join('')));
      }),
    );
  });
});
