/** The outbox and its lanes on a fake clock: what receivers do wrong costs nothing but time, and never order. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { draft, requirement, stage } from '../../test/support/desk-world.ts';
import { endedBreakGlass } from '../../test/support/ended-break-glass.ts';
import { MemoryOutbox } from '../../test/support/memory-outbox.ts';
import { requestFrom } from '../approval/hold-draft.ts';
import type { HeldRequest } from '../approval/ports.ts';
import { FakeClock } from '../base/fake-clock.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { Attempt } from './carriers/attempt.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Letter } from './letter.ts';
import type { Receiver } from './receiver.ts';

const HOUR = 3_600_000;
const DELIVERED: Attempt = { kind: 'delivered' };
const FAILED: Attempt = { kind: 'failed', why: 'answered 500', retryAfter: null };

function receiver(name: string): Receiver {
  const wants = {
    news: ['asked', 'decided'],
    roles: null,
    targets: { kind: 'always' },
    severity: null,
    own: true,
  } as const;
  const way = { kind: 'mail', program: '/bin/true', from: 'a@b', to: ['c@d'] } as const;
  return { name, wants, shows: 'full', way };
}

function newRequest(now: number): HeldRequest {
  return requestFrom(draft(requirement([stage({ role: 'sre' })])), 'boot', now);
}

/** What receivers do with a letter. */
type Answer = (receiver: string, letter: Letter, signal: AbortSignal) => Attempt | Promise<Attempt>;

class World {
  readonly clock = new FakeClock();
  readonly outbox = new MemoryOutbox();
  readonly audit: AuditDraft[] = [];
  readonly failures: string[] = [];
  /** Every letter that reached a receiver, as `receiver type id`, with repetitions. */
  readonly letters: { readonly receiver: string; readonly letter: Letter }[] = [];
  answer: Answer = () => DELIVERED;
  dispatcher: Dispatcher = this.#newDispatcher();

  /** As after a kill -9: what is not in the outbox is gone. */
  async restart(names: readonly string[]): Promise<void> {
    // Nothing that the old one still does counts, and it does nothing that a dead one would not.
    await this.dispatcher.stop();
    this.dispatcher = this.#newDispatcher();
    await this.serve(...names);
  }

  async serve(...names: readonly string[]): Promise<void> {
    await this.dispatcher.serve(names.map(receiver), HOUR);
    await settle();
  }

  async hold(): Promise<HeldRequest> {
    const request = newRequest(this.clock.now());
    return this.change(request);
  }

  async change(request: HeldRequest): Promise<HeldRequest> {
    this.outbox.change(request);
    this.dispatcher.wake();
    await settle();
    return request;
  }

  deny(request: HeldRequest): Promise<HeldRequest> {
    return this.change({ ...request, state: 'denied', version: request.version + 1 });
  }

  async pass(ms: number, step: number = ms): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.clock.advance(Math.min(step, left));
      await settle();
    }
  }

  /** Ids as a receiver has them that drops what it knows already. */
  known(name: string): readonly string[] {
    return [...new Set(this.letters.filter((one) => one.receiver === name).map(({ letter }) => letter.id))];
  }

  get types(): readonly string[] {
    return this.audit.map(({ type }) => type);
  }

  #newDispatcher(): Dispatcher {
    return new Dispatcher({
      store: this.outbox,
      findRequest: async (uid) => this.outbox.requests.get(uid) ?? null,
      findBreakGlass: async (uid) => this.outbox.breakGlasses.get(uid) ?? null,
      carrierFor:
        ({ name }) =>
        async (letter, signal) => {
          const attempt = await this.answer(name, letter, signal);
          return attempt;
        },
      sender: { words: 'bastion', url: null, logHead: () => ({ seq: 1, hash: 'h' }) },
      audit: { append: async (event) => this.audit.push(event) },
      clock: this.clock,
      random: () => 1,
      alarmed: () => [],
      limits: { attempt: 10_000, waiting: 5 },
      onFailure: (what) => this.failures.push(what),
    });
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

