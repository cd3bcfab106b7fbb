/** Two ends over a simulated path that loses, delays, doubles and reorders, under a simulated clock. */
import { describe, expect, test } from 'vitest';
import { randomNumbers } from '../../../test/support/random-numbers.ts';
import { incomingSequence, SealedChannel } from '../wire/sealed-channel.ts';
import { countEvents, decodeUserMessage, encodeUserMessage, skipEvents, type UserInput } from '../wire/user-message.ts';
import type { RemoteObject } from './receiver.ts';
import { LIVELY, type LocalObject } from './sender.ts';
import { Transport } from './transport.ts';

const KEY = Buffer.alloc(16, 7);
const FOREVER = Number.POSITIVE_INFINITY;

interface PathQuality {
  readonly seed: number;
  readonly loss: number;
  readonly delay: number;
  readonly jitter: number;
  readonly doubled: number;
}

type ScreenText = string;

class TypedKeys implements LocalObject<number> {
  readonly initial = 0;
  readonly keys: number[] = [];

  current(): number {
    return this.keys.length;
  }

  same(a: number, b: number): boolean {
    return a === b;
  }

  diff(from: number, to: number): Uint8Array {
    return encodeUserMessage([{ kind: 'keys', bytes: Buffer.from(this.keys.slice(from, to)) }]);
  }
}

/** Both ends and the path between them. Time moves only in `run`. */
class Simulation {
  now = 0;
  readonly typed = new TypedKeys();
  readonly arrivedKeys: number[] = [];
  shown: ScreenText = '';
  screen: ScreenText = '';
  readonly sentBytes = { client: 0, server: 0 };
  readonly datagrams = { client: 0, server: 0 };
  readonly client: Transport<number, ScreenText>;
  readonly server: Transport<ScreenText, { readonly length: number }>;
  cut = false;
  readonly #random: () => number;
  readonly #quality: PathQuality;
  readonly #flying: { at: number; to: 'client' | 'server'; datagram: Buffer }[] = [];
  readonly #channels = {
    client: new SealedChannel(KEY, 'to-server'),
    server: new SealedChannel(KEY, 'to-client'),
  };
  #applied = 0;

  constructor(quality: PathQuality) {
    this.#quality = quality;
    this.#random = randomNumbers(quality.seed);
    const screens: RemoteObject<ScreenText> = {
      initial: '',
      apply: (base, diff) => {
        const [from, to] = Buffer.from(diff).toString().split('\0');
        expect(from).toBe(base);
        return to;
      },
      newest: ({ state }) => {
        this.shown = state;
      },
    };
    const inputs: RemoteObject<{ readonly length: number }> = {
      initial: { length: 0 },
      apply: (base, diff) => ({ length: base.length + countEvents(decode(diff)) }),
      newest: ({ base, diff, state }) => {
        if (state.length <= this.#applied) return;
        for (const input of skipEvents(decode(diff), this.#applied - base.length)) {
          if (input.kind === 'keys') this.arrivedKeys.push(...input.bytes);
        }
        this.#applied = state.length;
      },
    };
    const drawn: LocalObject<ScreenText> = {
      initial: '',
      current: () => this.screen,
      same: (a, b) => a === b,
      diff: (from, to) => Buffer.from(`${from}\0${to}`),
    };
    const shared = { now: 0, pacing: LIVELY, datagramBytes: () => 1252 };
    this.client = new Transport({
      ...shared,
      channel: this.#channels.client,
      local: this.typed,
      remote: screens,
      role: 'client',
      send: (datagram) => this.#launch('server', datagram),
    });
    this.server = new Transport({
      ...shared,
      channel: this.#channels.server,
      local: drawn,
      remote: inputs,
      role: 'server',
      send: (datagram) => this.#launch('client', datagram),
    });
  }

  type(text: string): void {
    this.typed.keys.push(...Buffer.from(text));
    this.client.changed(this.now);
  }

  draw(text: ScreenText): void {
    this.screen = text;
    this.server.changed(this.now);
  }

  /** Moves time to `end` in steps of what happens next. */
  run(end: number): void {
    for (;;) {
      const next = Math.min(
        this.client.dueAt(this.now),
        this.server.dueAt(this.now),
        ...this.#flying.map((datagram) => datagram.at),
      );
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.#land();
      this.client.tick(this.now);
      this.server.tick(this.now);
    }
    this.now = end;
  }

  /** Runs until `done` or the time is over. Whether it is done. */
  runUntil(done: () => boolean, limit: number): boolean {
    const end = this.now + limit;
    while (!done() && this.now < end) this.run(Math.min(end, this.now + 50));
    return done();
  }

  /** Gives an end a datagram as if it came now; for replays. */
  deliver(to: 'client' | 'server', datagram: Buffer): void {
    const opened = this.#channels[to].open(datagram);
    if (opened !== undefined) this[to].receive(opened, this.now);
  }

  #land(): void {
    const here = this.#flying.filter((datagram) => datagram.at <= this.now);
    for (const landed of here) {
      this.#flying.splice(this.#flying.indexOf(landed), 1);
      this.deliver(landed.to, landed.datagram);
    }
  }

  #launch(to: 'client' | 'server', datagram: Buffer): void {
    const from = to === 'server' ? 'client' : 'server';
    expect(incomingSequence(datagram, to === 'server' ? 'to-client' : 'to-server')).toBe(this.datagrams[from]);
    this.datagrams[from] += 1;
    this.sentBytes[from] += datagram.length;
    if (this.cut) return;
    const copies = this.#random() < this.#quality.doubled ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#random() < this.#quality.loss) continue;
      const at = this.now + this.#quality.delay + this.#random() * this.#quality.jitter;
      this.#flying.push({ at, to, datagram });
    }
  }
}

