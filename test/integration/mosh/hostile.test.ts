/** Strangers at the real port, while somebody works there. */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../src/base/fake-clock.ts';
import type { ScreenTerminal } from '../../support/screen-terminal.ts';
import { MoshStack } from './support/mosh-stack.ts';

let stack: MoshStack;
let stranger: Socket;
const answers: Buffer[] = [];

beforeEach(async () => {
  stack = await MoshStack.start();
  stranger = createSocket('udp4');
  answers.length = 0;
  stranger.on('message', (datagram) => answers.push(datagram));
  stranger.bind(0, '127.0.0.4');
  await once(stranger, 'listening');
});

afterEach(async () => {
  stranger.close();
  await stack[Symbol.asyncDispose]();
});

async function send(datagrams: readonly Buffer[], port: number): Promise<void> {
  for (const datagram of datagrams) {
    await new Promise<void>((resolve) => {
      stranger.send(datagram, port, '127.0.0.1', () => resolve());
    });
  }
}

function junk(): Buffer {
  const datagram = randomBytes(100);
  datagram.writeBigUInt64BE(BigInt(Math.floor(Math.random() * 50)), 0);
  return datagram;
}

/** About what nine tenths of the loopback's own scatter are, ms. */
const QUICK_ENOUGH = 15;
/** Bytes: the screens and keys of the test itself; ten thousand of anything would be more. */
const LITTLE = 2 * 1024 * 1024;

/** ms from each key to its echo, after a prompt. */
async function typeKeys(client: ScreenTerminal, keys: string): Promise<number[]> {
  const times: number[] = [];
  for (let count = 1; count <= keys.length; count += 1) {
    const start = performance.now();
    client.type(keys.slice(count - 1, count));
    await client.waitFor(`$ ${keys.slice(0, count)}`);
    times.push(performance.now() - start);
    await sleep(60);
  }
  client.type('\x15');
  await client.waitFor((screen) => !screen.includes(keys));
  return times;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** Bytes in use once garbage was collected. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** In bursts, so that the test's own process finds time for everybody. */
async function sendSlowly(count: number, port: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 50) {
    await send(Array.from({ length: 50 }, junk), port);
    await sleep(4);
  }
}

describe('strangers', () => {
  test('ten thousand datagrams of junk: no answer, no trace; the known session is as quick as before, memory is flat', async () => {
    const { client, relay } = await stack.session({ seed: 1 });
    const { port } = await stack.invite();
    await typeKeys(client, 'warm-up');
    const [before, held] = [median(await typeKeys(client, 'ordinary-keys')), memory()];
    const events = stack.events.length;
    const flood = sendSlowly(10_000, port);
    const during = median(await typeKeys(client, 'keys-in-the-flood'));
    await flood;
    expect(during).toBeLessThan(before + QUICK_ENOUGH);
    expect(memory() - held).toBeLessThan(LITTLE);
    expect(answers).toEqual([]);
    expect(stack.events.length).toBe(events);
    expect(relay.toClient.datagrams).toBeGreaterThan(0);
    // The loopback loses some when nobody fetches them in time.
    expect(await stack.server.refused()).toBeGreaterThan(5000);
  }, 60_000);

  test('a replay from another address moves nobody and is not answered', async () => {
    const { client, relay } = await stack.session({ seed: 1 });
    client.type('true\r');
    await client.waitFor(/\$ true\n\$/);
    const port = (await stack.invite()).port;
    await send(relay.seen, port);
    client.type('echo $((400+44)) unmoved\r');
    await client.waitFor('444 unmoved');
    expect(answers).toEqual([]);
    expect(stack.events.map((event) => event.type)).not.toContain('mosh.roamed');
  });

  test('what we sent, sent back to us, does nothing', async () => {
    const { client, relay } = await stack.session({ seed: 1 });
    const port = (await stack.invite()).port;
    const own = relay.seen.map((datagram) => {
      const turned = Buffer.from(datagram);
      turned[0] = (turned[0] ?? 0) ^ 0x80;
      return turned;
    });
    await send(own, port);
    client.type('echo $((500+55)) fine\r');
    await client.waitFor('555 fine');
    expect(answers).toEqual([]);
  });

  test('a key without a client is worth nothing to one without the key', async () => {
    const { port } = await stack.invite();
    await send(Array.from({ length: 100 }, junk), port);
    expect(stack.sessions.opened).toEqual([]);
    expect(answers).toEqual([]);
  });

  test('one person has so many keys waiting at a time, and no more', async () => {
    for (let count = 0; count < 100; count += 1) await stack.invite();
    const { leg } = stack.ask();
    expect(await leg.finished).toMatchObject({ kind: 'code', code: 126 });
    expect(leg.errors).toContain('too many Mosh connections of yours wait for their client');
  });

  test('an invitation that nobody follows within a minute is void, and is counted', async () => {
    const clock = new FakeClock();
    await using slow = await MoshStack.start({ clock });
    const invitation = await slow.invite();
    clock.advance(59_000);
    expect(slow.door.reach.unheard).toBe(0);
    clock.advance(1_000);
    expect(slow.door.reach.unheard).toBe(1);
    const client = slow.client(invitation);
    await client.waitFor(`Nothing received from server on UDP port ${invitation.port}`);
    expect(slow.door.reach.heard).toBe(0);
  });
});
