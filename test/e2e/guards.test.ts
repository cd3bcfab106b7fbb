/**
 * Every way to hand commands to a target that is not a typed line: through a pipe, a flag, a terminal that a
 * script plays, an interpreter. None of them is a way around the policy.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { requestNow, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { RunningProgram } from '../support/running-program.ts';

let world: BastionAndHost;
let alice: Person;
let bob: Person;
let names = 0;

beforeAll(async () => {
  world = await BastionAndHost.start({ sandboxed: true });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
});
afterAll(() => world[Symbol.asyncDispose]());

/** A path that is made only if the gate fails. */
function fresh(): string {
  names += 1;
  return world.at(`made-${names}`);
}

/** Starts `ssh FLAGS host COMMAND` as alice; the test writes its input. */
async function start(flags: readonly string[], command: string | null): Promise<RunningProgram> {
  const words = ['-F', (await alice.at('host')).configFile, ...flags, 'server'];
  return RunningProgram.start('ssh', command === null ? words : [...words, command]);
}

describe.each([
  ['bash', [], 'bash'],
  ['bash -s', [], 'bash -s'],
  ['sh', [], 'sh'],
  ['dash -s with words', [], 'dash -s one two'],
  ['env bash', [], 'env A=1 bash'],
  ['exec bash', [], 'exec bash'],
  ['a shell without a command', ['-T'], null],
] as const)('a script piped into %s', (_, flags, command) => {
  test('runs up to the flagged line, which is held, and stops there when it is denied', async () => {
    const [marker, after] = [fresh(), fresh()];
    await using running = await start(flags, command);
    await running.write(`echo first\nmkdir ${marker}\nmkdir -p ${after}\n`);
    running.endInput();
    const held = await waitForHold(world.bastion, `mkdir ${marker}`);
    expect(held).toMatchObject({ user: 'alice', target: 'host' });
    await running.waitFor(/^first$/m);
    expect((await bob.deny(held.id)).code).toBe(0);
    expect(await running.ended).toMatchObject({ code: 77 });
    expect([existsSync(marker), existsSync(after)]).toEqual([false, false]);
  });
});

describe('a script piped into bash', () => {
  test('goes on after an approval, with the rest of the script', async () => {
    const [marker, after] = [fresh(), fresh()];
    await using running = await start([], 'bash');
    await running.write(`mkdir ${marker}\necho rest > ${after}\nexit 5\n`);
    running.endInput();
    const held = await waitForHold(world.bastion, `mkdir ${marker}`);
    expect((await bob.approve(held.id, held.digest, await bob.phone.code())).code).toBe(0);
    expect(await running.ended).toMatchObject({ code: 5 });
    expect([existsSync(marker), existsSync(after)]).toEqual([true, true]);
  });

  test('is blocked at a line that a rule forbids', async () => {
    const marker = fresh();
    const result = await (await alice.at('host')).ssh([], 'bash', {
      input: `ln -s /etc/hostname ${marker}\necho later\n`,
    });
    expect(result).toMatchObject({ code: 77, text: '' });
    expect(result.errorText).toContain('blocked by rule no-links');
  });

  test('is held for a command in the middle of a loop, a pipeline, a substitution or a here-document of a shell', async () => {
    const scripts = [
      (path: string) => `for i in 1; do\nmkdir ${path}\ndone\n`,
      (path: string) => `true | mkdir ${path}\n`,
      (path: string) => `echo "$(mkdir ${path})"\n`,
      (path: string) => `sh <<'EOF'\nmkdir ${path}\nEOF\n`,
      (path: string) => `eval "mkdir ${path}"\n`,
    ];
    for (const script of scripts) {
      const marker = fresh();
      await using running = await start([], 'bash');
      await running.write(script(marker));
      running.endInput();
      const event = await world.bastion.waitForAudit('approval.requested', (one) =>
        JSON.stringify(one).includes(marker),
      );
      expect(JSON.stringify(event)).toContain(marker);
      expect(existsSync(marker)).toBe(false);
    }
  });

  test('with a last line that has no newline is judged too', async () => {
    const marker = fresh();
    await using running = await start([], 'bash');
    await running.write(`mkdir ${marker}`);
    running.endInput();
    const held = await waitForHold(world.bastion, `mkdir ${marker}`);
    expect((await requestNow(world.bastion, held.uid))?.state).toBe('pending');
    expect(existsSync(marker)).toBe(false);
  });

  test('that comes byte by byte is judged as a whole', async () => {
    const marker = fresh();
    await using running = await start([], 'bash');
    for (const byte of `mkdir ${marker}\n`) await running.write(byte);
    await waitForHold(world.bastion, `mkdir ${marker}`);
    expect(existsSync(marker)).toBe(false);
  });
});

