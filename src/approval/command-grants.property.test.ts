/**
 * Random interleavings of everything that can happen to a remembered approval, against a model that is too simple to be
 * wrong: at most so many passes as were allowed, only of the same line of the same person, only in time by both clocks,
 * only while its people have their authority and nothing has ended it, only in the run that gave it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeskWorld, draft, requirement, stage } from '../../test/support/desk-world.ts';
import { type Disturbance, disturb, disturbances } from '../../test/support/disturb-world.ts';
import { SoftwareKey } from '../../test/support/software-keys.ts';
import { TEST_SEED } from '../../test/support/test-seed.ts';
import type { GrantTerms } from '../model/grant-terms.ts';
import type { HoldDraft } from './hold-draft.ts';

const MINUTES = 15;
const ASKED = requirement([stage({ role: 'sre' }, { factors: ['totp', 'signature'] })]);
const KEY = new SoftwareKey('ssh-ed25519');

/** Lines that are held; only the first is the one that was approved. */
const LINES: readonly Partial<HoldDraft>[] = [{}, { user: 'erin' }, { command: 'rm -r other' }, { target: 'db2' }];

type Action =
  | { readonly kind: 'pass'; readonly line: number; readonly times: number }
  | { readonly kind: 'restart' | 'void' | 'revoke' | 'review' }
  | { readonly kind: 'disturb'; readonly what: Disturbance };

/** Where the desk and its grants may fail. */
const STEPS = ['store.consume', 'store.open', 'approval.consumed', 'grant.used', 'people.find', 'grants.end'];

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      line: fc.constantFrom(0, 0, 0, 0, 1, 2, 3),
      times: fc.integer({ min: 1, max: 4 }),
    }),
    weight: 12,
  },
  {
    arbitrary: fc.record({ kind: fc.constant('disturb' as const), what: disturbances(['alice', 'bob'], STEPS) }),
    weight: 9,
  },
  { arbitrary: fc.record({ kind: fc.constantFrom('restart', 'void', 'revoke', 'review') }), weight: 1 },
);

class Model {
  readonly disabled: Set<string> = new Set();
  readonly #born: { readonly wall: number; readonly monotonic: number };
  readonly #uses: number;
  readonly #world: DeskWorld;
  ended = false;
  passes = 0;

  constructor(world: DeskWorld, uses: number) {
    this.#world = world;
    this.#uses = uses;
    this.#born = { wall: world.clock.now(), monotonic: world.clock.monotonic() };
  }

  /** How many more may pass now. */
  get room(): number {
    const wall = this.#world.clock.now() - this.#born.wall;
    const elapsed = this.#world.clock.monotonic() - this.#born.monotonic;
    const inTime = wall < MINUTES * 60_000 && elapsed < MINUTES * 60_000 && wall - elapsed >= -5000;
    return !this.ended && inTime && this.disabled.size === 0 ? this.#uses - this.passes : 0;
  }
}

const runs = fc.record({
  uses: fc.integer({ min: 1, max: 4 }),
  /** Approved by a signature over the terms, or by a code. */
  signed: fc.boolean(),
  actions: fc.array(action, { maxLength: 30 }),
});

test(`a remembered approval never lets more pass than it may (HELDLINE_SEED=${TEST_SEED})`, async () => {
  let passes = 0;
  await fc.assert(
    fc.asyncProperty(runs, async ({ uses, signed, actions }) => {
      const world = new DeskWorld({ quota: 1000 });
      world.key('bob', KEY);
      const terms = termsOf(uses);
      const first = await world.desk.open(held(terms, {}));
      const signature = world.signature(first, 'bob', KEY, { grant: true });
      await world.vote(first, 'bob', signed ? { code: null, signature, grant: true } : { grant: true });
      await world.consume(first);
      await world.settle();
      const model = new Model(world, uses);
      for (const one of actions) await perform(one, world, model, terms);
      passes += model.passes;
    }),
    { numRuns: 2000, seed: TEST_SEED },
  );
  // A property of grants by which nothing ever passes would say nothing.
  expect(passes).toBeGreaterThan(500);
}, 120_000);

function termsOf(uses: number): GrantTerms {
  return { scope: 'command', rules: ['deletes'], words: null, inSession: false, minutes: MINUTES, uses, cost: 1 };
}

function held(grant: GrantTerms, changes: Partial<HoldDraft>): HoldDraft {
  const base = draft(ASKED);
  return { ...base, decision: { ...base.decision, grant }, ...changes };
}

async function perform(one: Action, world: DeskWorld, model: Model, terms: GrantTerms): Promise<void> {
  switch (one.kind) {
    case 'disturb':
      return disturb(one.what, world, model.disabled);
    case 'pass':
      return pass(one, world, model, terms);
    case 'restart':
      model.ended = true;
      world.restart();
      world.troubles.clear();
      return world.grants.start();
    case 'void':
      model.ended = true;
      await untilDone(
        world,
        world.grants.voidWhere(() => true, 'test'),
      );
      return;
    case 'revoke':
      model.ended = true;
      return revokeAll(world);
    case 'review':
      if (model.disabled.size > 0) model.ended = true;
      await untilDone(world, world.grants.reviewPeople());
  }
}

/** Several at once: they race for the uses that are left. */
async function pass(
  { line, times }: Extract<Action, { kind: 'pass' }>,
  world: DeskWorld,
  model: Model,
  terms: GrantTerms,
): Promise<void> {
  const room = line === 0 ? model.room : 0;
  const attempts = [...Array(times)].map(async () => {
    const request = await world.desk.open(held(terms, LINES[line] ?? {}));
    return request.state === 'approved' && (await world.consume(request)).kind === 'granted';
  });
  const outcomes = (await untilDone(world, Promise.allSettled(attempts))) ?? [];
  const passed = outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value).length;
  expect(passed).toBeLessThanOrEqual(room);
  model.passes += passed;
  const spent = Math.max(0, ...(await world.grants.list()).map((grant) => grant.used));
  expect(spent).toBeGreaterThanOrEqual(model.passes);
  expect(spent).toBeLessThanOrEqual(terms.uses);
}

async function revokeAll(world: DeskWorld): Promise<void> {
  for (const grant of await world.grants.list()) {
    await untilDone(
      world,
      world.grants.revoke(grant, 'bob').catch(() => undefined),
    );
  }
}

/** Waits for `work`; what hangs is cut off by the desk's own deadline, or by us. */
async function untilDone<T>(world: DeskWorld, work: Promise<T>): Promise<T | undefined> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  await world.settle();
  for (let rounds = 0; !done && rounds < 6; rounds++) {
    world.clock.advance(5000);
    await world.settle();
  }
  return done ? watched : undefined;
}
