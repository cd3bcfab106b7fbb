/**
 * Our Mosh beside Debian's `mosh-server`, with the same client on the same path, in paired rounds. Prints both
 * figures and their ratio; machines differ too much for more to be asserted than that everything arrived.
 *
 * At 30 % loss each way half of all keys need a second try, so that the median lies just where times jump. It is taken over
 * the keys of all rounds, and the simulation of the same path, with many more keys, tells how much of the rest is chance.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LIVELY, type Pacing } from '../../src/mosh/transport/sender.ts';
import { startMoshClient } from '../integration/mosh/support/mosh-stack.ts';
import { type RelayQuality, UdpRelay } from '../integration/mosh/support/udp-relay.ts';
import { Disposals } from '../support/disposals.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { simulateTyping, type TypingPath, USUAL } from '../support/typing-simulation.ts';
import { type MoshSubject, NativeMosh, RealMosh } from './support/mosh-subject.ts';

interface KeyFigures {
  readonly times: readonly number[];
  readonly bytesDown: number;
  readonly bytesUp: number;
}

const SHORT = process.env['HELDLINE_BENCH'] === 'short';
const KEYS = SHORT ? 20 : 40;
const SIMULATIONS = SHORT ? 20 : 200;
/** Sessions before memory is looked at first: what the very first ones load is not the price of one more. */
const FIRST = 2;
/** Room that the heap takes once, for all of them, is part of the price; more sessions share it. */
const SESSIONS = SHORT ? 12 : 94;
/** ms until a process has given back what it needed for opening sessions, and idle clients have spoken. */
const REST = 7000;

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

/** KiB for one more session, at rest: all of them stay open. @param lines of output in each of them */
async function memoryPerSession(subject: MoshSubject, sessions: number, lines: number): Promise<number> {
  await using clients = new Disposals();
  await openSessions(clients, subject, FIRST, lines);
  const before = await subject.privateMemory();
  await openSessions(clients, subject, sessions, lines);
  return ((await subject.privateMemory()) - before) / sessions;
}

async function openSessions(owner: Disposals, subject: MoshSubject, count: number, lines: number): Promise<void> {
  for (let opened = 0; opened < count; opened += 1) {
    const { port, key } = await subject.invite();
    const client = owner.use(startMoshClient(port, key, { predict: 'never' }));
    await client.waitFor(/^\$/m, 20_000);
    if (lines === 0) continue;
    client.type(`seq -f 'line %g of what a program writes to its user' ${lines}; echo AT''REST\r`);
    await client.waitFor('ATREST', 20_000);
  }
  await sleep(REST);
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

interface BothFigures {
  readonly native: KeyFigures;
  readonly real: KeyFigures;
}

function sayKeys(what: string, { native, real }: BothFigures): void {
  for (const [label, part] of [
    ['median', 0.5],
    ['90 %', 0.9],
  ] as const) {
    say(`${what}: key to echo, ${label}`, quantile(native.times, part), quantile(real.times, part), 'ms');
  }
  say(`${what}: bytes to the client for a key`, native.bytesDown, real.bytesDown, 'B ');
  say(`${what}: bytes to the server for a key`, native.bytesUp, real.bytesUp, 'B ');
}

/** All keys of all rounds as one. */
function joined(rounds: readonly KeyFigures[]): KeyFigures {
  const mean = (pick: (one: KeyFigures) => number): number =>
    rounds.reduce((sum, one) => sum + pick(one), 0) / rounds.length;
  return {
    times: rounds.flatMap(({ times }) => times),
    bytesDown: mean((one) => one.bytesDown),
    bytesUp: mean((one) => one.bytesUp),
  };
}

async function compareKeys(what: string, quality: Omit<RelayQuality, 'seed'>, rounds: number): Promise<void> {
  await using native = new NativeMosh();
  await using real = new RealMosh();
  const figures = { native: [] as KeyFigures[], real: [] as KeyFigures[] };
  for (let seed = 1; seed <= rounds; seed += 1) {
    figures.native.push(await typeKeys(native, { ...quality, seed }));
    figures.real.push(await typeKeys(real, { ...quality, seed }));
  }
  const both = { native: joined(figures.native), real: joined(figures.real) };
  sayKeys(what, both);
  expect(both.native.times.length).toBe(KEYS * rounds);
}

function simulated(pacing: Pacing, path: Omit<TypingPath, 'seed'>): KeyFigures {
  const rounds = Array.from({ length: SIMULATIONS }, (_, seed) => simulateTyping(pacing, { ...path, seed }, KEYS));
  return joined(rounds.map((one) => ({ ...one, bytesDown: one.bytesDown / KEYS, bytesUp: one.bytesUp / KEYS })));
}

test('keys on a clean path', async () => {
  await compareKeys('clean', {}, SHORT ? 1 : 3);
}, 180_000);

test('keys at 100 ms and 30 % loss', async () => {
  await compareKeys('lossy', { delay: 50, loss: 0.3 }, SHORT ? 1 : 7);
}, 500_000);

test.each([50, 5])(
  'keys at 30 % loss and %i ms each way, simulated',
  (delay) => {
    const path = { delay, loss: 0.3 };
    const both = { native: simulated(LIVELY, path), real: simulated(USUAL, path) };
    sayKeys(`simulated, ${2 * delay} ms, lossy`, both);
    expect(both.native.times.length).toBe(KEYS * SIMULATIONS);
  },
  60_000,
);

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

test.each([
  ['at a prompt', 0],
  ['after 2000 lines', 2000],
])(
  'memory %s',
  async (what, lines) => {
    await using native = new NativeMosh();
    await using real = new RealMosh();
    const figures = [
      memoryPerSession(native, SESSIONS, lines),
      // Each of theirs is a process of its own: more of them would say the same.
      memoryPerSession(real, 6, lines),
    ] as const;
    const [ours, theirs] = await Promise.all(figures);
    say(`private memory for one more, ${what}`, ours, theirs, 'KiB');
  },
  120_000,
);
