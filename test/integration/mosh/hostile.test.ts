/** Strangers at the real port, while somebody works there. */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../src/base/fake-clock.ts';
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

describe('strangers', () => {
  test('ten thousand datagrams of junk: no answer, no trace, the session goes on', async () => {
    const invitation = await stack.invite();
    const client = stack.client(invitation);
    await client.waitFor(/^\$/m);
    const events = stack.events.length;
    await send(Array.from({ length: 10_000 }, junk), invitation.port);
    client.type('echo $((300+33)) still here\r');
    await client.waitFor('333 still here');
    expect(answers).toEqual([]);
    expect(stack.events.length).toBe(events);
    expect(await stack.server.refused()).toBeGreaterThan(0);
  });

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
