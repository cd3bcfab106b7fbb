/** Strict line mode in front of real shells and programs: the bastion has the line editor. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CODE } from '../../support/memory-approvals.ts';
import { ShellBed } from '../../support/shell-bed.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { startTinyPostgres } from '../../support/tiny-postgres.ts';
import { waitUntil } from '../../support/wait-until.ts';

interface Program {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
}

const PROMPT = { PS1: 'box$ ', PS2: '> ' };
const BASH: Program = { name: 'bash', argv: ['bash', '--norc', '--noprofile'], environment: PROMPT };
const SHELLS: readonly Program[] = [
  BASH,
  { name: 'dash', argv: ['dash'], environment: PROMPT },
  { name: 'zsh', argv: ['zsh', '-f'], environment: PROMPT },
  { name: 'fish', argv: ['fish', '-C', "function fish_prompt; echo 'box$ '; end; abbr -a gone 'rm -r old'"] },
];

interface Home extends AsyncDisposable {
  readonly dir: TempDir;
  readonly bed: ShellBed;
}

/** A program in a folder of its own that holds `old/`; its prompt has appeared. */
async function open({ argv, environment = {} }: Program, prompt: string | RegExp = 'box$'): Promise<Home> {
  const dir = await tempDir({ name: 'strict' });
  await mkdir(dir.at('old'));
  const bed = new ShellBed({ argv, cwd: dir.path, environment, strict: true });
  await bed.see(prompt);
  return {
    dir,
    bed,
    [Symbol.asyncDispose]: async () => {
      await bed[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** What the target was sent, as text. */
function sentTo(bed: ShellBed): string {
  return bed.sent.map(({ bytes }) => Buffer.from(bytes).toString()).join('');
}

function submitted(bed: ShellBed): unknown[] {
  return bed.approvals.audit.events
    .filter((event) => event.type === 'command.submitted')
    .map((event) => event.command?.text);
}

describe.each(SHELLS)('$name', (shell) => {
  test('a line is edited here and runs as it looks', async () => {
    await using home = await open(shell);
    const { bed } = home;
    bed.type('echo alowed\x1b[D\x1b[D\x1b[D\x1b[D""l\x01\x1b[C\x05\x1b[D\x1b[C');
    await bed.see('box$ echo al""lowed');
    expect(sentTo(bed)).toBe('');
    bed.type('\r');
    await bed.see(/^allowed$/m);
    await bed.see(/box\$$/);
    expect(submitted(bed)).toEqual(['echo al""lowed']);
    expect(bed.believed).toBe(bed.seen);
    bed.type('\x1b[A');
    await bed.see(/box\$ echo al""lowed$/);
    bed.type('\r');
    await bed.see(/^allowed\n(?:.*\n)*allowed\nbox\$$/m);
  });

  test('a held line is sent once it is approved', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    bed.type('rm -r old\r');
    await bed.see('Your code: ___ ___');
    expect(sentTo(bed)).toBe('');
    bed.type(`${CODE}\r`);
    await bed.see(/box\$ rm -r old\nheldline: .* approved by alice \(own code\)\. Running once\.\nbox\$$/);
    expect(existsSync(dir.at('old'))).toBe(false);
    expect(bed.released).toHaveLength(1);
    expect(bed.believed).toBe(bed.seen);
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
  });

  test('a cancelled and a blocked line leave the target untouched', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    bed.type('rm -r old\r');
    await bed.see('Your code');
    bed.type('\x03');
    await bed.see(/box\$ rm -r old\nheldline: [0-9A-Z]{4} cancelled\. Nothing was sent to web2\.\nbox\$$/);
    bed.type('mkfs.none /dev/none\r');
    await bed.see(/box\$ mkfs\.none \/dev\/none\nheldline: blocked by rule disk-wipe: .*\n.*\nbox\$$/);
    expect(sentTo(bed)).toBe('');
    expect(existsSync(dir.at('old'))).toBe(true);
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
    expect(bed.believed).toBe(bed.seen);
  });

  test('lines pasted at once run one after the other, each judged', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    bed.type('echo one > log\rrm -r old\recho two >> log\r');
    await bed.see('Your code');
    bed.type(`${CODE}\r`);
    await bed.see('Running once.');
    await bed.see(/echo two >> log\nbox\$$/);
    expect(await readFile(dir.at('log'), 'utf8')).toBe('one\ntwo\n');
    expect(submitted(bed)).toEqual(['echo one > log', 'rm -r old', 'echo two >> log']);
  });

  test('what is typed while a program runs stays here until the prompt is back', async () => {
    await using home = await open(shell);
    const { bed, dir } = home;
    bed.type('sleep 1; echo fin""ished > log\r');
    await bed.see('sleep 1');
    bed.type('echo la""ter\r');
    await bed.see(/echo la""ter/);
    expect(sentTo(bed)).not.toContain('la""ter');
    await bed.see(/^later$/m);
    expect(await readFile(dir.at('log'), 'utf8')).toBe('finished\n');
  });

  test('Ctrl-C ends a program, Ctrl-D on an empty line the shell', async () => {
    await using home = await open(shell);
    const { bed } = home;
    bed.type('echo run""ning; sleep 100\r');
    await bed.see(/^running$/m);
    bed.type('half a line\x03');
    await bed.see(/^running\n(?:.*\n)*box\$$/m);
    bed.type('echo no""w\r');
    await bed.see(/^now$/m);
    await bed.see(/box\$$/);
    bed.type('\x04');
    await bed.gone;
  });
});

test('fish: an abbreviation that would be replaced at Enter does not run', async () => {
  const fish = SHELLS.at(-1) ?? BASH;
  await using home = await open(fish);
  const { bed, dir } = home;
  bed.type('gone\r');
  const refused = await bed.see('heldline: this line was not run').then(
    () => true,
    () => false,
  );
  expect(existsSync(dir.at('old'))).toBe(true);
  expect(refused).toBe(true);
  bed.type('echo ne""xt\r');
  await bed.see(/^next$/m);
});

describe('what a program asks', () => {
  test('is answered with a line, and a question with a line that is shown', async () => {
    await using home = await open(BASH);
    const { bed } = home;
    bed.type(`read -p 'Go on? [y/n] ' answer; echo "<$answer>"\r`);
    await bed.see(/Go on\? \[y\/n\]$/);
    bed.type('yes\r');
    await bed.see(/^<yes>$/m);
    expect(submitted(bed).at(-1)).toBe('yes');
  });

  test('without an echo: a line that is shown nowhere and written nowhere', async () => {
    await using home = await open(BASH);
    const { bed } = home;
    bed.type(`read -s -p 'Password: ' answer; echo "<\${#answer}>"\r`);
    await bed.see(/Password:$/);
    bed.type('hunter22');
    bed.type('\r');
    await bed.see(/<8>/);
    await bed.see(/box\$$/);
    expect(submitted(bed).at(-1)).toBeNull();
    bed.type('\x1b[A');
    await bed.see(/box\$ read -s/);
    const written = [JSON.stringify(bed.approvals.audit.events), Buffer.concat(bed.recorded).toString(), bed.seen];
    expect(written.join(bed.markers.join(''))).not.toContain('hunter22');
  });

  test('without an echo: what matches a rule is refused and written nowhere', async () => {
    await using home = await open(BASH);
    const { bed } = home;
    bed.type(`read -s -p 'Password: ' answer; echo "<\${#answer}>"\r`);
    await bed.see(/Password:$/);
    bed.type('rm of hunter22\r');
    await bed.see('hidden input matches a rule');
    const written = [JSON.stringify(bed.approvals.audit.events), Buffer.concat(bed.recorded).toString(), bed.seen];
    expect(written.join(bed.markers.join(''))).not.toContain('hunter22');
  });

  test('in Python: a line of its own, over several lines too', async () => {
    await using home = await open({ name: 'python', argv: ['/usr/bin/python3', '-q'] }, '>>>');
    const { bed } = home;
    bed.type('for n in range(2):\r  print("n", n)\r\r');
    await bed.see(/^n 0\nn 1\n>>>$/m);
    expect(submitted(bed)).toEqual(['for n in range(2):', '  print("n", n)']);
  });
});

test('psql: statements are lines, over several rows too, and a held one is sent once it is approved', async () => {
  await using database = await startTinyPostgres();
  const words = ['-X', '-q', '-h', '127.0.0.1', '-p', String(database.port), '-U', 'gate', 'gate'] as const;
  await using home = await open(
    { name: 'psql', argv: ['psql', ...words], environment: { PAGER: 'cat', PGPASSWORD: 'x' } },
    /gate=[>#]$/,
  );
  const { bed } = home;
  bed.type('select\r1;\r');
  await bed.see(/gate-[>#] 1;\n(?:.*\n)*gate=[>#]$/);
  bed.type('rm -r old;\r');
  await bed.see('Your code');
  bed.type('\x03');
  await bed.see(/cancelled\. Nothing was sent to web2\.\ngate=[>#]$/);
  expect(sentTo(bed)).not.toContain('rm');
  bed.type('rm -r old;\r');
  await bed.see(/Your code(?:.*\n)*/);
  bed.type(`${CODE}\r`);
  await bed.see(/Running once\.\n(?:.*\n)*gate=[>#]$/);
  expect(bed.released).toHaveLength(1);
  expect(submitted(bed)).toEqual(['select', '1;', 'rm -r old;', 'rm -r old;']);
});

/** ms that vim has to answer one. */
const BETWEEN_INTERRUPTS = 500;

describe('a full-screen program', () => {
  test('that nobody approved gets no keys, and Ctrl-Z leaves it', async () => {
    await using home = await open(BASH);
    const { bed } = home;
    bed.type('vim -u NONE -N file\r');
    await bed.see(/^~$/m);
    const before = bed.sent.length;
    bed.type(':!rm -r old\r');
    await bed.see('heldline: strict line mode');
    expect(bed.sent).toHaveLength(before);
    bed.type('\x1a');
    await bed.see(/Stopped/);
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
  });

  test('that was approved gets them, each Enter judged', async () => {
    await using home = await open(BASH);
    const { bed, dir } = home;
    bed.type('function rmvi() { vim -u NONE -N "$@"; }\r');
    await bed.see(/\nbox\$$/);
    bed.type('rmvi file\r');
    await bed.see('Your code');
    bed.type(`${CODE}\r`);
    await bed.see(/^~$/m);
    bed.type('itext in vim\x1b');
    await bed.see('text in vim');
    bed.type('orm -r old');
    await bed.see('rm -r old');
    bed.type('\r');
    await bed.see('Your code');
    bed.type('\x03');
    await bed.see(/cancelled/);
    // vim drops the keys behind an interrupt: the second one may be lost, and none may be on its way when ZQ is typed.
    let interrupted = 0;
    await waitUntil('vim tells how to leave', () => {
      if (bed.seen.includes(':qa')) return true;
      if (performance.now() - interrupted < BETWEEN_INTERRUPTS) return false;
      interrupted = performance.now();
      bed.type('\x03');
      return false;
    });
    bed.type('ZQ');
    await bed.see(/box\$$/);
    bed.type('echo ne""xt\r');
    await bed.see(/^next$/m);
    expect(existsSync(dir.at('old'))).toBe(true);
  });
});
