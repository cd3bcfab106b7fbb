/** What happens on channels besides bytes: ends, resizes, signals, key exchanges, and what is refused. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { LocalDialer } from '../../../src/local/local-dialer.ts';
import type { LocalTarget } from '../../../src/model/target.ts';
import { sidesOf } from '../../../src/ssh/adapter/connection-internals.ts';
import { RunningProgram } from '../../support/running-program.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { RawClient } from './support/raw-client.ts';
import { DoorAndTarget, TestDoor, type Way } from './support/test-door.ts';

const MIB = 1024 * 1024;

const SHELL: LocalTarget = {
  kind: 'local',
  name: 'db1',
  argv: ['/bin/bash', '--norc'],
  environment: { PATH: '/usr/bin:/bin' },
  labels: {},
  description: '',
  createdAt: 0,
  createdBy: 'test',
};

describe('channels', () => {
  let both: DoorAndTarget;

  beforeAll(async () => {
    both = await DoorAndTarget.start();
  });
  afterAll(() => both[Symbol.asyncDispose]());

  function exec(raw: RawClient, command: string, options: object = {}): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      raw.client.exec(command, options, (failure, channel) =>
        failure === undefined ? resolve(channel) : reject(failure),
      );
    });
  }

  test('EOF before the command still gives its output and code', async () => {
    await using raw = await RawClient.open(both.door);
    const confirmed = raw.next('CHANNEL_OPEN_CONFIRMATION');
    raw.protocol.session(0, 2 * MIB, 32768);
    const { sender } = (await confirmed)[0] as { sender: number };
    let text = '';
    const status = new Promise((resolve) => {
      Object.assign(raw.protocol._handlers, {
        CHANNEL_DATA: (_: unknown, __: unknown, bytes: Buffer) => {
          text += bytes.toString();
        },
        CHANNEL_REQUEST: (_: unknown, __: unknown, type: string, ___: unknown, data: unknown) => {
          if (type === 'exit-status') resolve(data);
        },
      });
    });
    raw.protocol.exec(sender, 'cat; echo done; exit 6', true);
    raw.protocol.channelEOF(sender);
    expect(await status).toBe(6);
    expect(text).toBe('done\n');
  });

  test.each<Way>(['direct', 'jump'])('half-close (%s): output goes on after the input has ended', async (way) => {
    await using client = await both.door.client(way, 'db1');
    const result = await client.ssh([], 'cat >/dev/null; sleep 0.3; echo late; sleep 0.2; echo later', {
      input: 'x'.repeat(100_000),
    });
    expect(result).toMatchObject({ code: 0, text: 'late\nlater\n' });
  });

  test('exit statuses and signals of the target arrive', async () => {
    await using raw = await RawClient.open(both.door);
    const channel = await exec(raw, 'kill -KILL $$');
    channel.resume();
    const [code, signal] = await once(channel, 'exit');
    expect([code, signal]).toEqual([null, 'SIGKILL']);
  });

  // A real sshd drops resizes after EOF and signals of root by itself; a local target does not.
  test('resize and signal arrive, also after EOF', async () => {
    await using door = await TestDoor.start({ dialer: new LocalDialer(systemClock), targets: [SHELL] });
    await using raw = await RawClient.open(door);
    const script = 'trap "echo USR1; exit 8" USR1; trap "stty size" WINCH; echo up; while :; do sleep 0.05; done';
    const channel = await exec(raw, `sh -c '${script}'`, { pty: { cols: 80, rows: 24, term: 'xterm' } });
    let text = '';
    channel.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    await waitUntil('the script is up', () => text.includes('up'));
    channel.eof();
    const remote = sidesOf(channel).outgoing.id;
    raw.protocol.windowChange(remote, 50, 132, 0, 0);
    await waitUntil('the size has arrived', () => text.includes('50 132'));
    const exited = once(channel, 'exit');
    raw.protocol.signal(remote, 'USR1');
    expect((await exited)[0]).toBe(8);
  });

  test('the user who goes away ends the program', async () => {
    const raw = await RawClient.open(both.door);
    const channel = await exec(raw, 'echo $$; exec sleep 300', { pty: true });
    const [bytes] = await once(channel, 'data');
    const pid = Number(String(bytes).trim());
    await raw[Symbol.asyncDispose]();
    await waitUntil('the program has ended', () => !isAlive(pid));
  });

  test('a second session on the same channel is refused', async () => {
    await using raw = await RawClient.open(both.door);
    const channel = await exec(raw, 'cat');
    const failed = new Promise((resolve) =>
      Object.assign(raw.protocol._handlers, { CHANNEL_FAILURE: () => resolve('refused') }),
    );
    const before = both.door.relay.requests.length;
    raw.protocol.exec(sidesOf(channel).outgoing.id, 'id', true);
    await Promise.race([failed, sleep(200)]);
    expect(both.door.relay.requests.length).toBe(before);
    channel.close();
  });

  test('no-more-sessions is kept', async () => {
    await using raw = await RawClient.open(both.door, { strictVendor: false });
    raw.client.openssh_noMoreSessions(() => {});
    await expect(exec(raw, 'true')).rejects.toThrow();
  });

  test('a keystroke beside a flood on the same connection is not stuck behind it', async () => {
    await using raw = await RawClient.open(both.door);
    const flood = await exec(raw, 'cat /dev/zero');
    flood.resume();
    flood.stderr.resume();
    const echo = await exec(raw, 'cat');
    await waitUntil('the flood flows', () => raw.socket.bytesRead > 8 * MIB);
    const waits: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const started = performance.now();
      echo.write('k');
      await once(echo, 'data');
      waits.push(performance.now() - started);
    }
    waits.sort((a, b) => a - b);
    expect(waits[10]).toBeLessThan(1000);
    flood.close();
  });
});

describe('key exchanges of our own', () => {
  const rekey = { bytes: MIB, interval: 3_600_000 };

  test('at 1 MiB on both legs, bytes stay exact both ways', async () => {
    await using both = await DoorAndTarget.start({ limits: { rekey }, targetRekey: rekey });
    await using raw = await RawClient.open(both.door);
    let rekeys = 0;
    raw.client.on('handshake', () => {
      rekeys += 1;
    });
    const channel = await new Promise<ClientChannel>((resolve) =>
      raw.client.exec('cat', (_, opened) => resolve(opened)),
    );
    const sent = Buffer.alloc(24 * MIB, 'abcdefghijklmnopqrstuvwxyz0123456789');
    const received: Buffer[] = [];
    channel.on('data', (bytes: Buffer) => received.push(bytes));
    channel.end(sent);
    await once(channel, 'close');
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    expect(rekeys).toBeGreaterThan(5);
  });

  test.each<Way>(['direct', 'jump'])('OpenSSH agrees (%s), also when it starts them itself', async (way) => {
    await using both = await DoorAndTarget.start({
      limits: { rekey },
      targetRekey: rekey,
      sshdConfig: ['RekeyLimit 1M'],
    });
    await using client = await both.door.client(way, 'db1', ['Host *', '  RekeyLimit 3M']);
    const input = Buffer.alloc(16 * MIB, '0123456789');
    const result = await client.ssh([], 'cat', { input });
    expect(result.code).toBe(0);
    expect(result.stdout.equals(input)).toBe(true);
  });

  test('by time, too', async () => {
    await using both = await DoorAndTarget.start({ limits: { rekey: { bytes: 2 ** 30, interval: 100 } } });
    await using raw = await RawClient.open(both.door);
    await once(raw.client, 'handshake');
    await once(raw.client, 'handshake');
  });

  test('a client that never ends one gets nothing and is not remembered for ever', async () => {
    await using both = await DoorAndTarget.start();
    await using raw = await RawClient.open(both.door);
    raw.client.exec('cat /dev/zero', () => {});
    await waitUntil('the flood flows', () => raw.socket.bytesRead > MIB);
    // A KEXINIT of ours without the rest: the door has answered and now must hold its output back.
    Object.assign(raw.protocol, { _onHandshakeComplete: () => {} });
    raw.protocol.rekey();
    raw.socket.pause();
    await waitUntil('the target comes to a stop', async () => {
      const before = both.door.relay.relayedBytes;
      await sleep(300);
      return both.door.relay.relayedBytes === before;
    });
    const relayed = both.door.relay.relayedBytes;
    await sleep(300);
    expect(both.door.relay.relayedBytes).toBe(relayed);
  });
});

describe('what is never served', () => {
  let both: DoorAndTarget;

  beforeAll(async () => {
    both = await DoorAndTarget.start();
  });
  afterAll(() => both[Symbol.asyncDispose]());

  const denied = (what: string) => both.door.denied.filter((entry) => entry.what === what);

  test('local forwarding from a target connection', async () => {
    await using client = await both.door.client('direct', 'db1');
    expect((await client.ssh(['-W', '127.0.0.1:22'], '')).code).not.toBe(0);
    expect(denied('forward.local')).toEqual([
      expect.objectContaining({ detail: '127.0.0.1:22', door: 'direct', target: 'db1' }),
    ]);
  });

  test.each(['10.0.0.1:22', 'db1.gate:80', 'localhost:6379', 'db1:2222'])('a jump to %s', async (where) => {
    await using client = await both.door.console();
    const before = denied('forward.local').length;
    const result = await client.ssh(['-W', where], '');
    expect(result.code).toBe(255);
    expect(result.errorText).toContain('stdio forwarding failed');
    expect(denied('forward.local').length).toBe(before + 1);
  });

  test('a jump from inside a jump', async () => {
    await using client = await both.door.client('jump', 'db1');
    const before = denied('forward.local').length;
    expect((await client.ssh(['-W', 'db1.gate:22'], '')).code).not.toBe(0);
    expect(denied('forward.local').slice(before)).toEqual([expect.objectContaining({ door: 'jump', target: 'db1' })]);
  });

  test('remote forwarding', async () => {
    await using client = await both.door.client('direct', 'db1');
    const result = await client.ssh(['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:22'], 'true');
    expect(result.code).toBe(255);
    expect(denied('forward.remote').length).toBe(1);
  });

  test('agent forwarding and X11 on a session', async () => {
    await using raw = await RawClient.open(both.door);
    const confirmed = raw.next('CHANNEL_OPEN_CONFIRMATION');
    raw.protocol.session(0, 2 * MIB, 32768);
    const { sender } = (await confirmed)[0] as { sender: number };
    let refused = 0;
    Object.assign(raw.protocol._handlers, {
      CHANNEL_FAILURE: () => {
        refused += 1;
      },
    });
    raw.protocol.openssh_agentForward(sender, true);
    raw.protocol.x11Forward(sender, { single: false, protocol: 'MIT-MAGIC-COOKIE-1', cookie: '00', screen: 0 }, true);
    await waitUntil('both are refused', () => refused === 2);
    expect(denied('agent-forward')).toEqual([expect.objectContaining({ target: 'db1', door: 'direct' })]);
    expect(denied('x11').length).toBe(1);
  });

  test('a UNIX socket on the bastion', async () => {
    await using raw = await RawClient.open(both.door);
    const failed = raw.next('CHANNEL_OPEN_FAILURE');
    raw.protocol.openssh_directStreamLocal(0, 2 * MIB, 32768, { socketPath: '/run/heldline/admin.sock' });
    await failed;
    expect(denied('streamlocal')).toEqual([expect.objectContaining({ detail: '/run/heldline/admin.sock' })]);
  });

  test('reports of refusals have an end', async () => {
    await using raw = await RawClient.open(both.door);
    const before = both.door.denied.length;
    let refused = 0;
    Object.assign(raw.protocol._handlers, {
      CHANNEL_OPEN_FAILURE: () => {
        refused += 1;
      },
    });
    for (let i = 0; i < 500; i += 1) raw.protocol.openssh_directStreamLocal(i, MIB, 32768, { socketPath: '/x' });
    await waitUntil('all are refused', () => refused === 500);
    expect(both.door.denied.length - before).toBe(20);
  });

  test('unknown subsystems, and sftp without a target', async () => {
    await using client = await both.door.client('direct', 'db1');
    expect((await client.ssh(['-s'], 'netconf')).code).toBe(255);
    await using console_ = await both.door.console();
    expect((await console_.sftp(['ls'])).code).toBe(255);
    expect(denied('subsystem').map(({ detail, door }) => [detail, door])).toEqual([
      ['netconf', 'direct'],
      ['sftp', 'console'],
    ]);
  });

  test('upper case and a name without the suffix reach the same target', async () => {
    for (const name of ['DB1.Gate', 'db1']) {
      await using client = await both.door.console([
        'Host inner',
        `  HostName ${name}`,
        '  ProxyJump server',
        '  User auto',
        `  IdentityFile ${both.door.key.file}`,
      ]);
      await using program = await RunningProgram.start('ssh', ['-F', client.configFile, 'inner', 'echo reached']);
      program.endInput();
      await program.ended;
      expect(program.stdout.toString()).toBe('reached\n');
    }
  });

  test('the end of the outer connection ends the inner one', async () => {
    await using client = await both.door.client('jump', 'db1');
    await using program = await RunningProgram.start('ssh', [
      '-F',
      client.configFile,
      '-tt',
      'server',
      'echo $$; exec sleep 300',
    ]);
    const match = await program.waitFor(/(\d+)/);
    both.door.door.disconnectUser('alice', 'your account was disabled.');
    await waitUntil('the program on the target has ended', () => !isAlive(Number(match[1])));
    await program.ended;
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