test('the input of a shell from a file is judged', async () => {
  const marker = fresh();
  const script = world.at('script.sh');
  await writeFile(script, `echo from a file\nmkdir ${marker}\n`);
  const input = openSync(script, 'r');
  const { configFile } = await alice.at('host');
  const child = spawn('ssh', ['-F', configFile, 'server', 'sh'], { stdio: [input, 'ignore', 'ignore'] });
  const ended = once(child, 'exit');
  const held = await waitForHold(world.bastion, `mkdir ${marker}`);
  expect((await bob.deny(held.id)).code).toBe(0);
  expect(await ended).toEqual([77, null]);
  closeSync(input);
  expect(existsSync(marker)).toBe(false);
});

describe.each([
  ['sh', 'sh'],
  ['bash without its start files', 'bash --norc --noprofile'],
])('ssh -tt with %s', (_, command) => {
  test('goes through the gate of a terminal', async () => {
    const marker = fresh();
    await using terminal = await alice.window('host', command);
    await terminal.waitFor(/[$#] $/);
    terminal.type(`mkdir ${marker}\r`);
    const screen = await terminal.waitFor(/HELD \w{4}/);
    expect(screen).toContain(marker);
    terminal.type('\x1b');
    await terminal.waitFor(/cancelled/);
    expect(existsSync(marker)).toBe(false);
  });

  test('whose input is a script is held at the flagged line', async () => {
    const marker = fresh();
    await using running = await start(['-tt'], command);
    await running.waitFor(/[$#] /);
    await running.write(`mkdir ${marker}\n`);
    await running.waitFor(/HELD \w{4}/);
    expect(existsSync(marker)).toBe(false);
  });
});

describe('a command that carries another one', () => {
  test.each([
    ['bash -c', (path: string) => `bash -c 'mkdir ${path}'`],
    ['sh -c in sh -c', (path: string) => `sh -c "sh -c 'mkdir ${path}'"`],
    ['xargs', (path: string) => `echo ${path} | xargs mkdir`],
    ['find -exec', (path: string) => `find /etc/hostname -exec mkdir ${path} ';'`],
    ['env', (path: string) => `env mkdir ${path}`],
    ['nohup in the background', (path: string) => `nohup mkdir ${path} &`],
    ['a variable that names it', (path: string) => `M=mkdir; $M ${path}`],
    ['eval of a substitution', (path: string) => `eval "$(echo mkdir ${path})"`],
    ['base64', (path: string) => `echo ${Buffer.from(`mkdir ${path}`).toString('base64')} | base64 -d | sh`],
    ['a quoted name', (path: string) => `mk''dir ${path}`],
    ['a path to it', (path: string) => `/bin/mkdir ${path}`],
    ['busybox-like prefixes', (path: string) => `command mkdir ${path}`],
  ])('%s is held', async (_, command) => {
    const marker = fresh();
    await using running = await start([], command(marker));
    await running.waitFor(/heldline: \w{4} held/, 'stderr');
    expect(existsSync(marker)).toBe(false);
  });
});

test('nothing but TERM, LANG and LC_* reaches the environment of the target', async () => {
  const client = await world.bastion.client('alice@host', alice.key, {
    config: ['Host *', '  SendEnv LANG LC_HELDLINE BASH_ENV PROMPT_COMMAND LD_PRELOAD'],
  });
  const env = { ...process.env, LANG: 'C', LC_HELDLINE: 'here', BASH_ENV: '/x', PROMPT_COMMAND: 'x', LD_PRELOAD: '' };
  const { text } = await client.ssh([], 'env', { env });
  expect(text).toContain('LC_HELDLINE=here');
  expect(text).not.toMatch(/BASH_ENV|PROMPT_COMMAND|LD_PRELOAD/);
});

test.each([
  ['a local forward', ['-W', '127.0.0.1:22']],
  ['a dynamic forward', ['-N', '-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:22']],
])('%s is refused and written down', async (_, flags) => {
  const { configFile } = await alice.at('host');
  await using running = await RunningProgram.start('ssh', ['-F', configFile, ...flags, 'server']);
  running.endInput();
  expect((await running.ended).code).toBe(255);
  expect(await world.bastion.waitForAudit('channel.denied')).toBeDefined();
});
