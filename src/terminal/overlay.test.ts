/** Overlay and restore on recordings of real programs, cut anywhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Emulator } from './emulator.ts';
import { Overlay } from './overlay.ts';
import { drawPanel, type PanelState, type PanelView } from './panel.ts';
import { snapshotOf } from './restore.ts';

const SCREENS = join(import.meta.dirname, '../../test/fixtures/screens');
const RECORDINGS = readdirSync(SCREENS).filter((name) => name.endsWith('.cast'));

const VIEW: PanelView = {
  id: '7KQ2',
  label: 'high, rm-recursive',
  why: 'Deletes a folder with everything in it.',
  command: 'rm -rf /srv/app/releases/2026-10',
  phrase: 'green teapot',
};
const STATE: PanelState = { entry: { kind: 'code', digits: 2 }, note: null, page: 0, timeLeft: 118_000 };
const SIZE = { cols: 80, rows: 24 };

interface Pair {
  readonly user: Emulator;
  readonly bastion: Emulator;
}

function pair(): Pair {
  return { user: new Emulator(SIZE), bastion: new Emulator(SIZE) };
}

function both(screens: Pair, bytes: Uint8Array): void {
  screens.user.write(bytes);
  screens.bastion.write(bytes);
}

/** Everything that can be told apart on a terminal, but for a saved cursor that no program has saved. */
function everything(emulator: Emulator, saved: boolean = hasSaved(emulator)): unknown {
  const { state, ...rest } = snapshotOf(emulator);
  const { savedCursor, ...others } = state;
  return { ...rest, state: saved ? state : others, failure: emulator.failure, ...(saved ? { savedCursor } : {}) };
}

function hasSaved(emulator: Emulator): boolean {
  const { savedCursor } = snapshotOf(emulator).state;
  return savedCursor.row !== 0 || savedCursor.column !== 0;
}

function expectSame({ user, bastion }: Pair): void {
  const saved = hasSaved(bastion);
  expectEqual(everything(user, saved), everything(bastion, saved));
}

/** As `toEqual`, but quick when all is well. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual).toEqual(expected);
}

function load(name: string): Uint8Array {
  const [, ...events] = readFileSync(join(SCREENS, name), 'utf8').trimEnd().split('\n');
  return Buffer.concat(events.map((event) => Buffer.from(JSON.parse(event)[2], 'utf8')));
}

/** The first place at or after `wanted` where the emulator stands between sequences; it is left there. */
function writeToGround(screens: Pair, stream: Uint8Array, wanted: number): number {
  both(screens, stream.subarray(0, wanted));
  let at = wanted;
  while (!screens.bastion.isGround && at < stream.length) {
    both(screens, stream.subarray(at, at + 1));
    at += 1;
  }
  return at;
}

function holdAt(stream: Uint8Array, cut: number, heldBytes: number, term: string): void {
  const screens = pair();
  const at = writeToGround(screens, stream, Math.floor(cut * stream.length));
  const before = everything(screens.bastion);
  const savedBefore = hasSaved(screens.bastion);
  const overlay = new Overlay(screens.bastion, term);
  const show = (text: string): void => screens.user.write(Buffer.from(text));
  show(overlay.open(drawPanel(VIEW, STATE, SIZE)));
  expect(screenText(screens.user)).toContain('HELD 7KQ2');
  const held = stream.subarray(at, at + heldBytes);
  screens.bastion.write(held);
  show(overlay.draw(drawPanel(VIEW, { ...STATE, note: 'That code is not right. 2 tries left.' }, SIZE)));
  const [back = new Uint8Array(), ...rest] = overlay.close([held]);
  screens.user.write(back);
  expectEqual(everything(screens.user, savedBefore), before);
  for (const bytes of rest) screens.user.write(bytes);
  expectSame(screens);
  both(screens, stream.subarray(at + held.length));
  expectSame(screens);
}

function screenText(emulator: Emulator): string {
  const rows = snapshotOf(emulator).rows;
  return rows.map((cells) => cells.map((cell) => cell.chars || ' ').join('')).join('\n');
}

describe('overlay and restore', () => {
  test('finds the recordings', () => {
    expect(RECORDINGS).toEqual(
      ['bash-margins', 'curses', 'fish', 'htop', 'less', 'tmux', 'top', 'vim'].map((name) => `${name}.cast`),
    );
  });

  test.each(RECORDINGS)(
    '%s comes back exactly, wherever it is cut',
    (name) => {
      const stream = load(name);
      const cut = fc.double({ min: 0, max: 1, noNaN: true });
      const term = fc.constantFrom('xterm-256color', 'linux');
      const property = fc.property(cut, fc.nat(400), term, (at, held, kind) => holdAt(stream, at, held, kind));
      // A saved cursor above the margins was put below them once.
      fc.assert(property, { numRuns: 40, examples: [[0.5780989438576987, 0, 'xterm-256color']] });
    },
    60_000,
  );

  test('a resize while the panel is up ends with the emulator’s own screen', () => {
    const stream = load('vim.cast');
    const screens = pair();
    const at = writeToGround(screens, stream, Math.floor(stream.length / 2));
    const overlay = new Overlay(screens.bastion, 'xterm-256color');
    screens.user.write(Buffer.from(overlay.open(drawPanel(VIEW, STATE, SIZE))));
    for (const emulator of [screens.user, screens.bastion]) emulator.resize(60, 20);
    overlay.resize();
    screens.user.write(Buffer.from(overlay.draw(drawPanel(VIEW, STATE, { cols: 60, rows: 20 }))));
    expect(screenText(screens.user)).toContain('HELD 7KQ2');
    const held = stream.subarray(at, at + 300);
    screens.bastion.write(held);
    for (const bytes of overlay.close([held])) screens.user.write(bytes);
    expectSame(screens);
  });

  test('leaves reports, pasting and modes as a program wants them', () => {
    const screens = pair();
    both(
      screens,
      Buffer.from(
        '\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?2004h\x1b[?1h\x1b=\x1b[4h\x1b[?7l\x1b[3;9r\x1b[?6h\x1b[2;5H\x1b)0\x0e',
      ),
    );
    const before = everything(screens.bastion);
    const overlay = new Overlay(screens.bastion, 'xterm');
    screens.user.write(Buffer.from(overlay.open(drawPanel(VIEW, STATE, SIZE))));
    expect(screens.user.modes).toMatchObject({ mouse: 'none', focusReports: false, bracketedPaste: false });
    for (const bytes of overlay.close([])) screens.user.write(bytes);
    expect(everything(screens.user, hasSaved(screens.bastion))).toEqual(before);
  });

  test('comes back on the right row of a terminal that showed other things before the session', () => {
    const screens = pair();
    screens.user.write(Buffer.from('what was there before\r\n'.repeat(9)));
    both(screens, Buffer.from('$ ls\r\nold-logs\r\n$ rm -r old-logs'));
    const before = everything(screens.user, false);
    const overlay = new Overlay(screens.bastion, 'xterm');
    screens.user.write(Buffer.from(overlay.open(drawPanel(VIEW, STATE, SIZE))));
    for (const bytes of overlay.close([])) screens.user.write(bytes);
    expect(everything(screens.user, false)).toEqual(before);
  });
});
