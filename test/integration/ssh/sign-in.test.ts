/** Who gets in, with what, and what the log hears of it. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyAuthMethod } from 'ssh2';
import { describe, expect, test } from 'vitest';
import type { LoginCodeOutcome } from '../../../src/ssh/ports.ts';
import { RunningProgram } from '../../support/running-program.ts';
import { SshClient } from '../../support/ssh-client.ts';
import { makeSshKey } from '../../support/ssh-keys.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { RawClient } from './support/raw-client.ts';
import { DoorAndTarget, TestDoor } from './support/test-door.ts';

/** Judges like the real one: 123456 once, 999999 locks. */
function codes(): (code: string) => LoginCodeOutcome {
  let used = false;
  return (code) => {
    if (code === '999999') return { kind: 'locked', why: 'too many wrong codes' };
    if (code !== '123456' || used) return { kind: 'rejected', why: used ? 'used' : 'wrong' };
    used = true;
    return { kind: 'accepted' };
  };
}

describe('public keys', () => {
  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('%s signs in', async (type) => {
    await using first = await TestDoor.start();
    const key = await makeSshKey(first.folder.path, `other-${type}`, type);
    await using door = await TestDoor.start({ moreKeys: [key.publicKey] });
    await using client = await SshClient.open({
      host: '127.0.0.1',
      port: door.port,
      user: 'alice',
      identity: key.file,
    });
    expect(await client.ssh([], 'anything')).toMatchObject({ code: 0, text: 'console of alice\n' });
    expect(door.reports).toEqual([
      expect.objectContaining({
        type: 'auth.success',
        user: 'alice',
        keyFingerprint: key.fingerprint,
        address: '127.0.0.1',
      }),
    ]);
    expect(door.reports[0]?.client).toMatch(/^OpenSSH_/);
  });

  test('RSA with SHA-1 does not', async () => {
    await using first = await TestDoor.start();
    const key = await makeSshKey(first.folder.path, 'old', 'rsa');
    await using door = await TestDoor.start({ moreKeys: [key.publicKey] });
    const config = ['Host *', '  PubkeyAcceptedAlgorithms ssh-rsa'];
    await using client = await SshClient.open({
      host: '127.0.0.1',
      port: door.port,
      user: 'alice',
      identity: key.file,
      config,
    });
    expect(await client.ssh([], 'anything')).toMatchObject({ code: 255 });
  });

  test.each(['mallory', 'alice@', 'a@b@c@d', 'ALICE', 'alice@db1@', 'x'.repeat(300), 'ali\u202ece'])(
    '%s is refused and reported once',
    async (username) => {
      await using door = await TestDoor.start();
      const { privateKey } = { privateKey: await readFile(door.key.file) };
      const raw = await RawClient.open(door, { username, privateKey }, 'handshake');
      await raw.closed;
      await waitUntil('the failure is reported', () => door.reports.length > 0);
      expect(door.reports).toEqual([expect.objectContaining({ type: 'auth.failure', method: 'publickey' })]);
      expect(door.reports[0]?.user.length).toBeLessThanOrEqual(128);
    },
  );

  test('a known user with a foreign key gets the answer of an unknown user', async () => {
    await using door = await TestDoor.start();
    const foreign = await makeSshKey(door.folder.path, 'foreign');
    const errors: string[] = [];
    for (const user of ['alice', 'nobody']) {
      await using client = await SshClient.open({ host: '127.0.0.1', port: door.port, user, identity: foreign.file });
      errors.push((await client.ssh([], 'true')).errorText.replace(user, 'USER'));
    }
    expect(errors[0]).toBe(errors[1]);
  });
});