let world: World;
beforeEach(() => {
  world = new World();
});

/** Keeps the letter, then answers. */
function taking(attempt: () => Attempt): Answer {
  return (name, letter) => {
    world.letters.push({ receiver: name, letter });
    return attempt();
  };
}

describe('a receiver that works', () => {
  test('gets every letter once, in order, and the log says so', async () => {
    world.answer = taking(() => DELIVERED);
    await world.serve('ops');
    const request = await world.hold();
    await world.deny(request);
    expect(world.letters.map(({ letter }) => letter.type)).toEqual(['request.asked', 'request.decided']);
    expect(world.outbox.entries).toEqual([]);
    expect(world.audit).toMatchObject([
      { type: 'approval.notified', approval: { id: request.id, receiver: 'ops', news: 'asked' } },
      { type: 'approval.notified', approval: { news: 'decided' } },
    ]);
  });
});

test('the end of a break-glass goes the same way, over a restart too', async () => {
  world.answer = taking(() => DELIVERED);
  await world.serve('pager');
  await world.dispatcher.stop();
  world.outbox.endBreakGlass(endedBreakGlass());
  await world.restart(['pager']);
  expect(world.letters.map(({ letter }) => letter.type)).toEqual(['break-glass.ended']);
  expect(world.outbox.entries).toEqual([]);
  expect(world.audit).toMatchObject([
    { type: 'breakglass.notified', breakglass: { id: '7KQ2', user: 'alice' }, detail: { receiver: 'pager' } },
  ]);
});

test.each(Array.from({ length: 30 }, (_, turns) => turns))(
  'news that come %d turns after another look are seen',
  async (turns) => {
    world.answer = taking(() => DELIVERED);
    await world.serve('ops');
    world.dispatcher.wake();
    for (let i = 0; i < turns; i++) await Promise.resolve();
    await world.hold();
    expect(world.known('ops')).toHaveLength(1);
  },
);

describe('a receiver that is down for ten minutes', () => {
  test('loses nothing, gets it in order, and nothing doubled once it drops what it knows', async () => {
    const end = world.clock.now() + 600_000;
    // Every other answer is lost on its way back, before and after.
    let count = 0;
    world.answer = (name, letter) => {
      if (world.clock.now() < end) return FAILED;
      world.letters.push({ receiver: name, letter });
      count += 1;
      return count % 2 === 1 ? FAILED : DELIVERED;
    };
    await world.serve('ops');
    const first = await world.hold();
    await world.pass(200_000, 1000);
    const second = await world.hold();
    await world.deny(first);
    await world.restart(['ops']);
    await world.pass(399_000, 1000);
    expect(world.letters).toEqual([]);
    const expected = world.outbox.entries.map(({ id }) => id);
    expect(expected).toHaveLength(3);
    await world.pass(300_000, 1000);
    expect(world.known('ops')).toEqual(expected);
    expect(world.letters).toHaveLength(6);
    expect(world.letters.map(({ letter }) => letter.title.text)).toContain(
      `${second.id}: alice waits on root@db1 (high)`,
    );
    expect(world.outbox.entries).toEqual([]);
    expect(world.types).not.toContain('integration.delivery_failed');
  });

  test('delays nobody else', async () => {
    world.answer = (name, letter) => {
      if (name === 'down') return new Promise(() => undefined);
      world.letters.push({ receiver: name, letter });
      return DELIVERED;
    };
    await world.serve('down', 'up');
    await world.hold();
    expect(world.known('up')).toHaveLength(1);
    expect(await world.dispatcher.report()).toMatchObject([
      { name: 'down', waiting: 1 },
      { name: 'up', waiting: 0 },
    ]);
  });
});

