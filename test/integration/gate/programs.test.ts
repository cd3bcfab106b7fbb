/** The gate in front of programs that are no shell: full-screen ones, and prompts of other languages. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findProgram } from '../../support/find-program.ts';
import { CODE } from '../../support/memory-approvals.ts';
import { ShellBed } from '../../support/shell-bed.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

interface Home extends AsyncDisposable {
  readonly dir: TempDir;
  readonly bed: ShellBed;
}

async function open(argv: readonly [string, ...string[]]): Promise<Home> {
  const dir = await tempDir({ name: 'gate' });
  await mkdir(dir.at('old'));
  const bed = new ShellBed({ argv, cwd: dir.path, environment: { PS1: 'box$ ' } });
  return {
    dir,
    bed,
    [Symbol.asyncDispose]: async () => {
      await bed[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

const SHELL = "env PS1='box$ ' bash --norc --noprofile";

describe('tmux', () => {
  const tmux = (name: string): [string, ...string[]] => ['tmux', '-L', name, '-f', '/dev/null', 'new-session', SHELL];

  async function openTmux(): Promise<Home> {
    const name = `gate-${process.pid}-${Math.trunc(performance.now())}`;
    const home = await open(tmux(name));
    await home.bed.see('box$');
    return {
      ...home,
      [Symbol.asyncDispose]: async () => {
        await promisify(execFile)(findProgram('tmux'), ['-L', name, 'kill-server']);
        await home[Symbol.asyncDispose]();
      },
    };
  }

  test('a held line in a pane runs with the own code', async () => {
    await using home = await openTmux();
    const { bed, dir } = home;
    bed.type('rm -r old');
    await bed.see('box$ rm -r old');
    bed.type('\r');
    await bed.see('Your code');
    const before = bed.believed;
    bed.type(`${CODE}\r`);
    await bed.see('Running once.');
    await bed.see(/box\$ rm -r old\n(?:.*\n)*box\$/);
    expect(existsSync(dir.at('old'))).toBe(false);
    expect(before).toContain('box$ rm -r old');
  });

  test('a cancelled line stays there, was not run, and is held again at the next Enter', async () => {
    await using home = await openTmux();
    const { bed, dir } = home;
    bed.type('rm -r old');
    await bed.see('box$ rm -r old');
    bed.type('\r');
    await bed.see('Your code');
    bed.type('\x03');
    await bed.see(/cancelled\. Nothing was sent/);
    bed.type('\r');
    await bed.see('Your code');
    expect(existsSync(dir.at('old'))).toBe(true);
    bed.type('\x03');
    await bed.see(/cancelled\. Nothing was sent/);
  });
});

describe('vim', () => {
  test('a command line that a rule forbids is not run, and the screen is vim’s again', async () => {
    await using home = await open(['vim', '-u', 'NONE', '-N', '-n']);
    const { bed } = home;
    await bed.see('VIM - Vi IMproved');
    bed.type('itext\x1b');
    await bed.see('text');
    bed.type(':!rm -r old');
    await bed.see(':!rm -r old');
    bed.type('\r');
    await bed.see('HELD');
    bed.type('\x03');
    await bed.see('cancelled. Nothing was sent');
    expect(existsSync(home.dir.at('old'))).toBe(true);
    bed.type('\x1b:redraw!\r');
    await bed.see(/^text\n~(?![\s\S]*heldline)/);
    expect(bed.seen).toBe(bed.believed);
  });
});

describe('python', () => {
  test('a line is held at its prompt and runs as approved', async () => {
    await using home = await open(['python3', '-q']);
    const { bed } = home;
    await bed.see('>>>');
    bed.type('rm = 40 + 2\r');
    await bed.see('Your code');
    bed.type(`${CODE}\r`);
    await bed.see(/Running once\.\n>>>/);
    bed.type('print(rm)\r');
    await bed.see(/^42$/m);
  });
});

describe('a nested shell', () => {
  test.each([
    ['with the same prompt', 'box$ '],
    ['with another prompt', 'inner$ '],
  ])('%s that ends while a line is held takes the approval with it', async (_, prompt) => {
    await using home = await open(['bash', '--norc', '--noprofile']);
    const { bed, dir } = home;
    await bed.see('box$');
    bed.type(`PS1='${prompt}' timeout -s HUP --foreground 2 bash --norc --noprofile\r`);
    await bed.see(new RegExp(`noprofile\\n${prompt.trim().replace('$', '\\$')}$`));
    bed.type('rm -r old\r');
    await bed.see('Your code');
    await waitUntil('the outer shell is back', () => /rm -r old\S*\n?(?:.*\n)*box\$$/.test(bed.believed));
    bed.type(`${CODE}\r`);
    await bed.see(/cancelled|changed/);
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
    expect(bed.released).toEqual([]);
    expect(existsSync(dir.at('old'))).toBe(true);
  });
});
