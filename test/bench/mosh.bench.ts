/**
 * Our Mosh beside Debian's `mosh-server`, with the same client on the same path, in paired rounds. Prints the
 * medians and their ratio; machines differ too much for more to be asserted than that everything arrived.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startMoshClient } from '../integration/mosh/support/mosh-stack.ts';
import { type RelayQuality, UdpRelay } from '../integration/mosh/support/udp-relay.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { type MoshSubject, NativeMosh, RealMosh } from './support/mosh-subject.ts';

interface KeyFigures {
  readonly times: readonly number[];
  readonly bytesDown: number;
  readonly bytesUp: number;
}

const KEYS = 40;
const ROUNDS = process.env['HELDLINE_BENCH'] === 'short' ? 1 : 3;
const SESSIONS = 12;

async function withClient<T>(
  subject: MoshSubject,
  quality: RelayQuality,
  body: (client: ScreenTerminal, relay: UdpRelay) => Promise<T>,
  size: { readonly cols: number; readonly rows: number } = { cols: 80, rows: 24 },
): Promise<T> {
  const invitation = await subject.invite();
  await using relay = await UdpRelay.start(invitation.port, quality);
  await using client = startMoshClient(relay.port, invitation.key, { ...size, predict: 'never' });
  await client.waitFor(/^\$/m, 20_000);
  await sleep(300);
  return await body(client, relay);
}

/** ms from each key to its echo, typed with jitter so that no frame grid helps or harms. */
function typeKeys(subject: MoshSubject, quality: RelayQuality): Promise<KeyFigures> {
  return withClient(subject, quality, async (client, relay) => {
    const times: number[] = [];
    relay.resetCounts();
    let typed = '';
    for (let count = 0; count < KEYS; count += 1) {
      const key = String.fromCharCode(97 + (count % 26));
      typed += key;
      const start = performance.now();
      client.type(key);
      await client.waitFor(`$ ${typed}`, 20_000);
      times.push(performance.now() - start);
      await sleep(60 + ((count * 37) % 50));
    }
    return { times, bytesDown: relay.toClient.bytes / KEYS, bytesUp: relay.toServer.bytes / KEYS };
  });
}

function flood(subject: MoshSubject): Promise<number> {
  return withClient(subject, { seed: 1 }, async (client) => {
    const before = await subject.processorTime();
    client.type("seq 400000; echo FLOOD''ED\r");
    await client.waitFor('FLOODED', 30_000);
    return (await subject.processorTime()) - before;
  });
}

/** ms until a coloured listing of 200 by 60 is there; null when it is not within 12 s. */
function bigFrame(subject: MoshSubject): Promise<{ readonly time: number; readonly kilobytes: number } | null> {
  const colours =
    'BEGIN{srand(3);for(y=0;y<57;y++){for(x=0;x<199;x++)printf "\\033[38;2;%d;%d;%dm%c",rand()*256,rand()*256,rand()*256,33+rand()*90;print ""}printf "\\033[m"}';
  return withClient(
    subject,
    { seed: 3, delay: 50, loss: 0.3 },
    async (client, relay) => {
      relay.resetCounts();
      const start = performance.now();
      client.type(`clear; awk '${colours}'; echo DO''NE\r`);
      try {
        await client.waitFor('DONE', 12_000);
      } catch {
        return null;
      }
      return { time: performance.now() - start, kilobytes: relay.toClient.bytes / 1024 };
    },
    { cols: 200, rows: 60 },
  );
}

async function memoryPerSession(subject: MoshSubject): Promise<number> {
  const clients: ScreenTerminal[] = [];
  try {
    const before = await subject.privateMemory();
    for (let count = 0; count < SESSIONS; count += 1) {
      const { port, key } = await subject.invite();
      const client = startMoshClient(port, key, { predict: 'never' });
      clients.push(client);
      await client.waitFor(/^\$/m);
    }
    return ((await subject.privateMemory()) - before) / SESSIONS;
  } finally {
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function say(what: string, native: number, real: number, unit: string): void {
  const ratio = (native / real).toFixed(2);
  process.stdout.write(
    `${what.padEnd(44)} native ${native.toFixed(1).padStart(8)}   mosh-server ${real.toFixed(1).padStart(8)} ${unit}   ${ratio}x\n`,
  );
}

async function compareKeys(what: string, quality: Omit<RelayQuality, 'seed'>): Promise<void> {
  await using native = new NativeMosh();
  await using real = new RealMosh();
  const figures: Record<string, KeyFigures[]> = { native: [], real: [] };
  for (let seed = 1; seed <= ROUNDS; seed += 1) {
    figures['native']?.push(await typeKeys(native, { ...quality, seed }));
    figures['real']?.push(await typeKeys(real, { ...quality, seed }));
  }
  const of = (name: string, pick: (one: KeyFigures) => number): number =>
    quantile((figures[name] ?? []).map(pick), 0.5);
  for (const [label, pick] of [
    ['key to echo, median', (one: KeyFigures): number => quantile(one.times, 0.5)],
    ['key to echo, 90 %', (one: KeyFigures): number => quantile(one.times, 0.9)],
  ] as const) {
    say(`${what}: ${label}`, of('native', pick), of('real', pick), 'ms');
  }
  say(
    `${what}: bytes to the client for a key`,
    of('native', (one) => one.bytesDown),
    of('real', (one) => one.bytesDown),
    'B ',
  );
  say(
    `${what}: bytes to the server for a key`,
    of('native', (one) => one.bytesUp),
    of('real', (one) => one.bytesUp),
    'B ',
  );
  expect((figures['native'] ?? []).every(({ times }) => times.length === KEYS)).toBe(true);
}

test('keys on a clean path', async () => {
  await compareKeys('clean', {});
}, 180_000);

test('keys at 100 ms and 30 % loss', async () => {
  await compareKeys('lossy', { delay: 50, loss: 0.3 });
}, 300_000);

test('a flood and a big frame', async () => {
  await using native = new NativeMosh();
  await using real = new RealMosh();
  await flood(native);
  say('flood of 2.7 MB: processor time', await flood(native), await flood(real), 'ms');
  const [ours, theirs] = [await bigFrame(native), await bigFrame(real)];
  expect(ours).not.toBeNull();
  say(
    'random true-colour frame at 30 % loss',
    ours?.time ?? Number.NaN,
    theirs?.time ?? Number.POSITIVE_INFINITY,
    'ms',
  );
}, 180_000);

test('memory', async () => {
  await using native = new NativeMosh();
  await using real = new RealMosh();
  // What the first sessions load is not the price of one more.
  await memoryPerSession(native);
  say('private memory for one more session', await memoryPerSession(native), await memoryPerSession(real), 'KiB');
}, 60_000);