describe('one-time codes at sign-in', () => {
  async function signIn(
    door: TestDoor,
    answers: readonly string[],
  ): Promise<{ in: boolean; prompts: string[]; asked: number }> {
    const prompts: string[] = [];
    let asked = 0;
    const key: AnyAuthMethod = { type: 'publickey', username: 'alice', key: await readFile(door.key.file) };
    const keyboard: AnyAuthMethod = {
      type: 'keyboard-interactive',
      username: 'alice',
      prompt: (_name, _instructions, _language, asks, finish) => {
        prompts.push(...asks.map(({ prompt }) => prompt));
        finish([answers[asked++] ?? '']);
      },
    };
    const queue = [key, ...answers.map(() => keyboard)];
    const raw = await RawClient.open(
      door,
      { username: 'alice', authHandler: () => queue.shift() ?? false },
      'handshake',
    );
    const ready = new Promise<boolean>((resolve) => raw.client.once('ready', () => resolve(true)));
    const result = await Promise.race([ready, raw.closed.then(() => false)]);
    await raw[Symbol.asyncDispose]();
    return { in: result, prompts, asked };
  }

  test('the right code lets in and says so', async () => {
    await using door = await TestDoor.start({ secondFactor: codes() });
    expect(await signIn(door, ['123 456'])).toMatchObject({
      in: true,
      prompts: ['(alice@bastion) Code from your authenticator app: '],
    });
    expect(door.reports).toEqual([
      expect.objectContaining({ type: 'auth.success', secondFactor: true, method: 'keyboard-interactive' }),
    ]);
  });

  test('a wrong one may be followed by the right one', async () => {
    await using door = await TestDoor.start({ secondFactor: codes() });
    expect(await signIn(door, ['000000', '123456'])).toMatchObject({ in: true });
    expect(door.reports.map(({ type }) => type)).toEqual(['auth.failure', 'auth.success']);
  });

  test('three wrong ones end it, and so does a lock', async () => {
    await using door = await TestDoor.start({ secondFactor: codes() });
    expect(await signIn(door, ['1', '2', '3', '123456'])).toMatchObject({ in: false });
    expect(door.reports.map(({ type }) => type)).toEqual(['auth.failure', 'auth.failure', 'auth.failure']);
    expect(await signIn(door, ['999999'])).toMatchObject({ in: false });
    expect(door.reports.at(-1)).toMatchObject({ type: 'auth.lockout', reason: 'too many wrong codes' });
  });

  test('a code without a key is never asked for', async () => {
    await using door = await TestDoor.start({ secondFactor: codes() });
    const keyboard: AnyAuthMethod = {
      type: 'keyboard-interactive',
      username: 'alice',
      prompt: (_n, _i, _l, _p, finish) => finish(['123456']),
    };
    const queue: (AnyAuthMethod | false)[] = [keyboard, keyboard, false];
    await using raw = await RawClient.open(
      door,
      { username: 'alice', authHandler: () => queue.shift() ?? false },
      'handshake',
    );
    await raw.closed;
    expect(door.reports.filter(({ type }) => type === 'auth.success')).toEqual([]);
  });

  test('no channel opens between the key and the code', async () => {
    await using door = await TestDoor.start({ secondFactor: codes() });
    const key: AnyAuthMethod = { type: 'publickey', username: 'alice', key: await readFile(door.key.file) };
    const queue: AnyAuthMethod[] = [key];
    await using raw = await RawClient.open(
      door,
      { username: 'alice', authHandler: () => queue.shift() as AnyAuthMethod },
      'handshake',
    );
    await sleep(100);
    raw.protocol.session(0, 1024, 32768);
    await raw.closed;
    expect(door.consoles).toEqual([]);
  });
});

