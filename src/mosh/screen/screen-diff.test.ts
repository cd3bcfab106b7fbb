/** Differences applied to a second terminal give the same screen, in words that the client understands. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHostMessage } from '../wire/host-message.ts';
import { DrawnScreen } from './drawn-screen.ts';
import { INITIAL_SCREEN, type Screen } from './screen.ts';
import { diffScreens } from './screen-diff.ts';

const SIZE = { cols: 24, rows: 8 };

function drawn(size = SIZE): DrawnScreen {
  return new DrawnScreen({ size, clipboard: true, onAnswer: () => {} });
}

/** A stand-in for the client: a terminal that takes messages. */
class ShowingClient {
  readonly screen = drawn();
  echoAck = 0;

  take(message: Buffer): string {
    let text = '';
    for (const instruction of decodeHostMessage(message) ?? []) {
      if (instruction.kind === 'echo-ack') this.echoAck = instruction.number;
      else if (instruction.kind === 'resize') this.screen.resize(instruction);
      else {
        text += Buffer.from(instruction.bytes).toString();
        this.screen.write(instruction.bytes);
      }
    }
    return text;
  }
}

/** Cells as one sees them: text, style and place; attributes of blanks and wrap marks aside. */
function seen({ cols, rows, cursor, modes, title, clipboard }: Screen): object {
  const lines = rows.map((row) =>
    row.cells.map((cell) => (cell.text === ' ' ? cell.text : `${cell.style}|${cell.text}`)),
  );
  const grounds = rows.map((row) => row.cells.map((cell) => (cell.text === ' ' ? cell.style : '')));
  return { cols, lines, grounds, cursor, modes, title, clipboard };
}

/** Everything the client of 1.4 understands, and nothing that makes it answer or abort. */
const VOCABULARY = new RegExp(
  [
    String.raw`[^\x00-\x1f\x7f-\x9f]`,
    String.raw`[\x07\x08\r\n]`,
    String.raw`\x1b\[[\d;]*H`,
    String.raw`\x1b\[\d*[KJSr]`,
    String.raw`\x1b\[(0|1|3|4|5|7|8|[349][0-7]|10[0-7]|[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|;)*m`,
    String.raw`\x1b\[\?(5|25|9|1000|1002|1003|1004|1005|1006|1015|2004)[hl]`,
    String.raw`\x1b\][012];[^\x00-\x1f\x7f-\x9f]{0,256}\x07`,
    String.raw`\x1b\]52;c;[A-Za-z0-9+/=]*\x07`,
  ].join('|'),
  'gu',
);

function strangers(text: string): string {
  return text.replace(VOCABULARY, '');
}

const word = fc.constantFrom(
  'plain',
  'x',
  ' ',
  '     ',
  'long text that wraps around the end',
  'ä',
  'ß',
  'Ω',
  '漢字',
  '한글',
  'e\u0301',
  'a\u0300\u0301\u0302',
  '🙂',
  '👩‍👩‍👧',
  '🇩🇪',
  '\u00ad',
  '\u200b',
  '─│┌',
  '\u0301',
  'ﬀ',
  '\ufeff',
  '\x85',
  '\ue000',
  '\u{e0001}',
  '\u0378',
);
const number = fc.integer({ min: 0, max: 30 });
const sgr = fc.constantFrom(
  '0',
  '1',
  '2',
  '3',
  '4',
  '4:3',
  '5',
  '7',
  '8',
  '9',
  '21',
  '22',
  '27',
  '31',
  '42',
  '93',
  '104',
  '38;5;200',
  '48;5;7',
  '38;2;1;2;3',
  '48;2;9;8;7',
  '58;5;1',
  '53',
);
const control = fc.constantFrom(
  '\r',
  '\n',
  '\r\n',
  '\b',
  '\t',
  '\x07',
  '\x0b',
  '\x1b7',
  '\x1b8',
  '\x1bM',
  '\x1bD',
  '\x1bE',
  '\x1bc',
  '\x1b#8',
  '\x1b(0',
  '\x1b(B',
  '\x0e',
  '\x0f',
  '\x1b[?1049h',
  '\x1b[?1049l',
  '\x1b[?25l',
  '\x1b[?25h',
  '\x1b[?7l',
  '\x1b[?7h',
  '\x1b[?6h',
  '\x1b[?6l',
  '\x1b[4h',
  '\x1b[4l',
  '\x1b[?5h',
  '\x1b[?5l',
  '\x1b[?2004h',
  '\x1b[?1000h',
  '\x1b[?1003h',
  '\x1b[?1006h',
  '\x1b[?1000l',
  '\x1b[?1004h',
  '\x1b[?1015h',
  '\x1b[!p',
  '\x1b[c',
  '\x1b[6n',
  '\x1b[>c',
  '\x1b[?2026h',
  '\x1b]0;title\x07',
  '\x1b]2;a\x9bb\u202ec\x07',
  '\x1b]52;c;aGk=\x07',
  '\x1b]52;;aGs=\x07',
  '\x1b]52;c;?\x07',
  '\x1b]8;;http://x\x07link\x1b]8;;\x07',
  '\x1bP+q544e\x1b\\',
  '\x1b[1 q',
);
const parameters = fc
  .tuple(
    number,
    number,
    fc.constantFrom('A', 'B', 'C', 'D', 'H', 'J', 'K', 'X', '@', 'P', 'L', 'M', 'S', 'T', 'r', 'd', 'G', 'b'),
  )
  .map(([a, b, final]) => (final === 'H' || final === 'r' ? `\x1b[${a};${b}${final}` : `\x1b[${a}${final}`));
