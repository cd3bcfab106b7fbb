/** Debian's `mosh` command from the shell on: what it asks for over SSH, and what it makes of the answer. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ScreenTerminal } from '../../support/screen-terminal.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { MoshStack } from './support/mosh-stack.ts';
import { SshDoor } from './support/ssh-door.ts';

let stack: MoshStack;
let ssh: SshDoor;
let directory: TempDir;

beforeEach(async () => {
  stack = await MoshStack.start();
  ssh = await SshDoor.start(stack.door);
  directory = await tempDir();
});

afterEach(async () => {
  await ssh[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

async function mosh(words: readonly string[]): Promise<ScreenTerminal> {
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: directory.path,
    LC_ALL: 'C.UTF-8',
    MOSH_NO_TERM_INIT: '1',
  };
  return ScreenTerminal.start('mosh', [`--ssh=${await ssh.sshCommand(directory.path)}`, ...words], { env });
}

describe('the wrapper', () => {
  test.each([
    ['plainly', []],
    ['with a port that we ignore', ['-p', '60000:60010']],
    ['without a terminal for ssh', ['--no-ssh-pty']],
    ['asking for its address', ['--experimental-remote-ip=remote']],
    ['with its own idea of the server', ['--server=LC_ALL=C.UTF-8 /opt/bin/mosh-server']],
  ])('reaches a target %s', async (_name, options) => {
    await using client = await mosh([...options, 'alice@127.0.0.1', '--', 'root@db1']);
    await client.waitFor(/^\$/m);
    client.type('echo $((2000+26)); exit\r');
    expect(await client.waitForEnd()).toBe(0);
    expect(client.output.toString()).toContain('2026');
    expect(stack.sessions.opened[0]).toMatchObject({ target: 'db1', login: 'root' });
  });

  test('hands over words with quotes in them', async () => {
    await using client = await mosh(['alice@127.0.0.1', '--', 'db1', 'echo', "it's; $(true)"]);
    await client.waitForEnd();
    expect(client.output.toString()).toContain("it's; $(true)");
  });

  test('shows why there is no session', async () => {
    stack.refusal = 'no such target: db9';
    await using client = await mosh(['alice@127.0.0.1', '--', 'db9']);
    await client.waitForEnd();
    expect(client.output.toString()).toContain('heldline: no such target: db9');
    expect(stack.sessions.opened).toEqual([]);
  });

  test('leads to the picker when no target was named', async () => {
    await using client = await mosh(['alice@127.0.0.1']);
    await client.waitFor('Where to?');
    client.type('web1\r');
    await client.waitFor(/^\$/m);
    expect(stack.sessions.opened[0]).toMatchObject({ target: 'web1', login: 'root', door: 'mosh' });
    client.type('exit\r');
    expect(await client.waitForEnd()).toBe(0);
    const ended = stack.events.find(({ type }) => type === 'mosh.ended');
    expect(ended).toMatchObject({ target: { name: 'web1', login: 'root' } });
  });
});
