/** The waits for what a submission came to: each has an end of its own, and ends at once when it is aborted. */
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { ChangeWaiter } from './change-waiter.ts';
import { EchoTimes } from './echo-times.ts';
import { Emulator } from './emulator.ts';
import type { LineReading } from './line-reading.ts';
import { PromptMemory } from './prompt-memory.ts';
import type { Submitted } from './submission.ts';
import { SubmissionFate } from './submission-fate.ts';

/** ms that the longest of them may take on a connection of no delay. */
const LONGEST = 1500;

class World {
  readonly clock = new FakeClock();
  readonly waiter = new ChangeWaiter(this.clock);
  readonly times: EchoTimes;
  readonly emulator = new Emulator({ cols: 80, rows: 24 });
  readonly fate: SubmissionFate;
  readonly #abort = new AbortController();

  constructor(roundTrip = 0) {
    this.times = new EchoTimes(() => roundTrip);
    this.fate = new SubmissionFate({ ...this, clock: this.clock, times: this.times });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  giveUp(): void {
    this.#abort.abort();
  }

  output(text: string): void {
    this.emulator.write(Buffer.from(text));
    this.times.outputSeen(this.clock.monotonic());
    this.fate.answered = true;
    this.waiter.changed();
  }

  /** An Enter that nothing has answered yet. */
  submitted(): Submitted {
    const line = { confidence: 'exact', text: 'echo one', context: 'shell', hidden: false } as const;
    const prompt = { text: '$ ', known: true, anchor: 0 };
    const reading: LineReading = { line, candidates: [], path: 'fast', place: 'prompt', prompt, releasable: true };
    const at = this.clock.monotonic();
    const where = { anchor: undefined, cursor: undefined, alternate: false, confirmed: false };
    return { ...where, at, typed: 'echo one', soft: false, reading, effect: undefined };
  }
}

type Wait = (world: World) => Promise<void>;

const WAITS: readonly (readonly [string, Wait])[] = [
  ['for the next prompt', ({ fate, signal }) => fate.promptArrives(new PromptMemory(), signal)],
  [
    'until the effect is believed',
    (world) => {
      const submitted = world.submitted();
      return world.fate.believed(() => submitted, world.signal);
    },
  ],
  ['until the effect is settled', (world) => world.fate.settled(world.submitted(), world.signal)],
];

/** How a wait has ended; `waiting` while it has not. */
function outcomeOf(wait: Promise<void>): { now: string } {
  const outcome = { now: 'waiting' };
  wait.then(
    () => {
      outcome.now = 'over';
    },
    (failure: unknown) => {
      outcome.now = String(failure);
    },
  );
  return outcome;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe.each(WAITS)('the wait %s', (_, wait) => {
  test('that would never end is given up at once, and nothing is left of it', async () => {
    const world = new World();
    const waiting = wait(world);
    const outcome = outcomeOf(waiting);
    await settle();
    expect(outcome.now).toBe('waiting');
    world.giveUp();
    await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
    world.output('late');
    world.clock.advance(LONGEST);
    await settle();
    expect(outcome.now).toContain('given up');
  });

  test('does not begin once it was given up', async () => {
    const world = new World();
    world.giveUp();
    await expect(wait(world)).rejects.toMatchObject({ code: 'aborted' });
  });

  test.each([
    ['nothing comes', 0, () => {}],
    ['output never ends', 0, (world: World) => world.output('.')],
    ['output never ends, far away', 200, (world: World) => world.output('.')],
  ])('ends by itself: %s', async (__, roundTrip, each) => {
    const world = new World(roundTrip);
    const outcome = outcomeOf(wait(world));
    for (let passed = 0; passed < Math.max(LONGEST, 8 * roundTrip) && outcome.now === 'waiting'; passed += 5) {
      each(world);
      world.clock.advance(5);
      await settle();
    }
    expect(outcome.now).toBe('over');
  });
});
