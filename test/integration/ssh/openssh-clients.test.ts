/** Real OpenSSH clients through both doors to a real sshd give the bytes and exit codes of a direct connection. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOrFail } from '../../support/run-program.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { DoorAndTarget, type Way } from './support/test-door.ts';

const MIB = 1024 * 1024;

describe.each<Way>(['direct', 'jump'])('%s door', (way) => {
  let both: DoorAndTarget;
  let files: TempDir;

  beforeAll(async () => {
    both = await DoorAndTarget.start();
    files = await tempDir({ name: 'files' });
  });
  afterAll(async () => {
    await both[Symbol.asyncDispose]();
    await files[Symbol.asyncDispose]();
  });

  const client = (config: readonly string[] = []) => both.door.client(way, 'db1', config);

  test('exec keeps streams apart and gives the exit code', async () => {
    await using ssh = await client();
    const result = await ssh.ssh([], 'echo out; echo err >&2; exit 3');
    expect(result).toMatchObject({ code: 3, text: 'out\n', errorText: 'err\n' });
  });

  test('a program that dies of a signal gives 255, as without us', async () => {
    await using ssh = await client();
    expect(await ssh.ssh([], 'kill -TERM $$')).toMatchObject({ code: 255 });
  });

  test('stdin arrives whole and its end is seen', async () => {
    await using ssh = await client();
    const input = randomBytes(8 * MIB);
    const result = await ssh.ssh([], 'sha256sum', { input });
    expect(result.text).toContain(sha256(input));
  });

  test('stdout and stderr of 8 MiB each at once are exact', async () => {
    await using ssh = await client();
    const command = 'head -c 8388608 /dev/zero | tr "\\0" o & head -c 8388608 /dev/zero | tr "\\0" e >&2; wait; exit 9';
    const result = await ssh.ssh([], command);
    expect(result.code).toBe(9);
    expect(result.stdout.equals(Buffer.alloc(8 * MIB, 'o'))).toBe(true);
    expect(result.stderr.equals(Buffer.alloc(8 * MIB, 'e'))).toBe(true);
  });

  test("a terminal: size and modes arrive, output is the terminal's", async () => {
    await using ssh = await client();
    const result = await ssh.ssh(['-tt'], 'tty >/dev/null && stty -a; exit 4');
    expect(result.code).toBe(4);
    expect(result.text).toMatch(/iutf8/);
    expect(result.text).toMatch(/intr = \^C/);
  });

  test('a command that is not UTF-8 arrives byte for byte', async () => {
    await using ssh = await client();
    const script = `printf '%s' "$(printf 'printf %%s \\377\\376 | od -An -tx1')"`;
    const wrapper = files.at('not-utf8.sh');
    await writeFile(wrapper, `#!/bin/sh\nexec ssh -F ${ssh.configFile} server "$(${script})"\n`, { mode: 0o755 });
    const { text } = await runOrFail('sh', [wrapper]);
    expect(text.trim()).toBe('ff fe');
  });

  test.each(['LANG', 'LC_TIME'])('%s passes, other variables do not', async (name) => {
    await using ssh = await client(['Host *', `  SendEnv ${name} SECRET_TOKEN`]);
    const env = { ...process.env, [name]: 'C', SECRET_TOKEN: 'x' };
    const result = await ssh.ssh([], `echo "$${name}/$SECRET_TOKEN"`, { env });
    expect(result.text).toBe('C/\n');
  });

  test.each([
    ['scp by sftp', []],
    ['scp by exec', ['-O']],
  ])('%s both ways', async (_, flags) => {
    await using ssh = await client();
    const bytes = randomBytes(3 * MIB);
    await writeFile(files.at('source'), bytes);
    expect(await ssh.scp([...flags, files.at('source'), `server:${files.at('there')}`])).toMatchObject({ code: 0 });
    expect(await ssh.scp([...flags, `server:${files.at('there')}`, files.at('back')])).toMatchObject({ code: 0 });
    expect(sha256(await readFile(files.at('back')))).toBe(sha256(bytes));
  });

  test('scp of a missing file fails as it does directly', async () => {
    await using ssh = await client();
    const result = await ssh.scp(['server:/nowhere/file', files.at('never')]);
    expect(result.code).toBe(1);
    expect(result.errorText).toContain('No such file');
  });

  test('sftp puts, lists and gets', async () => {
    await using ssh = await client();
    const bytes = randomBytes(2 * MIB);
    await writeFile(files.at('up'), bytes);
    const result = await ssh.sftp([
      `put ${files.at('up')} ${files.at('up2')}`,
      `ls -l ${files.at('up2')}`,
      `get ${files.at('up2')} ${files.at('down')}`,
    ]);
    expect(result).toMatchObject({ code: 0 });
    expect(sha256(await readFile(files.at('down')))).toBe(sha256(bytes));
  });

  test('rsync copies a tree', async () => {
    await using ssh = await client();
    await mkdir(files.at('tree/sub'), { recursive: true });
    await writeFile(files.at('tree/sub/a'), randomBytes(MIB));
    const result = await ssh.rsync(['-a', `${files.at('tree')}/`, `server:${files.at(`copy-${way}`)}/`]);
    expect(result).toMatchObject({ code: 0, errorText: '' });
    expect(await readFile(files.at(`copy-${way}`, 'sub/a'))).toEqual(await readFile(files.at('tree/sub/a')));
  });

  test('git clones and pushes', async () => {
    await using ssh = await client();
    const [bare, clone] = [files.at(`repo-${way}.git`), files.at(`clone-${way}`)];
    await runOrFail('git', ['init', '-q', '--bare', '-b', 'main', bare]);
    expect(await ssh.git(['clone', '-q', `server:${bare}`, clone])).toMatchObject({ code: 0 });
    const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
    expect(await ssh.git(['-C', clone, ...author, 'commit', '-q', '--allow-empty', '-m', 'one'])).toMatchObject({
      code: 0,
    });
    expect(await ssh.git(['-C', clone, 'push', '-q', 'origin', 'HEAD:main'])).toMatchObject({ code: 0 });
    const { text } = await runOrFail('git', ['-C', bare, 'log', '--format=%s', 'main']);
    expect(text).toBe('one\n');
  });

  test('ControlMaster carries several sessions on one connection', async () => {
    const control = ['Host server', `  ControlPath ${files.at('c')}`, '  ControlMaster auto', '  ControlPersist 5'];
    await using ssh = await client(control);
    const before = both.door.relay.requests.length;
    await ssh.ssh([], 'echo one');
    const results = await Promise.all(['two', 'three', 'four'].map((word) => ssh.ssh([], `echo ${word}`)));
    expect(results.map(({ text }) => text)).toEqual(['two\n', 'three\n', 'four\n']);
    const routes = both.door.relay.requests.slice(before).map(({ route }) => route);
    expect([routes.length, new Set(routes).size]).toEqual([4, 1]);
    await ssh.ssh(['-O', 'exit'], '');
  });

  test('an unknown target is said so on stderr', async () => {
    await using ssh = await both.door.client(way, 'db9');
    expect(await ssh.ssh([], 'true')).toMatchObject({
      code: 69,
      errorText: 'heldline: there is no target "db9" for you.\n',
    });
  });
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
