/** One attack a test: the attacker is thrown out or held back, and everybody else is served. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../../support/wait-until.ts';
import { RawClient } from './support/raw-client.ts';
import { DoorAndTarget, TestDoor } from './support/test-door.ts';

const MIB = 1024 * 1024;

describe('hostile clients', () => {
  let both: DoorAndTarget;
  let door: TestDoor;

  beforeAll(async () => {
    both = await DoorAndTarget.start();
    door = both.door;
  });
  afterAll(() => both[Symbol.asyncDispose]());

  afterEach(async () => {
    await using bystander = await door.client('direct', 'db1');
    expect(await bystander.ssh([], 'echo still here')).toMatchObject({ code: 0, text: 'still here\n' });
  });

  test.each([
    ['random bytes', randomBytes(4096)],
    ['a bad identification', Buffer.from('SSH-9.9-x\r\n')],
    ['a huge packet length', Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(64, 0xff)])],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: bastion\r\n\r\n')],
  ])('%s closes the connection', async (_, bytes) => {
    const socket = connect(door.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(bytes);
    socket.resume();
    await once(socket, 'close');
  });

  test('a channel whose packets hold nothing closes the connection', async () => {
    await using raw = await RawClient.open(door);
    raw.protocol.session(0, 2 * MIB, 0);
    await raw.closed;
    expect(door.warnings.at(-1)).toContain('packets hold nothing');
  });

  test('a channel number that does not exist closes the connection or does nothing', async () => {
    await using raw = await RawClient.open(door);
    raw.protocol.channelData(0xffffffff, Buffer.from('x'));
    raw.protocol.channelWindowAdjust(12345, 1);
    raw.protocol.exec(4242, 'true', true);
    await Promise.race([raw.closed, sleep(200)]);
  });

  test.each([
    ['torn', Buffer.from([53, 0, 0])],
    ['large first value', Buffer.from([1, 255, 255, 255, 255, 53, 0, 0, 0, 1, 0])],
    ['undefined opcodes', Buffer.from([200, 1, 2, 3, 4, 5, 6, 7])],
  ])('terminal modes: %s', async (_, modes) => {
    await using raw = await RawClient.open(door);
    const confirmed = raw.next('CHANNEL_OPEN_CONFIRMATION');
    raw.protocol.session(0, 2 * MIB, 32768);
    const [info] = await confirmed;
    const { sender } = info as { sender: number };
    const answered = new Promise<void>((resolve) => {
      Object.assign(raw.protocol._handlers, { CHANNEL_SUCCESS: () => resolve() });
    });
    raw.protocol.pty(sender, 24, 80, 0, 0, 'xterm', modes, true);
    await answered;
  });

  test('more data than the window allows closes the connection', async () => {
    await using raw = await RawClient.open(door);
    const confirmed = raw.next('CHANNEL_OPEN_CONFIRMATION');
    raw.protocol.session(0, 2 * MIB, 32768);
    const [info] = await confirmed;
    const { sender } = info as { sender: number };
    raw.protocol.exec(sender, 'sleep 30', false);
    const block = Buffer.alloc(32768);
    const flood = setInterval(() => {
      for (let i = 0; i < 64 && !raw.socket.destroyed; i += 1) raw.protocol.channelData(sender, block);
    }, 1);
    await raw.closed;
    clearInterval(flood);
    expect(raw.socket.bytesWritten).toBeLessThan(64 * MIB);
    expect(door.warnings.at(-1)).toContain('window');
  });

  test('a window above 2^32-1 closes the connection', async () => {
    await using raw = await RawClient.open(door);
    const confirmed = raw.next('CHANNEL_OPEN_CONFIRMATION');
    raw.protocol.session(0, 2 ** 32 - 1, 32768);
    const [info] = await confirmed;
    const { sender } = info as { sender: number };
    raw.protocol.exec(sender, 'sleep 30', false);
    raw.protocol.channelWindowAdjust(sender, 2 ** 32 - 1);
    raw.protocol.channelWindowAdjust(sender, 2 ** 32 - 1);
    await raw.closed;
  });

  test('a reader that stops reading stops the target, whatever its window', async () => {
    await using raw = await RawClient.open(door);
    raw.socket.pause();
    const relayed = door.relay.relayedBytes;
    raw.protocol.session(0, 2 ** 32 - 1, 32768);
    raw.protocol.exec(0, 'cat /dev/zero', false);
    await waitUntil("the target's output comes to a stop", async () => {
      const before = door.relay.relayedBytes;
      await sleep(300);
      return before > relayed && door.relay.relayedBytes === before;
    });
    // Kernel buffers on loopback hold some; what matters is that it is a few MiB and has an end.
    expect(door.relay.relayedBytes - relayed).toBeLessThan(32 * MIB);
  });

  test('requests whose answers are not read are not read either', async () => {
    await using raw = await RawClient.open(door);
    raw.socket.pause();
    for (let i = 0; i < 400_000; i += 1) raw.protocol.ping();
    const sent = raw.socket.bytesWritten;
    await sleep(500);
    await waitUntil('the door stops reading', async () => {
      const waiting = raw.socket.writableLength;
      await sleep(300);
      return raw.socket.writableLength === waiting;
    });
    // Kernel buffers on loopback take some; most of the requests must still be with the attacker.
    expect(sent).toBeGreaterThan(16 * MIB);
    expect(raw.socket.writableLength).toBeGreaterThan(sent / 2);
  });

  test.each<[string, (raw: RawClient) => void]>([
    ['"none" requests', (raw) => raw.protocol.authNone('alice')],
    ['passwords', (raw) => raw.protocol.authPassword('alice', 'guess')],
  ])('%s are counted', async (_, send) => {
    await using raw = await RawClient.open(door, { authHandler: () => undefined as never }, 'handshake');
    let answers = 0;
    Object.assign(raw.protocol._handlers, {
      USERAUTH_FAILURE: () => {
        answers += 1;
      },
    });
    for (let i = 0; i < 5000; i += 1) send(raw);
    await raw.closed;
    expect(answers).toBeLessThanOrEqual(20);
  });

  test.each<[string, (raw: RawClient) => void]>([
    ['a channel', (raw) => raw.protocol.session(0, MIB, 32768)],
    ['a request', (raw) => raw.protocol.ping()],
  ])('%s before sign-in closes the connection', async (_, send) => {
    await using raw = await RawClient.open(door, { authHandler: () => undefined as never }, 'handshake');
    send(raw);
    await raw.closed;
  });

  test('channels have an end', async () => {
    await using raw = await RawClient.open(door);
    let [opened, refused] = [0, 0];
    Object.assign(raw.protocol._handlers, {
      CHANNEL_OPEN_CONFIRMATION: () => {
        opened += 1;
      },
      CHANNEL_OPEN_FAILURE: () => {
        refused += 1;
      },
    });
    for (let i = 0; i < 2000; i += 1) raw.protocol.session(i, MIB, 32768);
    await waitUntil('every open is answered', () => opened + refused === 2000);
    expect(opened).toBe(64);
  });

  test('sessions that were closed unused give their place back', async () => {
    await using raw = await RawClient.open(door);
    for (let i = 0; i < 100; i += 1) {
      const confirmed = raw.next('CHANNEL_OPEN_CONFIRMATION');
      raw.protocol.session(i, MIB, 32768);
      const [info] = await confirmed;
      const closed = raw.next('CHANNEL_CLOSE');
      raw.protocol.channelClose((info as { sender: number }).sender);
      await closed;
    }
  });

  test('a client that vanishes under a flood harms nobody', async () => {
    await using raw = await RawClient.open(door);
    raw.protocol.session(0, 2 ** 32 - 1, 32768);
    raw.protocol.exec(0, 'cat /dev/zero', false);
    await waitUntil('the flood flows', () => raw.socket.bytesRead > MIB);
    raw.socket.resetAndDestroy();
    await raw.closed;
  });
});

describe('random messages', () => {
  /** A message of the connection protocol: a type, small numbers and strings where they belong, then anything. */
  const message = fc
    .record({
      type: fc.integer({ min: 1, max: 110 }),
      numbers: fc.array(fc.oneof(fc.constantFrom(0, 1, 2, 0xffffffff), fc.nat(2 ** 31)), { maxLength: 4 }),
      name: fc.constantFrom(
        'session',
        'direct-tcpip',
        'exec',
        'shell',
        'pty-req',
        'env',
        'subsystem',
        'sftp',
        'x11-req',
        'signal',
        '',
      ),
      tail: fc.uint8Array({ maxLength: 40 }),
      nameFirst: fc.boolean(),
    })
    .map(({ type, numbers, name, tail, nameFirst }) => {
      const words = Buffer.alloc(numbers.length * 4);
      numbers.forEach((value, i) => void words.writeUInt32BE(value, i * 4));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(name.length);
      const text = Buffer.concat([length, Buffer.from(name)]);
      return Buffer.concat([Buffer.from([type]), ...(nameFirst ? [text, words] : [words, text]), tail]);
    });

  test('end at worst the connection that sent them', async () => {
    await using both = await DoorAndTarget.start();
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 60 }), async (messages) => {
        await using raw = await RawClient.open(both.door);
        for (const payload of messages) raw.send(payload);
        await Promise.race([raw.closed, sleep(20)]);
      }),
      { numRuns: 60 },
    );
    await using bystander = await both.door.client('direct', 'db1');
    expect(await bystander.ssh([], 'echo still here')).toMatchObject({ code: 0, text: 'still here\n' });
    await waitUntil('nothing is left of them', () => both.door.door.stats.connections === 0);
  });
});

