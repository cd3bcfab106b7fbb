/**
 * The file tools that people have, through both doors and with the policy that `init` writes, on a production
 * host: the same bytes and exit codes as on the host itself, and no word of ours.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { Person } from '../support/person.ts';
import { type ProgramResult, runOrFail } from '../support/run-program.ts';
import type { SshClient } from '../support/ssh-client.ts';

const MIB = 1024 * 1024;

let world: BastionAndHost;
let admin: Person;

beforeAll(async () => {
  world = await BastionAndHost.start({ policy: {}, labels: ['env=prod'] });
  admin = await Person.admin(world.bastion);
  await writeFile(world.at('random'), randomBytes(3 * MIB + 17), { mode: 0o640 });
  await mkdir(world.at('tree', 'deep'), { recursive: true });
  await writeFile(world.at('tree', 'deep', 'file'), randomBytes(MIB));
  await writeFile(world.at('tree', 'empty'), '');
});
afterAll(() => world[Symbol.asyncDispose]());

interface Way {
  readonly name: string;
  readonly client: () => Promise<SshClient>;
}

const ways: readonly Way[] = [
  { name: 'direct door', client: () => admin.at('host') },
  { name: 'jump door', client: () => admin.through('host') },
];

/** What of a run has to be the same with and without us. */
const seen = ({ code, signal, stdout, stderr }: ProgramResult) => ({
  code,
  signal,
  stdout: stdout.toString('latin1'),
  stderr: stderr.toString('latin1'),
});

describe.each(ways)('$name', ({ name, client }) => {
  /** A folder for what this door writes. */
  const own = async (what: string): Promise<string> => {
    const path = world.at(`${what}-${name.replace(' ', '-')}`);
    await mkdir(path, { recursive: true });
    return path;
  };

  test.each([
    'true',
    'exit 3',
    'echo out; echo err >&2; exit 200',
    'kill -KILL $$',
    'no-such-program-at-all',
    'head -c 3000000 /dev/zero | cksum',
  ])('%s gives what it gives on the host', async (command) => {
    const through = await (await client()).ssh([], command);
    expect(seen(through)).toEqual(seen(await world.direct.ssh([], command)));
  });

  test.each([
    ['the sftp protocol', []],
    ['the old protocol', ['-O']],
  ])('scp with %s carries files both ways and keeps mode and time', async (_, flags) => {
    const folder = await own(`scp${flags.length}`);
    const ssh = await client();
    const up = await ssh.scp([...flags, '-p', world.at('random'), `server:${join(folder, 'up')}`]);
    expect(seen(up)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    const down = await ssh.scp([...flags, '-pr', `server:${world.at('tree')}`, join(folder, 'down')]);
    expect(seen(down)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    const random = await readFile(world.at('random'));
    expect(random.equals(await readFile(join(folder, 'up')))).toBe(true);
    await runOrFail('diff', ['-r', world.at('tree'), join(folder, 'down')]);
    const { text } = await runOrFail('stat', ['-c', '%a %Y', world.at('random'), join(folder, 'up')]);
    expect(new Set(text.trim().split('\n')).size).toBe(1);
  });

  test.each([
    ['the sftp protocol', []],
    ['the old protocol', ['-O']],
  ])('scp with %s fails as it does on the host', async (_, flags) => {
    const words = [...flags, 'server:/nowhere/at/all', world.at('never')];
    const through = await (await client()).scp(words);
    expect(through.code).not.toBe(0);
    expect(seen(through)).toEqual(seen(await world.direct.scp(words)));
  });

  test('sftp puts, renames, lists, gets and removes', async () => {
    const folder = await own('sftp');
    const result = await (await client()).sftp([
      `put ${world.at('random')} ${join(folder, 'a')}`,
      `rename ${join(folder, 'a')} ${join(folder, 'b')}`,
      `ls ${folder}`,
      `get ${join(folder, 'b')} ${join(folder, 'c')}`,
      `rm ${join(folder, 'b')}`,
    ]);
    expect(result).toMatchObject({ code: 0, errorText: '' });
    const random = await readFile(world.at('random'));
    expect(random.equals(await readFile(join(folder, 'c')))).toBe(true);
  });

  test('sftp of a missing file fails as it does on the host', async () => {
    const batch = ['get /nowhere/at/all /dev/null'];
    expect(seen(await (await client()).sftp(batch))).toEqual(seen(await world.direct.sftp(batch)));
  });

  test('rsync copies a tree both ways, and only what changed the second time', async () => {
    const folder = await own('rsync');
    const ssh = await client();
    const up = await ssh.rsync(['-a', `${world.at('tree')}/`, `server:${join(folder, 'up')}/`]);
    expect(seen(up)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    const down = await ssh.rsync(['-az', `server:${world.at('tree')}/`, `${join(folder, 'down')}/`]);
    expect(seen(down)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    await runOrFail('diff', ['-r', world.at('tree'), join(folder, 'up')]);
    await runOrFail('diff', ['-r', world.at('tree'), join(folder, 'down')]);
    const again = await ssh.rsync(['-ai', `${world.at('tree')}/`, `server:${join(folder, 'up')}/`]);
    expect(seen(again)).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
  });

  test('rsync of a missing file has the code that it has on the host', async () => {
    const words = ['-a', 'server:/nowhere/at/all', world.at('never')];
    expect((await (await client()).rsync(words)).code).toBe((await world.direct.rsync(words)).code);
  });

  test('git clones, and pushes back', async () => {
    const folder = await own('git');
    const [bare, copy] = [join(folder, 'bare.git'), join(folder, 'copy')];
    await runOrFail('git', ['init', '-q', '--bare', '-b', 'main', bare]);
    const ssh = await client();
    expect(await ssh.git(['clone', '-q', `server:${bare}`, copy])).toMatchObject({ code: 0 });
    const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
    await writeFile(join(copy, 'file'), randomBytes(MIB));
    expect(await ssh.git(['-C', copy, 'add', 'file'])).toMatchObject({ code: 0 });
    expect(await ssh.git(['-C', copy, ...author, 'commit', '-q', '-m', 'one'])).toMatchObject({ code: 0 });
    expect(await ssh.git(['-C', copy, 'push', '-q', 'origin', 'HEAD:main'])).toMatchObject({ code: 0 });
    const again = join(folder, 'again');
    expect(await ssh.git(['clone', '-q', `server:${bare}`, again])).toMatchObject({ code: 0 });
    const pushed = await readFile(join(copy, 'file'));
    expect(pushed.equals(await readFile(join(again, 'file')))).toBe(true);
  });

  test('git of a repository that is not there has the code that it has on the host', async () => {
    const words = ['ls-remote', 'server:/nowhere/at/all.git'];
    expect((await (await client()).git(words)).code).toBe((await world.direct.git(words)).code);
  });

  test('eight megabytes of standard input arrive whole', async () => {
    const input = randomBytes(8 * MIB);
    const through = await (await client()).ssh([], 'sha256sum', { input });
    expect(seen(through)).toEqual(seen(await world.direct.ssh([], 'sha256sum', { input })));
  });
});

test('every one of them was written down as a session of its own', async () => {
  const sessions = await world.bastion.json(['session', 'list']);
  const kinds = (door: string) =>
    sessions.filter((session) => session['door'] === door).map((session) => session['kind']);
  for (const door of ['direct', 'jump']) {
    expect(kinds(door)).toContain('sftp');
    expect(kinds(door)).toContain('exec');
  }
  expect(sessions.every((session) => session['state'] === 'ended')).toBe(true);
});
