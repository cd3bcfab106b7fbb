import { describe, expect, test } from 'vitest';
import { Emulator } from './emulator.ts';
import { noticeAbove, noticeHere } from './notice.ts';
import { snapshotOf } from './restore.ts';

const SIZE = { cols: 40, rows: 8 };
const TEXT = 'heldline: 7KQ2 cancelled. Nothing was sent to web2.';
const SAID = ['heldline: 7KQ2 cancelled. Nothing was', '          sent to web2.'];

/** The bastion's emulator, and the user's terminal, which shows `history` rows from before the session. */
function screens(session: string, history = 0): { bastion: Emulator; user: Emulator } {
  const bastion = new Emulator(SIZE);
  const user = new Emulator(SIZE);
  user.write(Buffer.from('before\r\n'.repeat(history)));
  for (const screen of [bastion, user]) screen.write(Buffer.from(session));
  return { bastion, user };
}

function say(pair: { bastion: Emulator; user: Emulator }, bytes: Uint8Array): void {
  pair.user.write(bytes);
  pair.bastion.write(bytes);
}

function textOf(emulator: Emulator): string[] {
  const rows = snapshotOf(emulator).rows.map((cells) =>
    cells
      .map((cell) => cell.chars || ' ')
      .join('')
      .trimEnd(),
  );
  return rows.join('\n').trimEnd().split('\n');
}

describe('a notice above the line', () => {
  test.each([0, 1, 3, 6, 20])('keeps the line and its cursor, with %i rows of history on the terminal', (history) => {
    const pair = screens('one\r\ntwo\r\n\x1b[1mbox$ \x1b[0m', history);
    say(pair, noticeAbove(pair.bastion, TEXT, ['box$ rm -r old']));
    say(pair, Buffer.from('ls'));
    const expected = ['one', 'two', 'box$ rm -r old', ...SAID, 'box$ ls'];
    expect(textOf(pair.bastion)).toEqual(expected);
    expect(textOf(pair.user).slice(-expected.length)).toEqual(expected);
  });

  test('scrolls at the bottom of the screen', () => {
    const pair = screens(`${'\r\n'.repeat(7)}box$ `);
    say(pair, noticeAbove(pair.bastion, TEXT));
    expect(textOf(pair.bastion).slice(-3)).toEqual([...SAID, 'box$']);
    expect(pair.bastion.cursor).toMatchObject({ row: 7, column: 5 });
  });

  test('goes above all rows of a wrapped line', () => {
    const line = `box$ ${'word '.repeat(12)}`;
    const pair = screens(`one\r\n${line}`, 5);
    say(pair, noticeAbove(pair.bastion, TEXT));
    say(pair, Buffer.from('end'));
    const [, first, second, ...rest] = textOf(pair.bastion);
    expect([first, second]).toEqual(SAID);
    expect(rest.join('')).toContain('word end');
    expect(textOf(pair.user).slice(-5)).toEqual(textOf(pair.bastion).slice(-5));
  });

  test('moves marks with the line', () => {
    const { bastion } = screens('one\r\nbox$ ');
    const mark = bastion.markCursor();
    bastion.write(noticeAbove(bastion, TEXT));
    expect(mark?.line).toBe(bastion.cursor.line);
  });

  test('leaves the pen as it was', () => {
    const { bastion } = screens('\x1b[31;1mbox$ ');
    const pen = bastion.screenState.pen;
    bastion.write(noticeAbove(bastion, TEXT));
    expect(bastion.screenState.pen).toEqual(pen);
  });
});

describe('a notice in a full-screen program', () => {
  test('is on the last row and leaves everything else as it was', () => {
    const { bastion } = screens('\x1b[?1049h\x1b[2;5r\x1b[31mtext\x1b[3;4H\x1b[?25l');
    const before = snapshotOf(bastion);
    bastion.write(noticeAbove(bastion, TEXT));
    const after = snapshotOf(bastion);
    expect(textOf(bastion).at(-1)).toBe(SAID[0]);
    expect({ ...after, rows: after.rows.slice(0, -1) }).toEqual({ ...before, rows: before.rows.slice(0, -1) });
  });
});

test('a notice at the beginning of a row ends with the next row', () => {
  const pair = screens('box$ rm -r old\r\n', 9);
  say(pair, noticeHere(pair.bastion, TEXT));
  say(pair, Buffer.from('output'));
  expect(textOf(pair.bastion)).toEqual(['box$ rm -r old', ...SAID, 'output']);
  expect(textOf(pair.user).slice(-4)).toEqual(textOf(pair.bastion));
});
