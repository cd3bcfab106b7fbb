/** What a shell's end mark says, and what is none. */
import { expect, test } from 'vitest';
import { Emulator } from './emulator.ts';
import { exitCodeOf } from './end-mark.ts';

test.each([
  ['D;0', 0],
  ['D;1', 1],
  ['D;255', 255],
  ['D;130;aid=7', 130],
  ['D', null],
  ['D;', null],
  ['D;-1', null],
  ['D;256', null],
  ['D;99999', null],
  ['D;1x', null],
  ['D;aid=7', null],
  ['A', undefined],
  ['C;1', undefined],
  ['DD;1', undefined],
  ['', undefined],
])('%j is %j', (data, code) => {
  expect(exitCodeOf(data)).toBe(code);
});

test('every mark is told, also several in one piece of output, and none from a full-screen program', () => {
  const emulator = new Emulator({ cols: 80, rows: 24 });
  const told: (number | null)[] = [];
  const stop = emulator.onCommandEnd((code) => told.push(code));
  emulator.write(Buffer.from('\x1b]133;D;3\x07\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07\x1b]633;D;0\x1b\\'));
  emulator.write(Buffer.from('\x1b[?1049h\x1b]133;D;9\x07\x1b[?1049l'));
  expect(told).toEqual([3, 0]);
  stop();
  emulator.write(Buffer.from('\x1b]133;D;4\x07'));
  expect(told).toEqual([3, 0]);
});