describe('the front door', () => {
  test('ends the connections of one user within a second', async () => {
    await using door = await TestDoor.start();
    await using raw = await RawClient.open(door, { username: 'alice' });
    await using other = await RawClient.open(door, { username: 'alice' });
    expect(door.door.stats.connections).toBe(2);
    const started = performance.now();
    expect(door.door.disconnectUser('bob', 'x')).toBe(0);
    expect(door.door.disconnectUser('alice', 'your account was disabled.')).toBe(2);
    await Promise.all([raw.closed, other.closed]);
    await waitUntil('the door has seen it, too', () => door.door.stats.connections === 0);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('says why on every open channel, inner ones too', async () => {
    await using both = await DoorAndTarget.start();
    const running: RunningProgram[] = [];
    for (const way of ['direct', 'jump'] as const) {
      await using client = await both.door.client(way, 'db1');
      const program = await RunningProgram.start('ssh', ['-F', client.configFile, 'server', 'echo up; sleep 300']);
      running.push(program);
      await program.waitFor(/up/);
    }
    both.door.door.disconnectUser('alice', 'your account was disabled.');
    const ends = await Promise.all(running.map((program) => program.ended));
    expect(ends.map(({ code }) => code)).toEqual([255, 255]);
    for (const program of running) expect(program.stderr.toString()).toContain('heldline: your account was disabled.');
  });

  test('stops: idle connections at once, running commands when they are done, the rest when the time is over', async () => {
    await using both = await DoorAndTarget.start();
    await using idle = await RawClient.open(both.door, { username: 'alice' });
    await using client = await both.door.client('direct', 'db1');
    const short = client.ssh([], 'sleep 0.7; echo done');
    const long = client.ssh([], 'sleep 300');
    await waitUntil('both run', () => both.door.relay.requests.length === 2);
    const stopped = both.door.door.stop(1500);
    await idle.closed;
    await expect(RawClient.open(both.door)).rejects.toThrow();
    expect(await short).toMatchObject({ code: 0, text: 'done\n' });
    expect((await long).code).toBe(255);
    await stopped;
  });

  test('a user who is disabled while the code is typed stays out', async () => {
    let enabled = true;
    await using door = await TestDoor.start({
      secondFactor: () => {
        enabled = false;
        return { kind: 'accepted' };
      },
      isEnabled: () => enabled,
    });
    const queue: AnyAuthMethod[] = [
      { type: 'publickey', username: 'alice', key: await readFile(door.key.file) },
      { type: 'keyboard-interactive', username: 'alice', prompt: (_n, _i, _l, _p, finish) => finish(['1']) },
    ];
    await using raw = await RawClient.open(
      door,
      { username: 'alice', authHandler: () => queue.shift() ?? false },
      'handshake',
    );
    await raw.closed;
    expect(door.reports.at(-1)).toMatchObject({ type: 'auth.failure' });
    expect(door.door.stats.connections).toBe(0);
  });

  test('takes nothing more from somebody whom it disconnects', async () => {
    await using both = await DoorAndTarget.start();
    await using raw = await RawClient.open(both.door);
    raw.client.exec('cat', (_, channel) => channel.resume());
    await waitUntil('the command runs', () => both.door.relay.requests.length === 1);
    both.door.door.disconnectUser('alice', 'your account was disabled.');
    const before = both.door.relay.takenBytes;
    raw.protocol.channelData(0, Buffer.from('too late'));
    raw.client.exec('too late', () => {});
    await raw.closed;
    expect([both.door.relay.takenBytes, both.door.relay.requests.length]).toEqual([before, 1]);
  });

  test('picks by key', async () => {
    await using door = await TestDoor.start();
    await using raw = await RawClient.open(door, { username: 'alice' });
    expect(
      door.door.disconnectWhere(({ proof }) => proof.keyFingerprint === door.key.fingerprint, 'the key was removed.'),
    ).toBe(1);
    await raw.closed;
  });

  test('offers nothing that is broken', async () => {
    await using door = await TestDoor.start();
    await using raw = await RawClient.open(door, { username: 'alice' }, 'handshake');
    const config = ['Host *', '  KexAlgorithms ecdh-sha2-nistp256'];
    await using client = await door.console(config);
    const { errorText, code } = await client.ssh(['-vv'], 'true');
    expect(code).toBe(255);
    const offers = errorText.split('peer server KEXINIT proposal')[1] ?? '';
    expect(offers).toContain('curve25519-sha256');
    expect(offers).toMatch(/compression stoc: none\s/);
    expect(offers).not.toMatch(/sha1|cbc|nistp|group14|zlib|arcfour|md5/);
    expect(raw.socket.destroyed).toBe(false);
  });
});