describe('attempts', () => {
  /** When attempts are made, s after the first. */
  async function attemptsWithin(ms: number, attempt: Attempt): Promise<readonly number[]> {
    const times: number[] = [];
    const start = world.clock.now();
    world.answer = () => {
      times.push((world.clock.now() - start) / 1000);
      return attempt;
    };
    await world.serve('ops');
    await world.hold();
    await world.pass(ms, 500);
    return times;
  }

  test('are made at growing distances, at most a minute', async () => {
    expect(await attemptsWithin(250_000, FAILED)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
  });

  test('wait as long as the receiver asks for, within reason', async () => {
    expect(await attemptsWithin(40_000, { ...FAILED, retryAfter: 17_000 })).toEqual([0, 17, 34]);
    world = new World();
    expect(await attemptsWithin(1_300_000, { ...FAILED, retryAfter: 9e9 })).toEqual([0, 600, 1200]);
  });

  test('that take too long are ended', async () => {
    world.answer = (_name, _letter, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(FAILED));
      });
    await world.serve('ops');
    await world.hold();
    await world.pass(9999);
    expect((await world.dispatcher.report())[0]?.trouble).toBeNull();
    await world.pass(1);
    expect((await world.dispatcher.report())[0]?.trouble).toBe('answered 500');
  });

  test('that throw are failures like others', async () => {
    world.answer = () => Promise.reject(new TypeError('a mistake'));
    await world.serve('ops');
    await world.hold();
    expect((await world.dispatcher.report())[0]?.trouble).toBe('a mistake');
    world.answer = taking(() => DELIVERED);
    await world.pass(1000);
    expect(world.known('ops')).toHaveLength(1);
  });
});

describe('giving up', () => {
  test('what a receiver refuses is not sent again, and the next one is', async () => {
    const answers = [{ kind: 'refused', why: 'answered 410' } as const, DELIVERED];
    world.answer = taking(() => answers.shift() ?? FAILED);
    await world.serve('ops');
    const request = await world.hold();
    await world.hold();
    expect(world.known('ops')).toHaveLength(2);
    expect(world.outbox.entries).toEqual([]);
    expect(world.audit[0]).toMatchObject({
      type: 'integration.delivery_failed',
      outcome: 'failure',
      reason: 'answered 410',
      detail: { receiver: 'ops', count: 1, requests: [request.statement.uid] },
    });
  });

  test('what is too old is given up after another failure, and what is young stays', async () => {
    world.answer = () => FAILED;
    await world.serve('ops');
    await world.hold();
    await world.pass(HOUR / 2, 1000);
    const young = await world.hold();
    await world.pass(HOUR / 2 + 60_000, 1000);
    expect(world.outbox.entries.map(({ uid }) => uid)).toEqual([young.statement.uid]);
    expect(world.audit).toMatchObject([{ reason: 'not delivered within 1 h: answered 500', detail: { count: 1 } }]);
  });

  test('too many: the oldest go, also while the lane rests', async () => {
    world.answer = () => ({ ...FAILED, retryAfter: HOUR });
    await world.serve('ops');
    const requests: HeldRequest[] = [];
    for (let i = 0; i < 8; i++) requests.push(await world.hold());
    expect(world.outbox.entries.map(({ uid }) => uid)).toEqual(requests.slice(3).map(({ statement }) => statement.uid));
    expect(world.audit.every(({ reason }) => reason === 'more than 5 were waiting')).toBe(true);
  });

  test('what waits for a receiver that was taken away is given up, what waits for others is sent', async () => {
    world.answer = () => FAILED;
    await world.serve('gone', 'stays');
    await world.hold();
    world.answer = taking(() => DELIVERED);
    await world.serve('stays');
    expect(world.letters.map((one) => one.receiver)).toEqual(['stays']);
    expect(world.outbox.entries).toEqual([]);
    expect(world.audit[0]).toMatchObject({
      reason: 'there is no such receiver any more',
      detail: { receiver: 'gone', count: 1 },
    });
  });

  test('a request that is forgotten cannot be told', async () => {
    world.answer = () => FAILED;
    await world.serve('ops');
    await world.hold();
    world.outbox.requests.clear();
    await world.pass(1000);
    expect(world.audit[0]).toMatchObject({ reason: 'what it tells of is forgotten' });
  });
});