function decode(diff: Uint8Array): UserInput[] {
  const inputs = decodeUserMessage(Buffer.from(diff));
  if (inputs === undefined) throw new TypeError('our own message does not decode');
  return inputs;
}

/** A key now and then, so that the path gets known. */
function typeFor(simulation: Simulation, time: number): void {
  for (const end = simulation.now + time; simulation.now < end; ) {
    simulation.type('k');
    simulation.draw(`${simulation.now}`);
    simulation.run(simulation.now + 150);
  }
}

const CLEAN = { seed: 1, loss: 0, delay: 5, jitter: 0, doubled: 0 };

describe('a clean path', () => {
  test('a key arrives within the client delay, and its effect comes back', () => {
    const simulation = new Simulation(CLEAN);
    simulation.run(1000);
    simulation.type('a');
    expect(simulation.runUntil(() => simulation.arrivedKeys.length === 1, 100)).toBe(true);
    simulation.draw('a');
    expect(simulation.runUntil(() => simulation.shown === 'a', 100)).toBe(true);
  });

  test.each([0, 1, 2, 3, 4, 5])(
    'a screen that is again as it was acknowledged takes the place of one on its way, %i lost',
    (lost) => {
      const simulation = new Simulation({ ...CLEAN, delay: 50 });
      simulation.draw('before');
      simulation.run(3000);
      simulation.draw('between');
      simulation.run(3060);
      simulation.draw('before');
      simulation.cut = lost > 0;
      simulation.run(3060 + 60 * lost);
      simulation.cut = false;
      expect(simulation.runUntil(() => simulation.shown === 'between', 100) || simulation.shown === 'before').toBe(
        true,
      );
      simulation.run(simulation.now + 1500);
      expect(simulation.shown).toBe('before');
    },
  );

  test('the round trip is measured', () => {
    const simulation = new Simulation({ ...CLEAN, delay: 50 });
    for (let key = 0; key < 40; key += 1) {
      simulation.type('k');
      simulation.draw(`${key}`);
      simulation.run(simulation.now + 150);
    }
    expect(simulation.server.roundTrip).toBeGreaterThan(99);
    expect(simulation.server.roundTrip).toBeLessThan(125);
  });

  test('idle ends exchange a packet each three seconds', () => {
    const simulation = new Simulation(CLEAN);
    simulation.run(10_000);
    const before = simulation.datagrams.server;
    simulation.run(40_000);
    expect(simulation.datagrams.server - before).toBeLessThanOrEqual(11);
    expect(simulation.datagrams.server - before).toBeGreaterThanOrEqual(9);
  });

  test('the server sends nothing before it has heard something, nor after 40 s of silence', () => {
    const simulation = new Simulation(CLEAN);
    simulation.draw('early');
    simulation.server.tick(0);
    expect(simulation.datagrams.server).toBe(0);
    simulation.run(1000);
    expect(simulation.shown).toBe('early');
    simulation.cut = true;
    simulation.run(60_000);
    const silent = simulation.datagrams.server;
    simulation.draw('late');
    simulation.run(120_000);
    expect(simulation.datagrams.server).toBe(silent);
    simulation.cut = false;
    expect(simulation.runUntil(() => simulation.shown === 'late', 5000)).toBe(true);
  });
});

/** Some screens come back, as panels go and typed text is erased. */
function drawSometimes(simulation: Simulation, random: () => number, text: ScreenText): void {
  if (random() < 0.7) simulation.draw(random() < 0.3 ? 'as before' : text);
}

