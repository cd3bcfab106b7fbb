/** The gate in front of real shells: what runs, what does not, and what the screen looks like afterwards. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CODE } from '../../support/memory-approvals.ts';
import { ShellBed } from '../../support/shell-bed.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';

interface Shell {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

const SHELLS: readonly Shell[] = [
  { name: 'bash', argv: ['bash', '--norc', '--noprofile'], environment: { PS1: 'box$ ' } },
  { name: 'dash', argv: ['dash'], environment: { PS1: 'box$ ' } },
  { name: 'zsh', argv: ['zsh', '-f'], environment: { PS1: 'box$ ' } },
  { name: 'fish', argv: ['fish', '-C', "function fish_prompt; echo 'box$ '; end"] },
];

interface Home extends AsyncDisposable {
  readonly dir: TempDir;
  readonly bed: ShellBed;
}

/** A shell in a folder of its own that holds `old/`; its prompt has appeared. */
async function open(shell: Shell): Promise<Home> {
  const dir = await tempDir({ name: 'gate' });
  await mkdir(dir.at('old'));
  const { argv, environment = {} } = shell;
  const bed = new ShellBed({ argv, cwd: dir.path, environment });
  await bed.see('box$');
  return {
    dir,
    bed,
    [Symbol.asyncDispose]: async () => {
      await bed[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

describe.each(SHELLS)('$name', (shell) => {
  test('an allowed line runs', async () => {
    await using home = await open(shell);
    home.bed.type('echo al""lowed\r');
    await home.bed.see(/^allowed$/m);
  });

  test('a held line runs with the own code, once', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    bed.type('rm -r old\r');
    await bed.see('Your code: ___ ___');
    expect(existsSync(dir.at('old'))).toBe(true);
    bed.type(`${CODE}\r`);
    await bed.see(/approved by alice \(own code\)\. Running once\.\n(?:.*\n)*box\$/);
    await bed.see(/box\$$/);
    expect(existsSync(dir.at('old'))).toBe(false);
    expect(bed.released).toHaveLength(1);
    expect(bed.believed).toBe(bed.seen);
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
  });

  test('a cancelled line does not run, and the next one does', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    bed.type('rm -r old\r');
    await bed.see('Your code');
    bed.type('\x03');
    await bed.see(/rm -r old\n(?:.*\n)*heldline: [0-9A-Z]{4} cancelled\. Nothing was sent to web2\.\nbox\$$/);
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
    expect(existsSync(dir.at('old'))).toBe(true);
    expect(bed.believed).toBe(bed.seen);
    expect(bed.ended).toEqual([]);
  });

  test('a blocked line does not run, with the cursor in the middle', async () => {
    await using home = await open(shell);
    const { bed } = home;
    bed.type('mkfs.none /dev/none');
    await bed.see('mkfs.none /dev/none');
    bed.type('\x1b[D\x1b[D\r');
    await bed.see('heldline: blocked by rule disk-wipe');
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
    expect(bed.ended).toEqual([]);
  });

  test('lines pasted at once are decided one after the other', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    bed.type('echo one > log\rrm -r old\recho two >> log\r');
    await bed.see('Your code');
    bed.type(`${CODE}\r`);
    await bed.see('Running once.');
    await bed.see(/echo two(?:.*\n)+box\$$/);
    expect(await readFile(dir.at('log'), 'utf8')).toBe('one\ntwo\n');
    expect(existsSync(dir.at('old'))).toBe(false);
  });

  test('a held line in the history or completed by TAB is the line that runs', async () => {
    if (shell.name === 'dash') return;
    await using home = await open(shell);
    const { bed, dir } = home;
    await writeFile(dir.at('old', 'file'), '');
    bed.type('rm -r ol\t');
    await bed.see('rm -r old/');
    bed.type('\r');
    await bed.see('Your code');
    expect(bed.approvals.open.statement.command).toBe('rm -r old/');
    bed.type(`${CODE}\r`);
    await bed.see('Running once.');
    await bed.see(/box\$$/);
    expect(existsSync(dir.at('old'))).toBe(false);
  });

  test('at the bottom of the screen, the screen and its recording agree with what the user sees', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    bed.type('seq 30\r');
    await bed.see(/^30\nbox\$$/m);
    bed.type('rm -r old\r');
    await bed.see('Your code');
    bed.type('\x03');
    await bed.see(/heldline: [0-9A-Z]{4} cancelled\. Nothing was sent to web2\.\nbox\$$/);
    bed.type('mkfs.none /dev/none\r');
    await bed.see(/box\$ mkfs\.none \/dev\/none\nheldline: blocked by rule disk-wipe: .*\n.*\nbox\$$/);
    bed.type('rm -r old\r');
    await bed.see('Your code');
    bed.type(`${CODE}\r`);
    // fish may leave the end of its suggestion behind the line.
    await bed.see(/box\$ rm -r old\/?\nheldline: [0-9A-Z]{4} approved by alice \(own code\)\. Running once\.\nbox\$$/);
    expect(bed.believed).toBe(bed.seen);
    expect(bed.replayed).toBe(bed.seen);
    expect(existsSync(dir.at('old'))).toBe(false);
  });

  test('a line over several rows is held, approved and runs as it is', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    const files = Array.from({ length: 30 }, (_, index) => `old/file-${index}`);
    await Promise.all(files.map((file) => writeFile(dir.at(...file.split('/')), '')));
    const line = `rm -r ${files.join(' ')}`;
    bed.type(line);
    await bed.see('file-29');
    bed.type('\r');
    await bed.see('Your code');
    expect(bed.approvals.open.statement.command).toBe(line);
    bed.type(`${CODE}\r`);
    await bed.see(/Running once\.\nbox\$$/);
    expect(existsSync(dir.at('old', 'file-29'))).toBe(false);
    expect(existsSync(dir.at('old'))).toBe(true);
    expect(bed.believed).toBe(bed.seen);
  });

  test('a resize while a line is held leaves nothing of the panel', async () => {
    await using home = await open(shell);
    const { bed } = home;
    bed.type('rm -r old\r');
    await bed.see('Your code');
    bed.resize(100, 30);
    await bed.see('Your code');
    bed.type('\x03');
    await bed.see(/cancelled\. Nothing was sent to web2\./);
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
    expect(bed.seen).not.toContain('HELD');
    expect(bed.believed).toBe(bed.seen);
  });
});