describe('what must not happen', () => {
  test('an outbox that fails stops the lane, and is reported', async () => {
    await world.serve('ops');
    world.outbox.broken = new RangeError('no disk');
    await world.hold();
    world.outbox.broken = null;
    await world.hold();
    expect(world.failures).toEqual(['notifications to ops stopped']);
    expect(world.outbox.entries).toHaveLength(2);
  });

  test('a request that nobody can read refuses no change', async () => {
    await world.serve('ops');
    const request = newRequest(world.clock.now());
    expect(() => world.outbox.change(Object.assign({}, request, { steps: null }))).not.toThrow();
    expect(world.failures).toEqual(['a notification']);
  });

  test('nothing is sent after it was stopped, and nothing is lost by it', async () => {
    world.answer = taking(() => DELIVERED);
    await world.serve('ops');
    await world.dispatcher.stop();
    await world.hold();
    expect(world.letters).toEqual([]);
    expect(world.outbox.entries).toHaveLength(1);
    await world.restart(['ops']);
    expect(world.letters).toHaveLength(1);
  });

  test('a trial is sent once and leaves no trace in the outbox', async () => {
    world.answer = taking(() => FAILED);
    expect(await world.dispatcher.tryOut(receiver('ops'), 'root')).toEqual(FAILED);
    expect(world.letters).toMatchObject([{ letter: { type: 'test', data: { by: 'root' } } }]);
    expect(world.outbox.entries).toEqual([]);
  });
});

type Mood = 'well' | 'down' | 'lost answers' | 'hangs';

type Event =
  | { readonly kind: 'news'; readonly denies: boolean }
  | { readonly kind: 'restart' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'mood'; readonly mood: Mood };

const moods = fc.constantFrom<Mood>('well', 'down', 'lost answers', 'hangs');

const events = fc.array(
  fc.oneof(
    fc.boolean().map((denies): Event => ({ kind: 'news', denies })),
    fc.constant<Event>({ kind: 'restart' }),
    fc.integer({ min: 1, max: 90_000 }).map((ms): Event => ({ kind: 'pass', ms })),
    moods.map((mood): Event => ({ kind: 'mood', mood })),
  ),
  { maxLength: 30 },
);

/** A receiver whose mood changes, and what happens besides. */
class Weather {
  mood: Mood = 'well';
  readonly #open: HeldRequest[] = [];

  constructor() {
    world.answer = (name, letter, signal) => {
      if (this.mood === 'hangs') {
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(FAILED));
        });
      }
      if (this.mood !== 'down') world.letters.push({ receiver: name, letter });
      return this.mood === 'well' ? DELIVERED : FAILED;
    };
  }

  async apply(event: Event): Promise<void> {
    switch (event.kind) {
      case 'news':
        return this.#news(event.denies);
      case 'restart':
        return world.restart(['ops']);
      case 'pass':
        return world.pass(event.ms, 10_000);
      case 'mood':
        this.mood = event.mood;
    }
  }

  async #news(denies: boolean): Promise<void> {
    // The outbox of these tests is small; what it drops has a test of its own.
    if (world.outbox.entries.length >= 5) return;
    const open = denies ? this.#open.shift() : undefined;
    if (open !== undefined) await world.deny(open);
    else this.#open.push(await world.hold());
  }
}

test('any order of news, failures, lost answers and crashes: all of it arrives, in order, once for who drops what it knows', async () => {
  await fc.assert(
    fc.asyncProperty(events, async (all) => {
      world = new World();
      const weather = new Weather();
      await world.serve('ops');
      for (const event of all) await weather.apply(event);
      weather.mood = 'well';
      await world.pass(120_000, 5000);
      expect(world.known('ops')).toEqual(world.outbox.announced);
      expect(world.outbox.entries).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