describe('before sign-in', () => {
  test('slow openers are closed, and a flood of them keeps nobody out', async () => {
    await using both = await DoorAndTarget.start({
      limits: { unauthenticatedPerAddress: 40, unauthenticated: { start: 64, full: 100 }, handshakeGrace: 700 },
    });
    const flood: Socket[] = [];
    for (let i = 0; i < 300; i += 1) {
      const socket = connect({ port: both.door.port, host: '127.0.0.1', localAddress: '127.0.0.9' });
      socket.on('error', () => {});
      if (i % 2 === 0) socket.write('SSH-2.0-slow\r\n');
      socket.resume();
      flood.push(socket);
    }
    await waitUntil('the flood is turned away', () => both.door.door.stats.turnedAway >= 260);
    expect(both.door.door.stats.waiting).toBe(40);
    await using honest = await both.door.client('direct', 'db1');
    expect(await honest.ssh([], 'echo in')).toMatchObject({ code: 0, text: 'in\n' });
    await waitUntil('all slow openers are closed', () => flood.every((socket) => socket.closed));
  });

  test('who does not sign in in time is closed', async () => {
    await using door = await TestDoor.start({ limits: { signInGrace: 400 } });
    await using raw = await RawClient.open(door, { authHandler: () => undefined as never }, 'handshake');
    await raw.closed;
  });
});