describe('lossy paths', () => {
  test('2000 seeds: both ends agree in the end, no key is lost or doubled, numbers rise by one', () => {
    for (let seed = 0; seed < 2000; seed += 1) {
      const random = randomNumbers(seed ^ 0x5eed);
      const quality = {
        seed,
        loss: random() * 0.4,
        delay: random() * 120,
        jitter: random() * 80,
        doubled: random() * 0.1,
      };
      const simulation = new Simulation(quality);
      let text = '';
      for (let step = 0; step < 12; step += 1) {
        const keys = String.fromCharCode(97 + (step % 26)).repeat(1 + Math.floor(random() * 3));
        text += keys;
        simulation.type(keys);
        drawSometimes(simulation, random, `${step}:${text}`);
        simulation.run(simulation.now + random() * 200);
      }
      const all = (): boolean => simulation.arrivedKeys.length >= text.length && simulation.shown === simulation.screen;
      expect(simulation.runUntil(all, 20_000), `seed ${seed} converges`).toBe(true);
      expect(Buffer.from(simulation.arrivedKeys).toString(), `seed ${seed}`).toBe(text);
    }
  }, 120_000);

  test('a screen of fifty datagrams arrives at 30 % loss', () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const simulation = new Simulation({ seed, loss: 0.3, delay: 50, jitter: 5, doubled: 0 });
      typeFor(simulation, 3000);
      const random = randomNumbers(seed);
      const large = Buffer.from(Array.from({ length: 60_000 }, () => 1 + Math.floor(random() * 126))).toString();
      simulation.draw(large);
      expect(
        simulation.runUntil(() => simulation.shown === large, 3000),
        `seed ${seed}`,
      ).toBe(true);
      expect(simulation.sentBytes.server).toBeLessThan(3_000_000);
    }
  });

  test('a large screen that changes all the time does not keep small ones from arriving', () => {
    const simulation = new Simulation({ seed: 5, loss: 0.1, delay: 20, jitter: 0, doubled: 0 });
    simulation.run(1000);
    const random = randomNumbers(5);
    for (let frame = 0; frame < 50; frame += 1) {
      const body = Buffer.from(Array.from({ length: 5000 }, () => 1 + Math.floor(random() * 126))).toString();
      simulation.draw(`${frame}${body}`);
      simulation.run(simulation.now + 30);
    }
    simulation.draw('end');
    expect(simulation.runUntil(() => simulation.shown === 'end', 2000)).toBe(true);
  });

  test('repetitions to a client whose acknowledgements are lost back off', () => {
    const simulation = new Simulation(CLEAN);
    simulation.run(5000);
    simulation.draw('one');
    simulation.run(5002);
    simulation.cut = true;
    const before = simulation.datagrams.server;
    simulation.run(8500);
    expect(simulation.datagrams.server - before).toBeLessThanOrEqual(20);
  });

  test('13 s without any packet: what was typed and drawn meanwhile is there soon after', () => {
    const simulation = new Simulation({ ...CLEAN, delay: 30 });
    simulation.run(2000);
    simulation.cut = true;
    for (let second = 0; second < 13; second += 1) {
      simulation.type('x');
      simulation.draw(`screen ${second}`);
      simulation.run(simulation.now + 1000);
    }
    simulation.cut = false;
    const back = (): boolean => simulation.arrivedKeys.length === 13 && simulation.shown === 'screen 12';
    expect(simulation.runUntil(back, 3500)).toBe(true);
  });
});

describe('ends', () => {
  test('our goodbye carries the last screen and ends when it is acknowledged', () => {
    const simulation = new Simulation(CLEAN);
    simulation.run(1000);
    simulation.screen = 'last words';
    simulation.server.end(simulation.now);
    expect(simulation.runUntil(() => simulation.client.peerLeft, 500)).toBe(true);
    expect(simulation.shown).toBe('last words');
    expect(simulation.runUntil(() => simulation.server.ending(simulation.now) === 'acknowledged', 500)).toBe(true);
  });

  test('our goodbye is given up after sixteen tries', () => {
    const simulation = new Simulation(CLEAN);
    simulation.run(1000);
    simulation.cut = true;
    const before = simulation.datagrams.server;
    simulation.server.end(simulation.now);
    expect(simulation.runUntil(() => simulation.server.ending(simulation.now) === 'given-up', 11_000)).toBe(true);
    expect(simulation.datagrams.server - before).toBeLessThanOrEqual(17);
  });

  test('the goodbye of the client is answered', () => {
    const simulation = new Simulation(CLEAN);
    simulation.run(1000);
    simulation.client.end(simulation.now);
    expect(simulation.runUntil(() => simulation.server.peerLeft, 500)).toBe(true);
    expect(simulation.runUntil(() => simulation.client.ending(simulation.now) === 'acknowledged', 500)).toBe(true);
  });

  test('an end is not due before it has something to do', () => {
    const simulation = new Simulation(CLEAN);
    expect(simulation.server.dueAt(0)).toBe(FOREVER);
  });
});

describe('replays', () => {
  test('every datagram delivered again changes nothing', () => {
    const simulation = new Simulation(CLEAN);
    const toServer: Buffer[] = [];
    const original = simulation.deliver.bind(simulation);
    simulation.deliver = (to, datagram) => {
      if (to === 'server') toServer.push(Buffer.from(datagram));
      original(to, datagram);
    };
    for (const key of 'hello') {
      simulation.type(key);
      simulation.run(simulation.now + 100);
    }
    const expected = simulation.server.expectedSequence;
    for (const datagram of toServer) original('server', datagram);
    expect(Buffer.from(simulation.arrivedKeys).toString()).toBe('hello');
    expect(simulation.server.expectedSequence).toBe(expected);
  });

  test('an end does not accept its own datagrams', () => {
    const channel = new SealedChannel(KEY, 'to-client');
    const own = channel.seal(Buffer.from('reflected'));
    expect(channel.open(own)).toBeUndefined();
  });
});
