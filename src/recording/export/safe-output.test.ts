import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Emulator } from '../../terminal/emulator.ts';
import { snapshotOf } from '../../terminal/restore.ts';
import { SafeOutput } from './safe-output.ts';

const ESC = '\x1b';

function filter(text: string): string {
  return new SafeOutput().push(text);
}

describe('SafeOutput', () => {
  test.each([
    ['plain text, tabs and line ends', 'a\tb\r\n€\u{1f600}'],
    ['colours', `${ESC}[1;38;5;200mx${ESC}[0m`],
    ['cursor movement', `${ESC}[2;3H${ESC}[K${ESC}[?J${ESC}M`],
    ['the alternate buffer', `${ESC}[?1049h${ESC}[?25l`],
    ['line drawing', `${ESC}(0qqq${ESC}(B\x0e\x0f`],
    ['cursor shape', `${ESC}[4 q`],
  ])('keeps %s', (_what, text) => {
    expect(filter(text)).toBe(text);
  });

  test.each([
    ['the clipboard (OSC 52)', `${ESC}]52;c;ZXZpbA==\x07`],
    ['a title ended by ST', `${ESC}]0;evil${ESC}\\`],
    ['a title in C1 controls', '\x9d2;evil\x9c'],
    ['a DCS query', `${ESC}P$qm${ESC}\\`],
    ['a DCS string that holds BEL', `${ESC}P+q\x07544e${ESC}\\`],
    ['APC, PM and SOS', `${ESC}_a${ESC}\\${ESC}^b${ESC}\\${ESC}Xc${ESC}\\`],
    ['device attributes', `${ESC}[c${ESC}[>c${ESC}[=c${ESC}Z`],
    ['status and cursor reports', `${ESC}[5n${ESC}[6n${ESC}[?6n\x9b6n`],
    ['mode queries', `${ESC}[?2004$p`],
    ['window operations', `${ESC}[21t${ESC}[8;1;1t`],
    ['terminal version and keyboard protocols', `${ESC}[>q${ESC}[?u${ESC}[>1u${ESC}[>4;2m`],
    ['paste brackets, mouse and focus reports', `${ESC}[?2004h${ESC}[?1000h${ESC}[?1006;1004h`],
    ['answer-back', '\x05'],
    ['eight-bit controls', `${ESC} G`],
    ['another character encoding', `${ESC}%@`],
    ['margins and mouse highlighting', `${ESC}[1;5s${ESC}[1;2;3;4;5T`],
    ['printing', `${ESC}[5i`],
  ])('drops %s', (_what, text) => {
    expect(filter(`before${text}after`)).toBe('beforeafter');
  });

  test('drops only the harmful part of a mode list', () => {
    expect(filter(`${ESC}[?1049;2004;25h`)).toBe(`${ESC}[?1049;25h`);
  });

  test('drops a string that never ends, and a sequence that never ends', () => {
    const safe = new SafeOutput();
    expect(safe.push(`a${ESC}]52;c;`)).toBe('a');
    expect(safe.push('x'.repeat(10_000))).toBe('');
    expect(filter(`a${ESC}[${'1;'.repeat(500)}`)).not.toContain(ESC);
  });

  test('an escape inside of a string begins a new sequence', () => {
    expect(filter(`${ESC}]0;x${ESC}[31mred`)).toBe(`${ESC}[31mred`);
  });

  const piece = fc.oneof(
    fc.constantFrom(
      'abc',
      '\r\n',
      `${ESC}[31m`,
      `${ESC}[H`,
      `${ESC}[6n`,
      `${ESC}]0;t\x07`,
      `${ESC}Pq${ESC}\\`,
      `${ESC}[?1049h`,
      '\x9b6n',
      '\x05',
    ),
    fc.constantFrom(
      ESC,
      '[',
      ']',
      '?',
      '6',
      'n',
      ';',
      'c',
      '\\',
      '\x07',
      '\x9c',
      '\x9b',
      '\x90',
      'P',
      '$',
      'q',
      '\x18',
    ),
    fc.string({ maxLength: 5 }),
  );
  const stream = fc.array(piece, { maxLength: 30 });

  test('does not depend on how the output was cut', () => {
    fc.assert(
      fc.property(stream, (pieces) => {
        const cut = new SafeOutput();
        expect(pieces.map((text) => cut.push(text)).join('')).toBe(filter(pieces.join('')));
      }),
      { numRuns: 2000 },
    );
  });

  test('nothing that was let through asks the terminal anything', () => {
    const kinds = [
      'device-attributes',
      'secondary-attributes',
      'tertiary-attributes',
      'status',
      'cursor-position',
      'private-status',
      'ansi-mode',
      'private-mode',
      'terminal-version',
      'keyboard-flags',
      'setting',
      'capability',
      'window-size',
    ] as const;
    fc.assert(
      fc.property(stream, (pieces) => {
        const emulator = new Emulator({ cols: 20, rows: 5 });
        emulator.write(Buffer.from(filter(pieces.join(''))));
        expect(kinds.filter((kind) => emulator.queries.open(kind) > 0)).toEqual([]);
        expect(emulator.modes).toMatchObject({ bracketedPaste: false, focusReports: false, mouse: 'none' });
        emulator.dispose();
      }),
      { numRuns: 500 },
    );
  });

  test('what programs usually draw looks the same', () => {
    const text = `${ESC}[?2004h${ESC}]0;alice@db1\x07$ ls\r\n${ESC}[0m${ESC}[01;34mbin${ESC}[0m  x\r\n${ESC}[?1049h${ESC}[22;0;0t${ESC}[2;4r${ESC}[H~\r\n${ESC}[7mstatus${ESC}[m${ESC}[c`;
    const screens = [text, filter(text)].map((output) => {
      const emulator = new Emulator({ cols: 30, rows: 6 });
      emulator.write(Buffer.from(output));
      return snapshotOf(emulator);
    });
    expect(screens[1]?.rows).toEqual(screens[0]?.rows);
    expect(screens[1]?.cursor).toEqual(screens[0]?.cursor);
  });
});
