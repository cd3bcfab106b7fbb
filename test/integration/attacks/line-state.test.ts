/** Ways to make the gate forget, or misread, a line that bash still has. Each was a leak once. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ShellBed } from '../../support/shell-bed.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

interface Home extends AsyncDisposable {
  readonly dir: TempDir;
  readonly bed: ShellBed;
  /** The last line that the gate read, once it has read `count` lines. */
  read(count: number): Promise<{ readonly text: string | null; readonly confidence: string }>;
}

interface HomeOptions {
  readonly history?: string;
  readonly setup?: string;
}

const ALT_X = '\x1bx';
const UP = '\x1b[A';

/** bash with a folder `old`, some history and lines of an rc file. */
async function openBash({ history = '', setup = '' }: HomeOptions): Promise<Home> {
  const dir = await tempDir({ name: 'attack' });
  await mkdir(dir.at('old'));
  await writeFile(dir.at('history'), history);
  await writeFile(dir.at('rc'), `PS1='box$ '\nHISTFILE=~/history\nbind 'set bell-style none'\n${setup}\n`);
  const bed = new ShellBed({ argv: ['bash', '--noprofile', '--rcfile', dir.at('rc'), '-i'], cwd: dir.path });
  await bed.see('box$');
  return {
    dir,
    bed,
    read: async (count) => {
      const lines = () => bed.approvals.audit.events.filter(({ type }) => type === 'command.submitted');
      await waitUntil(`${count} lines are read`, () => lines().length >= count, 8000);
      const { text = null, confidence = '' } = { ...lines().at(-1)?.command };
      return { text: text === null ? null : String(text), confidence: String(confidence) };
    },
    [Symbol.asyncDispose]: async () => {
      await bed[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

describe('a key that the editor ignores leaves the line where it is', () => {
  test.each([
    ['Ctrl-Z', '\x1a'],
    ['Ctrl-\\', '\x1c'],
  ])('%s after a line that Ctrl-O brought', async (_name, key) => {
    await using home = await openBash({ history: 'true\nrm -r old\n' });
    const { bed, dir } = home;
    bed.type(UP + UP);
    await bed.see('box$ true');
    bed.type('\x0f');
    await bed.see('box$ rm -r old');
    bed.type(key);
    bed.type('\r');
    await bed.see('HELD');
    expect(existsSync(dir.at('old'))).toBe(true);
  });

  test('Ctrl-C where it interrupts nothing', async () => {
    await using home = await openBash({ setup: 'stty intr undef' });
    const { bed } = home;
    bed.type('rm -r old');
    await bed.see('box$ rm -r old');
    bed.type('\x03');
    bed.type('\r');
    expect(await home.read(1)).toMatchObject({ confidence: 'opaque' });
  });

  test('Ctrl-C where it interrupts nothing, in the middle of the line', async () => {
    await using home = await openBash({ setup: 'stty intr undef' });
    const { bed, dir } = home;
    bed.type('r');
    await bed.see('box$ r');
    bed.type('\x03');
    bed.type('m -r old\r');
    await bed.see('HELD');
    expect(existsSync(dir.at('old'))).toBe(true);
  });
});

describe('a background program cannot part a word', () => {
  test.each([
    ['a line break after a key without effect', 'echo', ALT_X],
    ['a blank after a key without effect', "printf ' '", ALT_X],
    ['a line break after an Enter without effect', 'echo', '\x1b\r'],
    ['a blank after an Enter without effect', "printf ' '", '\x1b\r'],
  ])('%s', async (_name, late, key) => {
    await using home = await openBash({});
    const { bed, dir } = home;
    bed.type(`(until [ -e go ]; do sleep 0.1; done; ${late}; : > gone) &\r`);
    await bed.see(/\[1\] \d+\nbox\$/);
    bed.type('r');
    await bed.see(/\nbox\$ r$/);
    bed.type(key);
    await home.read(2);
    // Output counts as nobody's answer when nobody has typed for a while.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await writeFile(dir.at('go'), '');
    await waitUntil('the program has written', () => existsSync(dir.at('gone')), 5000);
    bed.type('m -r old\r');
    // Either the line is known for what it is, or the gate says that it cannot know.
    const { confidence } = await home.read(3);
    if (confidence === 'opaque') return;
    await bed.see(/HELD|rm-recursive/);
    expect(existsSync(dir.at('old'))).toBe(true);
  });
});

test('blanks that erase are not blanks that part words', async () => {
  await using home = await openBash({ setup: "stty erase ' '" });
  const { bed, dir } = home;
  bed.type('true\r');
  await home.read(1);
  await bed.see(/true\nbox\$/);
  bed.type('r\x16\t m\x16 -r\x16 old');
  await bed.see('box$ rm -r old');
  bed.type('\r');
  await home.read(2);
  await bed.see(/rm-recursive|HELD/);
  expect(existsSync(dir.at('old'))).toBe(true);
});

test.each([
  ['a key that stands for a blank and itself', `bind '"-": " \\C-v-"'`, 'rm-r old', 'rm -r old'],
  ['an erasing key that does nothing', `stty erase '^?'\nbind '"\\C-h": ""'`, 'rm \b-r old', 'rm -r old'],
  ['the same in a line of two rows', `bind '"\\C-h": ""'`, `rm \b-r old # ${'x'.repeat(75)}`, 'rm -r old #'],
])('blanks that nobody typed part words too: %s', async (_what, setup, typed, shown) => {
  await using home = await openBash({ setup });
  const { bed, dir } = home;
  bed.type('true\r');
  await home.read(1);
  await bed.see(/true\nbox\$/);
  for (const key of typed) bed.type(key);
  await bed.see(`box$ ${shown}`);
  bed.type('\r');
  await home.read(2);
  await bed.see(/rm-recursive|HELD/);
  expect(existsSync(dir.at('old'))).toBe(true);
});
