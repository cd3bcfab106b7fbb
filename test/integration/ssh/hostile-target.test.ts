/** What a target may do to us: nothing. And how a connection to one fails. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { SshTarget } from '../../../src/model/target.ts';
import { internalsOf, sidesOf } from '../../../src/ssh/adapter/connection-internals.ts';
import { fingerprintOf } from '../../../src/ssh/adapter/public-key.ts';
import { probeHostKey } from '../../../src/ssh/client/probe-host-key.ts';
import { SshDialer } from '../../../src/ssh/client/ssh-dialer.ts';
import type { DialCredential } from '../../../src/ssh/ports.ts';
import { Access } from '../../../src/target/access.ts';
import { Disposals } from '../../support/disposals.ts';
import { freePort } from '../../support/free-port.ts';
import { makeSshKey } from '../../support/ssh-keys.ts';
import { startSshd } from '../../support/start-sshd.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { allow } from './support/relay.ts';
import { TestDoor, targetOf } from './support/test-door.ts';

const PRINCIPAL = {
  user: 'alice',
  roles: [],
  proof: { keyFingerprint: '', keyType: '', secondFactor: false },
  address: '',
};

interface FakeTarget extends AsyncDisposable {
  readonly target: SshTarget;
  readonly connections: Connection[];
}

/** A target made of ssh2, which then misbehaves. @param onChannel told of each started session */
async function fakeTarget(
  onChannel: (channel: ServerChannel, connection: Connection) => void,
  password: string | null = null,
): Promise<FakeTarget> {
  const folder = await tempDir({ name: 'fake' });
  const key = await makeSshKey(folder.path, 'host');
  const connections: Connection[] = [];
  const server = new ssh2.Server({ hostKeys: [await readFile(key.file)] }, (connection) => {
    connections.push(connection);
    connection.on('error', () => {});
    connection.on('authentication', (context) => {
      if (password === null || (context.method === 'password' && context.password === password)) context.accept();
      else context.reject(['password']);
    });
    connection.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty());
      session.on('exec', (acceptExec) => onChannel(acceptExec(), connection));
      session.on('shell', (acceptShell) => onChannel(acceptShell(), connection));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    target: targetOf('db1', { port, user: 'root', hostKeyFingerprint: key.fingerprint }),
    connections,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.end();
      server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('a hostile target', () => {
  async function run(door: TestDoor): Promise<{ code: number | null }> {
    await using client = await door.client('direct', 'db1');
    return await client.ssh([], 'anything');
  }

  test('with packets that hold nothing is cut off', async () => {
    await using fake = await fakeTarget((channel) => channel.close());
    await using door = await TestDoor.start({ targets: [fake.target] });
    const opening = run(door);
    await waitUntil('the dialer is there', () => fake.connections.length === 1);
    const protocol = internalsOf(fake.connections[0] as Connection).protocol;
    const confirm = Reflect.get(protocol, 'channelOpenConfirm') as (...ids: number[]) => void;
    Object.assign(protocol, {
      channelOpenConfirm: (remote: number, local: number, window: number) =>
        confirm.call(protocol, remote, local, window, 0),
    });
    expect((await opening).code).toBe(69);
    expect(door.warnings.join()).toContain('packets hold nothing');
  });

  test('that sends more than the window is cut off', async () => {
    await using fake = await fakeTarget((channel, connection) => {
      const { protocol } = internalsOf(connection);
      const flood = setInterval(() => {
        // Only as fast as it is taken: what this process could not keep would be the test's own flood.
        const room = internalsOf(connection).socket.writableLength < 2 ** 20;
        for (let i = 0; room && i < 32; i += 1) protocol.channelData(sidesOf(channel).outgoing.id, Buffer.alloc(32768));
      }, 1);
      connection.on('close', () => clearInterval(flood));
    });
    await using door = await TestDoor.start({ targets: [fake.target] });
    await run(door);
    await waitUntil('it is cut off', () => door.warnings.some((warning) => warning.includes('window')));
  });

  test('that opens channels and asks for things is refused', async () => {
    const refusals: unknown[] = [];
    await using fake = await fakeTarget((channel, connection) => {
      connection.x11('127.0.0.1', 1, (failure) => refusals.push(failure));
      connection.forwardOut('127.0.0.1', 1, '127.0.0.1', 2, (failure) => {
        refusals.push(failure);
        channel.exit(0);
        channel.end();
      });
    });
    await using door = await TestDoor.start({ targets: [fake.target] });
    expect(await run(door)).toMatchObject({ code: 0 });
    expect(refusals).toEqual([expect.any(Error), expect.any(Error)]);
  });

  test('that does not read what the user sends does not fill our memory', async () => {
    await using fake = await fakeTarget((_, connection) => {
      internalsOf(connection).socket.pause();
      internalsOf(connection).protocol.channelWindowAdjust(0, 2 ** 32 - 1 - 2 ** 21);
    });
    await using door = await TestDoor.start({ targets: [fake.target] });
    await using client = await door.client('direct', 'db1');
    const { RunningProgram } = await import('../../support/running-program.ts');
    await using program = await RunningProgram.start('sh', [
      '-c',
      `cat /dev/zero | ssh -F ${client.configFile} server cat`,
    ]);
    let most = 0;
    await waitUntil('the input comes to a stop', async () => {
      const before = door.relay.takenBytes;
      await sleep(300);
      most = Math.max(most, door.relay.takenBytes);
      return before > 0 && door.relay.takenBytes === before;
    });
    expect(most).toBeLessThan(32 * 1024 * 1024);
    program.signal('SIGKILL');
    fake.connections[0]?.end();
  });

  test('that floods us with requests is not answered without end', async () => {
    await using fake = await fakeTarget((_, connection) => {
      const { protocol, socket } = internalsOf(connection);
      socket.pause();
      for (let i = 0; i < 200_000; i += 1) protocol.ping();
    });
    await using door = await TestDoor.start({ targets: [fake.target] });
    const running = run(door);
    await waitUntil('the flood is on its way', () => fake.connections.length === 1);
    await sleep(1000);
    fake.connections[0]?.end();
    internalsOf(fake.connections[0] as Connection).socket.destroy();
    await running;
  });
});

function disposal(owned: Disposals): () => Promise<void> {
  return () => owned[Symbol.asyncDispose]();
}

describe('connecting', () => {
  const route = () => ({ id: 'r', ended: new AbortController().signal });
  const dialerFor = (credential: DialCredential, deadline = 5000) =>
    new SshDialer({ credentialFor: async () => credential, clock: systemClock, logger: silentLogger, deadline });
  const exec = (command: string) =>
    ({ kind: 'exec', command: allow(Buffer.from(command)), terminal: null, environment: {} }) as const;

  async function realTarget() {
    await using stack = new Disposals();
    const folder = stack.use(await tempDir({ name: 'dial' }));
    const key = await makeSshKey(folder.path, 'egress');
    const rsaHost = await makeSshKey(folder.path, 'rsa-host', 'rsa');
    const sshd = stack.use(await startSshd({ authorizedKeys: [key.publicKey], config: [`HostKey ${rsaHost.file}`] }));
    const credential: DialCredential = { kind: 'key', privateKey: await readFile(key.file, 'utf8') };
    return {
      folder,
      credential,
      rsaHost,
      target: targetOf('db1', sshd),
      access: (target: SshTarget) => Access.proven(PRINCIPAL, target, 'root', null, ''),
      [Symbol.asyncDispose]: disposal(stack.move()),
    };
  }

  test('a host key that is not pinned ends it, naming both', async () => {
    await using real = await realTarget();
    const { credential, target, access } = real;
    const wrong = { ...target, hostKeys: ['SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'] };
    const failure = dialerFor(credential).dial(access(wrong), exec('true'), route(), new AbortController().signal);
    await expect(failure).rejects.toMatchObject({ code: 'target.host-key-mismatch' });
    await expect(failure).rejects.toThrow(target.hostKeys[0]);
    await expect(failure).rejects.toThrow('SHA256:AAAAAAAA');
  });

  test('a pinned key that the host shows only when asked for is found', async () => {
    await using real = await realTarget();
    const { credential, rsaHost, target, access } = real;
    const ended = new AbortController();
    const pinned = { ...target, hostKeys: [rsaHost.fingerprint] };
    const leg = await dialerFor(credential).dial(
      access(pinned),
      exec('true'),
      { id: 'r', ended: ended.signal },
      new AbortController().signal,
    );
    const status = await new Promise((resolve) =>
      leg.attach({ onOutput: () => {}, onDrain: () => {}, onEnd: resolve }),
    );
    expect(status).toEqual({ kind: 'code', code: 0 });
    ended.abort();
  });

  test('a key that the host does not accept is a refusal', async () => {
    await using real = await realTarget();
    const { folder, target, access } = real;
    const other = await makeSshKey(folder.path, 'other');
    const credential: DialCredential = { kind: 'key', privateKey: await readFile(other.file, 'utf8') };
    const failure = dialerFor(credential).dial(access(target), exec('true'), route(), new AbortController().signal);
    await expect(failure).rejects.toMatchObject({ code: 'target.refused' });
  });

  test('a password signs in where one is set', async () => {
    await using fake = await fakeTarget((channel) => {
      channel.exit(0);
      channel.end();
    }, 'correct horse');
    await dialerFor({ kind: 'password', password: 'correct horse' }).test(
      fake.target,
      'root',
      new AbortController().signal,
    );
    const wrong = dialerFor({ kind: 'password', password: 'wrong' }).test(
      fake.target,
      'root',
      new AbortController().signal,
    );
    await expect(wrong).rejects.toMatchObject({ code: 'target.refused' });
  });

  test('nobody there, nobody answering, given up', async () => {
    const credential: DialCredential = { kind: 'password', password: 'x' };
    const target = targetOf('db1', { port: await freePort(), user: 'root', hostKeyFingerprint: 'SHA256:x' });
    const access = Access.proven(PRINCIPAL, target, 'root', null, '');
    const nobody = dialerFor(credential).dial(access, exec('true'), route(), new AbortController().signal);
    await expect(nobody).rejects.toMatchObject({ code: 'target.unreachable', kind: 'unreachable' });

    const silent = createServer((socket) => socket.on('error', () => {})).listen(target.port, '127.0.0.1');
    await once(silent, 'listening');
    const late = dialerFor(credential, 300).dial(access, exec('true'), route(), new AbortController().signal);
    await expect(late).rejects.toMatchObject({ code: 'target.unreachable' });

    const abort = new AbortController();
    const givenUp = dialerFor(credential).dial(access, exec('true'), route(), abort.signal);
    setTimeout(() => abort.abort(), 100);
    await expect(givenUp).rejects.toMatchObject({ code: 'target.cancelled' });
    silent.close();
    silent.unref();
  });

  test('the host key can be asked for without trusting it', async () => {
    await using folder = await tempDir({ name: 'probe' });
    await using sshd = await startSshd({ authorizedKeys: [(await makeSshKey(folder.path, 'k')).publicKey] });
    expect(await probeHostKey('127.0.0.1', sshd.port, systemClock, 5000)).toEqual({
      fingerprint: sshd.hostKeyFingerprint,
      type: 'ssh-ed25519',
    });
    await expect(probeHostKey('127.0.0.1', await freePort(), systemClock, 5000)).rejects.toMatchObject({
      code: 'target.unreachable',
    });
    expect(fingerprintOf(Buffer.alloc(0))).toMatch(/^SHA256:/);
  });

  test('channels of a route share a connection; its end ends it', async () => {
    const connections: Connection[] = [];
    await using fake = await fakeTarget((_channel, connection) => connections.push(connection));
    const ended = new AbortController();
    const shared = { id: 'r', ended: ended.signal };
    const dialer = dialerFor({ kind: 'password', password: 'x' });
    const access = Access.proven(PRINCIPAL, fake.target, 'root', null, '');
    const dial = (to: typeof shared) => dialer.dial(access, exec('x'), to, new AbortController().signal);
    await Promise.all([dial(shared), dial(shared), dial(route())]);
    expect(fake.connections.length).toBe(2);
    const first = fake.connections.find(
      (connection) => connections.filter((other) => other === connection).length === 2,
    );
    const closed = once(first as Connection, 'close');
    ended.abort();
    await closed;
  });
});