const piece = fc.oneof(
  { weight: 5, arbitrary: word },
  { weight: 3, arbitrary: parameters },
  { weight: 3, arbitrary: sgr.map((codes) => `\x1b[${codes}m`) },
  { weight: 3, arbitrary: control },
);
const output = fc.array(piece, { minLength: 1, maxLength: 30 }).map((pieces) => pieces.join(''));
const step = fc.record({
  output,
  size: fc.option(fc.record({ cols: fc.integer({ min: 2, max: 40 }), rows: fc.integer({ min: 2, max: 12 }) }), {
    freq: 5,
    nil: undefined,
  }),
});

describe('differences', () => {
  test('2000 random screens arrive exactly, within the vocabulary of the client', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
        const target = drawn();
        const client = new ShowingClient();
        let shown = INITIAL_SCREEN;
        for (const { output: text, size } of steps) {
          if (size !== undefined) target.resize(size);
          target.write(Buffer.from(text));
          const next = target.picture(shown.echoAck + 1);
          const sent = client.take(diffScreens(shown, next));
          expect(strangers(sent)).toBe('');
          expect(seen(client.screen.picture(0))).toEqual(seen(next));
          expect(client.echoAck).toBe(next.echoAck);
          expect(diffScreens(next, target.picture(next.echoAck)).length).toBe(0);
          shown = next;
        }
        target.dispose();
        client.screen.dispose();
      }),
      { numRuns: 2000 },
    );
  }, 60_000);

  test('a difference may start from any earlier screen', () => {
    const target = drawn();
    target.write(Buffer.from('one\r\ntwo\x1b[31mred\x1b[m'));
    const first = target.picture(0);
    target.write(Buffer.from('\x1b[2J\x1b[H\x1b[44mblue\x1b[K'));
    const second = target.picture(0);
    target.write(Buffer.from('\r\nthree'));
    const third = target.picture(0);
    for (const path of [
      [first, third],
      [first, second, third],
      [first, second, first, third],
    ]) {
      const client = new ShowingClient();
      let shown = INITIAL_SCREEN;
      for (const next of path) {
        client.take(diffScreens(shown, next));
        shown = next;
      }
      expect(seen(client.screen.picture(0))).toEqual(seen(third));
    }
  });

  test('a key costs a byte, a scroll costs one line', () => {
    const target = drawn({ cols: 80, rows: 24 });
    target.write(Buffer.from(Array.from({ length: 40 }, (_, line) => `line number ${line}`).join('\r\n')));
    const before = target.picture(0);
    target.write(Buffer.from('k'));
    const typed = target.picture(0);
    expect(textOf(diffScreens(before, typed))).toBe('k');
    target.write(Buffer.from('\r\nnew line'));
    expect(textOf(diffScreens(typed, target.picture(0))).length).toBeLessThan(40);
  });

  test('lines that wrap are joined at the client, so that copying joins them', () => {
    const target = drawn();
    const client = new ShowingClient();
    target.write(Buffer.from('x'.repeat(SIZE.cols + 5)));
    client.take(diffScreens(INITIAL_SCREEN, target.picture(0)));
    expect(client.screen.picture(0).rows[0]?.wraps).toBe(true);
  });

  test('the bell rings as often as between the pictures', () => {
    const target = drawn();
    const before = target.picture(0);
    target.write(Buffer.from('\x07\x07\x07'));
    const rung = target.picture(0);
    expect(textOf(diffScreens(before, rung))).toBe('\x07');
    target.write(Buffer.from('\x07'));
    expect(textOf(diffScreens(before, target.picture(0)))).toBe('\x07\x07');
  });
});

describe('foreign text', () => {
  test('titles lose what is not printable and stay short', () => {
    const target = drawn();
    target.write(Buffer.from(`\x1b]2;${'t'.repeat(400)}\x07`));
    expect(target.picture(0).title).toBe('t'.repeat(256));
    target.write(Buffer.from('\x1b]2;a\u009b\u202eb\x07'));
    expect(target.picture(0).title).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('the clipboard is set in one form only, and never read', () => {
    const target = drawn();
    target.write(Buffer.from('\x1b]52;p;aGVsbG8=\x07'));
    expect(textOf(diffScreens(INITIAL_SCREEN, target.picture(0)))).toContain('\x1b]52;c;aGVsbG8=\x07');
    const before = target.picture(0);
    for (const query of ['\x1b]52;c;?\x07', '\x1b]52;c;not base64!\x07', `\x1b]52;c;${'A'.repeat(100_000)}\x07`]) {
      target.write(Buffer.from(query));
    }
    expect(diffScreens(before, target.picture(0)).length).toBe(0);
  });

  test('without permission the clipboard stays as it is', () => {
    const target = new DrawnScreen({ size: SIZE, clipboard: false, onAnswer: () => {} });
    target.write(Buffer.from('\x1b]52;c;aGVsbG8=\x07'));
    expect(target.picture(0).clipboard).toBe('');
  });
});

function textOf(message: Buffer): string {
  return (decodeHostMessage(message) ?? [])
    .map((instruction) => (instruction.kind === 'bytes' ? Buffer.from(instruction.bytes).toString() : ''))
    .join('');
}
