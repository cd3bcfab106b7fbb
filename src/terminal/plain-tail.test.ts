/** A flood of plain lines leaves the very screen that parsing every byte of it leaves, however it was cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Emulator, type LineMark } from './emulator.ts';
import { PlainTail } from './plain-tail.ts';
import { snapshotOf } from './restore.ts';

const SIZE = { cols: 20, rows: 5, scrollback: 8 };
/** Pieces that are parsed at once. */
const SHORT = [100];

interface Screen {
  readonly emulator: Emulator;
  readonly marks: (LineMark | undefined)[];
}

function open(): Screen {
  return { emulator: new Emulator(SIZE), marks: [] };
}

/** Writes `text` in pieces of these lengths, the last of them again and again, and nobody looks in between. */
function write({ emulator }: Screen, text: string, lengths: readonly number[]): void {
  const bytes = Buffer.from(text);
  let at = 0;
  for (let piece = 0; at < bytes.length; piece += 1) {
    const length = lengths[Math.min(piece, lengths.length - 1)] ?? bytes.length;
    emulator.write(bytes.subarray(at, at + length));
    at += length;
  }
}

function everything({ emulator, marks }: Screen): unknown {
  const above = Array.from({ length: emulator.lines }, (_, line) => emulator.row(line));
  const { cursor, top, lines, screenState, endedLine } = emulator;
  return {
    above,
    cursor,
    top,
    lines,
    screenState,
    endedLine,
    snapshot: snapshotOf(emulator),
    marks: marks.map((mark) => mark?.line),
  };
}

const line = fc.oneof(fc.stringMatching(/^[ -~\t]{0,50}$/), fc.constant('x'.repeat(20)), fc.constant(''));
const end = fc.oneof(
  { weight: 9, arbitrary: fc.constant('\r\n') },
  { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\n\r') },
);
const flood = fc
  .array(fc.tuple(line, end), { minLength: 20, maxLength: 300 })
  .map((lines) => lines.map(([text, ending]) => text + ending).join(''));
/** What comes before and after, and may change what plain text does. */
const control = fc.constantFrom(
  '',
  '\x1b[31mred',
  '\x1b[44m',
  '\x1b7',
  '\x1b[2;4r',
  '\x1b[1;3r\x1b[5;1H',
  '\x1b[2;5r\x1b[1;1H',
  '\x1b[?6h',
  '\x1b[4h',
  '\x1b[?7l',
  '\x1b[?1049h',
  '\x1b[20h',
  '\x1b(0',
  '\x1b[',
  'é',
  '漢',
  '\x1b[3;7H',
  '\x1b[2J',
  '\x9b',
  '\x1b]0;t',
);

describe('a flood', () => {
  test('leaves the same screen as its bytes one by one', () => {
    const lengths = fc.tuple(fc.integer({ min: 512, max: 1000 }), fc.integer({ min: 10, max: 2000 }));
    const steps = fc.array(fc.tuple(control, flood, lengths), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(steps, (all) => {
        const [held, parsed] = [open(), open()];
        for (const [before, text, length] of all) {
          for (const [screen, piece] of [
            [held, length],
            [parsed, SHORT],
          ] as const) {
            write(screen, before, SHORT);
            screen.marks.push(screen.emulator.markCursor());
            write(screen, text, piece);
          }
        }
        expect(everything(held)).toEqual(everything(parsed));
        for (const { emulator } of [held, parsed]) emulator.resize(13, 7);
        expect(everything(held)).toEqual(everything(parsed));
      }),
      { numRuns: 200 },
    );
  });

  test('outside of the margins writes over what stands there', () => {
    const [held, parsed] = [open(), open()];
    for (const [screen, lengths] of [
      [held, [600, 30]],
      [parsed, SHORT],
    ] as const) {
      write(screen, '\x1b[1;3r\x1b[5;1H', SHORT);
      write(screen, `a long line\r\n${'short\r\n'.repeat(200)}`, lengths);
      expect(screen.emulator.text(screen.emulator.cursor.line, 0, 11)).toBe('shortg line');
    }
    expect(everything(held)).toEqual(everything(parsed));
  });

  test('is seen by a mark, a resize and what follows at once', () => {
    const screen = open();
    const mark = screen.emulator.markCursor();
    write(screen, 'one more line\r\n'.repeat(60), [600, 30]);
    expect(mark?.line).toBe(-1);
    write(screen, 'last line\r\n'.repeat(60), [600, 30]);
    screen.emulator.write(Buffer.from('\x1b[1A*'));
    expect(screen.emulator.text(screen.emulator.cursor.line, 0, 9)).toBe('*ast line');
  });
});

describe('what is held', () => {
  const ROW = Buffer.from('0123456789\r\n');

  test('is a few lines of however many', () => {
    const tail = new PlainTail();
    for (let n = 0; n < 1000; n += 1)
      expect(tail.add(Buffer.concat(Array.from({ length: 10 }, () => ROW)), 25)).toBe(true);
    expect(tail.size).toBeLessThanOrEqual(40 * ROW.length);
    const text = Buffer.concat(tail.take()).toString();
    expect(text.split('\r\n').length - 1).toBeGreaterThanOrEqual(25);
    expect(text.startsWith('\r0123456789')).toBe(true);
    expect([tail.size, tail.take()]).toEqual([0, []]);
  });

  test.each(['\x1b[m', '\x07', '\b', '\x0e', '\x7f', '\x9b', 'é', '\x00'])('is nothing with %j in it', (text) => {
    const tail = new PlainTail();
    expect(tail.add(Buffer.from(`before ${text} after`, 'latin1'), 1)).toBe(false);
    expect(tail.size).toBe(0);
  });

  test('is everything as long as no line ends', () => {
    const tail = new PlainTail();
    for (let n = 0; n < 50; n += 1) tail.add(Buffer.from('x\ny\n'), 1);
    expect(Buffer.concat(tail.take()).toString()).toBe('x\ny\n'.repeat(50));
  });
});
