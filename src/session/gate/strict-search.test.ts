/** Strict line mode: the search through the lines of the session (Ctrl-R). */
import { describe, expect, test } from 'vitest';
import { GateBed, type GateBedOptions } from '../../../test/support/gate-bed.ts';
import { LineTracker } from '../../terminal/line-tracker.ts';

const PROMPT = 'root@web2:~# ';

/** A strict gate whose user has entered `lines`. */
async function bedAfter(lines: readonly string[], options: GateBedOptions = {}): Promise<GateBed> {
  const bed = new GateBed({
    strict: true,
    tracker: (emulator, clock) => new LineTracker({ emulator, clock, roundTrip: () => 1 }),
    ...options,
  });
  await bed.pass(400);
  for (const line of lines) await bed.enter(`${line}\r`, 600);
  expect(bed.executed).toEqual(lines);
  return bed;
}

/** The row of the prompt as the user sees it, and the cursor in it. */
function lastRow(bed: GateBed): string {
  const row = bed.seen.split('\n').at(-1) ?? '';
  const { column } = bed.screen.cursor;
  return `${row.slice(0, column)}|${row.slice(column)}`;
}

describe('a search', () => {
  test('shows what it finds while nothing reaches the target', async () => {
    const bed = await bedAfter(['echo one', 'ls', 'echo two']);
    const before = bed.sent.length;
    await bed.enter('half\x12', 50);
    expect(lastRow(bed)).toBe(`${PROMPT}(reverse-i-search)\`': half|`);
    await bed.enter('echo', 50);
    expect(lastRow(bed)).toBe(`${PROMPT}(reverse-i-search)\`echo': |echo two`);
    await bed.enter('\x12', 50);
    expect(lastRow(bed)).toBe(`${PROMPT}(reverse-i-search)\`echo': |echo one`);
    await bed.enter('\x12', 50);
    expect(lastRow(bed)).toBe(`${PROMPT}(failed reverse-i-search)\`echo': |echo one`);
    await bed.enter('\x13', 50);
    expect(lastRow(bed)).toBe(`${PROMPT}(i-search)\`echo': |echo two`);
    expect(bed.sent).toHaveLength(before);
  });

  test('is judged and run like any other line after Enter', async () => {
    const bed = await bedAfter(['echo one', 'echo two']);
    await bed.enter('\x12one\r', 600);
    expect(bed.executed.at(-1)).toBe('echo one');
    expect(bed.judged.at(-1)).toBe('echo one');
    expect(bed.seen).toMatch(/root@web2:~# echo one\nroot@web2:~#$/);
  });

  test('that finds a line that is flagged is held', async () => {
    const bed = await bedAfter([]);
    await bed.enter('rm -r old\r', 600);
    await bed.enter('\x03', 600);
    await bed.enter('\x12rm\r', 600);
    expect(bed.sent).toEqual([]);
    expect(bed.approvals.open.statement.command).toBe('rm -r old');
  });

  test.each([
    ['Escape', '\x1b', `${PROMPT}|echo one`],
    ['Ctrl-J', '\n', `${PROMPT}|echo one`],
    ['End', '\x05', `${PROMPT}echo one|`],
    ['an arrow', '\x1b[C', `${PROMPT}e|cho one`],
    ['Up', '\x1b[A', `${PROMPT}make|`],
    ['Ctrl-D', '\x04', `${PROMPT}|cho one`],
    ['Ctrl-G', '\x07', `${PROMPT}half|`],
    ['Ctrl-C', '\x03', `${PROMPT}half|`],
  ])('ends with %s', async (_, key, row) => {
    const bed = await bedAfter(['make', 'echo one', 'ls']);
    const before = bed.sent.length;
    await bed.enter('half\x12echo', 50);
    await bed.enter(key, 100);
    expect(lastRow(bed)).toBe(row);
    expect(bed.sent).toHaveLength(before);
  });

  test('is begun again with what was looked for last', async () => {
    const bed = await bedAfter(['echo one', 'ls']);
    await bed.enter('\x12echo\x07\x12\x12', 50);
    expect(lastRow(bed)).toBe(`${PROMPT}(reverse-i-search)\`echo': |echo one`);
  });

  test('gives way to Ctrl-C once more, and to one while a line is being decided', async () => {
    const bed = await bedAfter(['echo one']);
    await bed.enter('\x12echo\x03\x03', 5);
    expect(Buffer.from(bed.sent.at(-1)?.bytes ?? []).toString()).toBe('\x03');
    await bed.pass(600);
    bed.judge = () => new Promise(() => {});
    await bed.enter('echo two\r', 600);
    const before = bed.sent.length;
    await bed.enter('\x12echo\x03', 5);
    expect(bed.sent.slice(before).map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['\x03']);
    expect(bed.executed).not.toContain('echo two');
  });

  test('enters no line of a paste', async () => {
    const bed = await bedAfter(['echo one']);
    await bed.enter('\x12\x1b[200~echo\nrm -r old\r\x1b[201~', 600);
    expect(lastRow(bed)).toBe(`${PROMPT}(reverse-i-search)\`echo': |echo one`);
    expect(bed.approvals.audit.types()).not.toContain('command.held');
  });
});

describe('on the screen', () => {
  test('a narrow row keeps the end of what is looked for and the place where it was found', async () => {
    const bed = await bedAfter(['echo some words before needle and some words behind it'], { cols: 30 });
    await bed.enter('\x12needle', 50);
    expect(lastRow(bed)).toBe("root@(?)`needle': <efore |nee>");
  });

  test('wide characters are found and drawn whole', async () => {
    const bed = await bedAfter(['echo 日本語', 'ls']);
    await bed.enter('\x12本', 50);
    expect(bed.seen.split('\n').at(-1)).toBe(`${PROMPT}(reverse-i-search)\`本': echo 日本語`);
    expect(bed.screen.cursor.column).toBe(`${PROMPT}(reverse-i-search)\`本': echo 日`.length + 2);
    await bed.enter('\x07', 50);
    expect(lastRow(bed)).toBe(`${PROMPT.trimEnd()}|`);
  });

  test('a search goes on after a resize', async () => {
    const bed = await bedAfter(['echo one', 'ls']);
    await bed.enter('\x12ec', 50);
    bed.screen.resize(60, 20);
    bed.gate.resize({ cols: 60, rows: 20 });
    await bed.enter('ho', 100);
    expect(lastRow(bed)).toBe(`${PROMPT}(reverse-i-search)\`echo': |echo one`);
    expect(bed.seen).toBe(`${PROMPT}echo one\n${PROMPT}ls\n${PROMPT}(reverse-i-search)\`echo': echo one`);
  });

  test('output of the target goes above a search', async () => {
    const bed = await bedAfter(['echo one']);
    await bed.enter('\x12one', 50);
    bed.output(`\r\nmail\r\n${PROMPT}`);
    await bed.pass(100);
    expect(bed.seen).toMatch(/\nroot@web2:~#\nmail\nroot@web2:~# \(reverse-i-search\)`one': echo one$/);
  });
});

describe('a secret', () => {
  test('is not searched for: its question knows no search and ends one', async () => {
    const bed = await bedAfter(['echo one']);
    await bed.enter('\x12e', 50);
    bed.shell.echo = false;
    bed.output('\r\nPassword: ');
    await bed.pass(400);
    await bed.enter('\x12hunter2', 100);
    expect(bed.seen).toMatch(/\nPassword:$/);
    await bed.enter('\r', 1500);
    expect(bed.executed.at(-1)).toBe('hunter2');
  });

  test('that was entered is found by no search', async () => {
    const bed = await bedAfter([], { prompt: 'Password: ', bracketedPaste: false });
    bed.shell.echo = false;
    await bed.enter('hunter2\r', 1500);
    expect(bed.executed).toEqual(['hunter2']);
    bed.output(`\r\n${PROMPT}`);
    await bed.pass(400);
    await bed.enter('\x12hunter', 100);
    expect(lastRow(bed)).toBe(`${PROMPT}(failed reverse-i-search)\`hunter':|`);
  });
});
