import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DrawnScreen } from './drawn-screen.ts';
import { PastLines } from './past-lines.ts';
import { blankRow } from './row-builder.ts';
import type { Screen } from './screen.ts';

const SIZE = { cols: 20, rows: 4 };

function drawn(text: string): DrawnScreen {
  const screen = new DrawnScreen({ size: SIZE, clipboard: false, scrollback: 50, onAnswer: () => {} });
  screen.write(Buffer.from(text));
  return screen;
}

/** Every look back that is possible, and the screen itself. */
function looks(screen: DrawnScreen): Screen[] {
  const back = Array.from({ length: screen.linesAbove }, (_, lines) => screen.pictureOfPast(lines + 1, 0));
  return [screen.picture(0), ...back];
}

const piece = fc.constantFrom(
  'plain text ',
  'a line that is longer than the screen is wide',
  '漢字',
  'e\u0301',
  '🙂',
  '\r\n',
  '\r\n',
  '\x1b[31m',
  '\x1b[48;5;7m',
  '\x1b[7m',
  '\x1b[m',
  '    ',
  '\x1b[K',
  '\t',
);

describe('lines above a screen at rest', () => {
  test('look as before, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(piece, { minLength: 20, maxLength: 60 }), (pieces) => {
        const screen = drawn(pieces.join(''));
        const before = looks(screen);
        screen.rest();
        expect(looks(screen)).toEqual(before);
        screen.dispose();
      }),
      { numRuns: 300 },
    );
  });

  test('are followed by those that come later, in order', () => {
    const screen = drawn('');
    for (let line = 0; line < 30; line += 1) {
      screen.write(Buffer.from(`line ${line}\r\n`));
      if (line % 7 === 3) screen.rest();
    }
    const first = screen.pictureOfPast(screen.linesAbove, 0).rows.map((row) => row.key.trim());
    expect(first).toEqual(['line 0', 'line 1', 'line 2', 'line 3']);
    expect(screen.linesAbove).toBe(27);
    expect(screen.pictureOfPast(14, 0).rows[0]?.key.trim()).toBe('line 13');
  });

  test('are as many as configured, the newest ones', () => {
    const screen = drawn('');
    for (let line = 0; line < 300; line += 1) {
      screen.write(Buffer.from(`line ${line}\r\n`));
      if (line % 10 === 0) screen.rest();
    }
    screen.rest();
    expect(screen.linesAbove).toBe(50);
    expect(screen.pictureOfPast(50, 0).rows[0]?.key.trim()).toBe('line 247');
  });

  test.each([
    ['clear', '\x1b[H\x1b[2J\x1b[3J'],
    ['reset', '\x1bc'],
  ])('are gone after a %s', (_name, sequence) => {
    const screen = drawn('secret\r\n'.repeat(20));
    screen.rest();
    screen.write(Buffer.from(sequence));
    expect(screen.linesAbove).toBe(0);
  });

  test('wait while a full-screen program is shown and while half a sequence was written', () => {
    const screen = drawn(`${'line\r\n'.repeat(20)}\x1b[?1049h`);
    screen.rest();
    screen.write(Buffer.from('\x1b[?1049l\x1b[3'));
    expect(screen.linesAbove).toBe(17);
    screen.rest();
    screen.write(Buffer.from('1mred'));
    expect(screen.picture(0).rows[3]?.cells[0]).toEqual({ text: 'r', width: 1, style: '31' });
  });

  test('leave margins, tab stops and saved cursor of the screen alone', () => {
    const text = `${'line\r\n'.repeat(20)}\x1b[2;3r\x1b[3;4H\x1bH\x1b[31m\x1b7`;
    const [rested, other] = [drawn(text), drawn(text)];
    rested.rest();
    for (const screen of [rested, other]) screen.write(Buffer.from('\x1b[m\x1b[H\tx\x1b8y\n\n\nz'));
    expect(rested.picture(0)).toEqual(other.picture(0));
  });
});

describe('a window that changed', () => {
  const rows = drawn('12345678901234567漢x').picture(0).rows;

  test('cuts what is too long, wide characters as a whole', () => {
    const past = new PastLines(10).with(rows);
    expect(
      past
        .row(0, 18, true)
        .cells.map(({ text }) => text)
        .join(''),
    ).toBe('12345678901234567 ');
    expect(
      past
        .row(0, 5, true)
        .cells.map(({ text }) => text)
        .join(''),
    ).toBe('12345');
  });

  test('fills up what is too short; outside there is nothing', () => {
    const past = new PastLines(10).with(rows);
    expect(past.row(0, 30, true).cells.length).toBe(30);
    expect(past.row(77, 30, true)).toEqual(blankRow(30));
  });
});
