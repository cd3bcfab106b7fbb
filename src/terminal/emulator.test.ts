import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Emulator } from './emulator.ts';
import { requireCore } from './emulator-core.ts';
import { cellText, continues } from './screen-text.ts';

function emulator(text: string, cols = 40, rows = 6): Emulator {
  const screen = new Emulator({ cols, rows });
  screen.write(Buffer.from(text));
  return screen;
}

function line(screen: Emulator, at: number): string {
  return cellText(screen.row(at)?.cells ?? [], 0, screen.cols).trimEnd();
}

test('output is on the screen as soon as write returns', () => {
  const screen = emulator('one\r\ntwo');
  expect([line(screen, 0), line(screen, 1), screen.cursor]).toEqual(['one', 'two', { line: 1, row: 1, column: 3 }]);
});

test('rows are read by columns: wide characters take two', () => {
  const screen = emulator('漢字x');
  const cells = screen.row(0)?.cells ?? [];
  expect(cells.slice(0, 5).map((cell) => [cell.chars, cell.width])).toEqual([
    ['漢', 2],
    ['', 0],
    ['字', 2],
    ['', 0],
    ['x', 1],
  ]);
  expect(cellText(cells, 2, 5)).toBe('字x');
});

test.each([
  ['\x1b[2mghost', true],
  ['\x1b[90mghost', true],
  ['\x1b[38;5;242mghost', true],
  ['\x1b[38;2;100;100;100mghost', true],
  ['ghost', false],
  ['\x1b[31mghost', false],
  ['\x1b[38;2;200;20;20mghost', false],
])('%j is faint: %s', (text, faint) => {
  expect(emulator(text).row(0)?.cells[0]?.faint).toBe(faint);
});

test.each([
  ['wrapped by the emulator', 'abcdefgh', true],
  ['full, then a new line', 'abcde\r\nf', true],
  ['wide character that did not fit', 'abcd\r\n漢', true],
  ['short', 'abc\r\nd', false],
])('%s continues: %s', (_what, text, expected) => {
  const screen = emulator(text, 5);
  const [row, next] = [screen.row(0), screen.row(1)];
  expect(row !== undefined && next !== undefined && continues(row, next)).toBe(expected);
});

test('knows when output stands inside a sequence or a character', () => {
  expect(emulator('a').isGround).toBe(true);
  for (const cut of ['\x1b', '\x1b[3', '\x1b]0;t', '\x1bP1$']) expect(emulator(cut).isGround).toBe(false);
  const screen = new Emulator({ cols: 10, rows: 2 });
  screen.write(Uint8Array.of(0xe6, 0xbc));
  expect(screen.isGround).toBe(false);
  screen.write(Uint8Array.of(0xa2));
  expect([screen.isGround, line(screen, 0)]).toEqual([true, '漢']);
});

test('counts the questions of the output and each answer once', () => {
  const { queries } = emulator(
    '\x1b[c\x1b[0c\x1b[6n\x1b]11;?\x07\x1b]10;?;?\x1b\\\x1b[?2004$p\x1b[>0q\x1b[?u\x1bP$qm\x1b\\',
  );
  const kinds = [
    'device-attributes',
    'cursor-position',
    'colour-11',
    'colour-10',
    'private-mode',
    'terminal-version',
    'keyboard-flags',
    'setting',
  ] as const;
  expect(kinds.map((kind) => queries.open(kind))).toEqual([2, 1, 2, 1, 1, 1, 1, 1]);
  expect([queries.answer('cursor-position'), queries.answer('cursor-position')]).toEqual([true, false]);
});

test('a setting is no question', () => {
  const { queries } = emulator('\x1b]11;#000000\x07\x1b]4;1;#ff0000\x07\x1b[1 q');
  expect([queries.open('colour-11'), queries.open('colour-4'), queries.open('terminal-version')]).toEqual([0, 0, 0]);
});

test('keeps the place of the latest prompt mark', () => {
  const screen = emulator('x\r\n\x1b]133;A\x07p> \x1b]133;B\x07');
  const mark = screen.promptMark;
  expect([mark?.kind, mark?.mark.line, mark?.mark.column, mark?.ordinal]).toEqual(['B', 1, 3, 2]);
  screen.write(Buffer.from('\r\n'.repeat(10)));
  expect(mark?.mark.line).toBe(1);
});

test('tells modes and what a restore needs', () => {
  const screen = emulator(
    '\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[?1003h\x1b[?1006h\x1b[4h\x1b[2;4r\x1b[?25l\x1b(0\x1b[1;31m',
  );
  expect(screen.modes).toEqual({
    applicationCursor: true,
    applicationKeypad: true,
    bracketedPaste: true,
    focusReports: true,
    mouse: 'any',
    mouseEncoding: 'SGR',
    insert: true,
    origin: false,
    wraparound: true,
    synchronizedOutput: false,
  });
  const { margins, cursorHidden, pen, glyphSets } = screen.screenState;
  expect([margins, cursorHidden, glyphSets]).toEqual([
    { top: 1, bottom: 3 },
    true,
    { active: 0, designators: ['0', 'B', 'B', 'B'] },
  ]);
  expect([pen.bold, pen.foreground]).toEqual([true, { kind: 'palette', index: 1 }]);
});

test('the alternate buffer has no marks', () => {
  const screen = emulator('\x1b[?1049h');
  expect([screen.alternate, screen.markCursor()]).toEqual([true, undefined]);
});

describe('fails closed', () => {
  test.each([[{}], [{ _core: {} }], [{ _core: { writeSync: () => {} } }]])(
    'another library is refused: %j',
    (shape) => {
      expect(() => requireCore(shape)).toThrow('not the pinned version');
    },
  );

  test('a parser that throws stops it for good', () => {
    const screen = new Emulator({ cols: 10, rows: 2 });
    const broken = new Proxy(new Uint8Array(4), {
      get: () => {
        throw new RangeError('bad bytes');
      },
    });
    screen.write(broken);
    screen.write(Buffer.from('after'));
    expect([screen.failure, line(screen, 0)]).toEqual(['bad bytes', '']);
  });
});

test('no output makes it throw, however it is cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, at) => {
      const whole = new Emulator({ cols: 20, rows: 5 });
      const cut = new Emulator({ cols: 20, rows: 5 });
      whole.write(bytes);
      cut.write(bytes.subarray(0, at));
      cut.write(bytes.subarray(at));
      const screen = (from: Emulator): unknown => Array.from({ length: from.lines }, (_, row) => from.row(row)?.cells);
      expect([whole.failure, screen(cut)]).toEqual([undefined, screen(whole)]);
      whole.dispose();
      cut.dispose();
    }),
    { numRuns: 150 },
  );
});
