/**
 * Random interleavings of everything that can happen around break-glass, against a model that is too simple to be wrong:
 * nothing passes without an open break-glass of its person, in time by both clocks, of this run, of this policy, outside of a
 * lockdown, with role and account in order; what was held for people is not released by it; and nobody begins another one
 * before somebody else has reviewed the last.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeskWorld, requirement, stage } from '../../test/support/desk-world.ts';
import { type Disturbance, disturb, disturbances } from '../../test/support/disturb-world.ts';
import { TEST_SEED } from '../../test/support/test-seed.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { BreakGlass } from './break-glass-ports.ts';

const MINUTES = 30;
/** Those with the role; erin has none. */
const NAMES = ['bob', 'carol', 'erin'] as const;

type Action =
  | { readonly kind: 'start'; readonly who: string; readonly code: 'right' | 'wrong'; readonly times: number }
  | { readonly kind: 'open'; readonly who: string }
  | { readonly kind: 'consume' }
  | { readonly kind: 'vote'; readonly who: string }
  | { readonly kind: 'review'; readonly who: string; readonly of: string }
  | { readonly kind: 'end' | 'demote' | 'promote'; readonly who: string }
  | { readonly kind: 'lock' | 'unlock' | 'policy' | 'restart' | 'people' }
  | { readonly kind: 'disturb'; readonly what: Disturbance };

const STEPS = [
  'store.open',
  'store.advance',
  'store.consume',
  'approval.consumed',
  'breakglass.started',
  'breakglass.used',
  'breakglass.ended',
  'breakglass.reviewed',
  'breakGlasses.begin',
  'breakGlasses.end',
  'breakGlasses.review',
  'people.find',
];

const who = fc.constantFrom(...NAMES);
const kind = <T extends string>(name: T) => fc.constant(name);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: kind('start'),
      who,
      code: fc.constantFrom('right', 'right', 'right', 'wrong'),
      times: fc.integer({ min: 1, max: 2 }),
    }),
    weight: 10,
  },
  { arbitrary: fc.record({ kind: kind('open'), who }), weight: 12 },
  { arbitrary: fc.record({ kind: kind('consume') }), weight: 12 },
  { arbitrary: fc.record({ kind: kind('vote'), who }), weight: 2 },
  { arbitrary: fc.record({ kind: kind('review'), who, of: who }), weight: 4 },
  { arbitrary: fc.record({ kind: fc.constantFrom('end', 'demote', 'promote', 'promote'), who }), weight: 3 },
  {
    arbitrary: fc.record({ kind: fc.constantFrom('lock', 'unlock', 'unlock', 'policy', 'restart', 'people') }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: kind('disturb'), what: disturbances(NAMES, STEPS) }), weight: 6 },
);

interface Open {
  readonly wall: number;
  readonly monotonic: number;
  readonly policy: string;
}

/** What must be true of a pass, kept beside the desk. */
class Model {
  readonly world: DeskWorld = new DeskWorld({ quota: 10_000 });
  readonly disabled: Set<string> = new Set();
  readonly roleless: Set<string> = new Set(['erin']);
  /** Begun, and not ended by anything but time. */
  readonly open: Map<string, Open> = new Map();
  readonly unreviewed: Map<string, BreakGlass> = new Map();
  readonly waiting: ApprovalRequest[] = [];
  /** Uids that people approved. */
  readonly approved: Set<string> = new Set();
  readonly released: Set<string> = new Set();
  passes = 0;
  reviews = 0;

  /** People are judged at the release. */
  mayPass(name: string): boolean {
    return this.isOpen(name) && !this.disabled.has(name) && !this.roleless.has(name);
  }

  isOpen(name: string): boolean {
    const open = this.open.get(name);
    if (open === undefined) return false;
    const wall = this.world.clock.now() - open.wall;
    const elapsed = this.world.clock.monotonic() - open.monotonic;
    const inTime = wall < MINUTES * 60_000 && elapsed < MINUTES * 60_000 && wall - elapsed >= -5000;
    return inTime && !this.world.lockedDown && open.policy === this.world.policyHash;
  }
}

test(`nothing passes without an open break-glass of its person (HELDLINE_SEED=${TEST_SEED})`, async () => {
  let passes = 0;
  let reviews = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40, size: 'large' }), async (actions) => {
      const model = new Model();
      for (const one of actions) await perform(one, model);
      passes += model.passes;
      reviews += model.reviews;
    }),
    { numRuns: 3000, seed: TEST_SEED },
  );
  // A property of a glass that nobody ever breaks would say nothing.
  expect(passes).toBeGreaterThan(300);
  expect(reviews).toBeGreaterThan(30);
}, 180_000);

async function perform(one: Action, model: Model): Promise<void> {
  const { world } = model;
  switch (one.kind) {
    case 'start':
      return start(one, model);
    case 'open':
      return open(one.who, model);
    case 'consume':
      return consume(model);
    case 'vote':
      return vote(one.who, model);
    case 'review':
      return review(one, model);
    case 'end':
      return end(one.who, model);
    case 'demote':
      model.roleless.add(one.who);
      return world.person(one.who, { roles: ['dev'] });
    case 'promote':
      if (one.who === 'erin') return;
      model.roleless.delete(one.who);
      return world.person(one.who, { roles: ['sre'] });
    case 'lock':
      model.open.clear();
      world.lockedDown = true;
      await untilDone(
        world,
        world.breakGlasses.endWhere(() => true, 'lockdown'),
      );
      return;
    case 'unlock':
      world.lockedDown = false;
      return;
    case 'policy':
      world.policyHash = world.policyHash === 'sha256:policy' ? 'sha256:other' : 'sha256:policy';
      return;
    case 'restart':
      model.open.clear();
      world.restart();
      world.troubles.clear();
      return world.breakGlasses.start();
    case 'people':
      await untilDone(world, world.breakGlasses.reviewPeople());
      return;
    case 'disturb':
      return disturb(one.what, world, model.disabled);
  }
}

/** Also twice at once: they race. */
async function start({ who: name, code, times }: Extract<Action, { kind: 'start' }>, model: Model): Promise<void> {
  const { world } = model;
  const isSettled = !model.unreviewed.has(name);
  const races = [...Array(times)].map(() => world.breakTheGlass(name, code));
  const begun = await untilDone(world, Promise.all(races));
  const opened = (begun ?? []).flatMap((one) => (one.kind === 'open' ? [one.breakGlass] : []));
  const mayBegin =
    isSettled && code === 'right' && !model.disabled.has(name) && !model.roleless.has(name) && !world.lockedDown;
  expect(opened.length).toBeLessThanOrEqual(mayBegin ? 1 : 0);
  const stored = (await world.breakGlasses.list()).filter((one) => one.user === name && one.review === null);
  expect(stored.length).toBeLessThanOrEqual(1);
  for (const one of stored) model.unreviewed.set(name, one);
  for (const { from, policyHash } of opened) {
    model.open.set(name, { wall: from, monotonic: world.clock.monotonic(), policy: policyHash });
  }
}

/** A line under break-glass, and one for people at the same time. */
async function open(name: string, model: Model): Promise<void> {
  const { world } = model;
  const allowed = model.isOpen(name);
  const asked = requirement([stage({ role: 'lead' })]);
  const attempts = [world.openUnderGlass(name), world.open({ user: name }, asked)];
  const [passing, plain] = (await untilDone(world, Promise.allSettled(attempts))) ?? [];
  if (passing?.status === 'fulfilled') {
    expect(allowed).toBe(true);
    expect(passing.value.state).toBe('approved');
    model.waiting.push(passing.value);
  }
  if (plain?.status === 'fulfilled') {
    expect(plain.value.state).toBe('pending');
    model.waiting.push(plain.value);
  }
}

async function consume(model: Model): Promise<void> {
  const { world } = model;
  const request = model.waiting.shift();
  if (request === undefined) return;
  const { uid, user } = request.statement;
  const isPass = request.byBreakGlass !== undefined;
  const allowed = isPass ? model.mayPass(user) : model.approved.has(uid) && !model.disabled.has(user);
  const outcomes = await untilDone(world, Promise.all([world.consume(request), world.consume(request)]));
  const granted = (outcomes ?? []).filter((outcome) => outcome.kind === 'granted').length;
  expect(granted).toBeLessThanOrEqual(allowed ? 1 : 0);
  expect(granted === 1 && model.released.has(uid)).toBe(false);
  if (granted === 0) return;
  model.released.add(uid);
  if (isPass) model.passes += 1;
  expect(world.events.filter(({ type }) => type === 'breakglass.used').length).toBeGreaterThanOrEqual(model.passes);
}

/** Only carol, while she has it, has the role that the plain lines ask for. */
async function vote(name: string, model: Model): Promise<void> {
  const { world } = model;
  const request = model.waiting.find(({ byBreakGlass }) => byBreakGlass === undefined);
  if (request === undefined) return;
  const outcome = await untilDone(world, world.vote(request, name));
  if (outcome?.kind !== 'approved') return;
  expect(name).not.toBe(request.statement.user);
  model.approved.add(request.statement.uid);
}

async function review({ who: by, of }: Extract<Action, { kind: 'review' }>, model: Model): Promise<void> {
  const { world } = model;
  const one = model.unreviewed.get(of);
  if (one === undefined) return;
  const latest = (await world.breakGlasses.list()).find(({ uid }) => uid === one.uid);
  const mayReview = by !== of && !model.disabled.has(by) && !model.roleless.has(by) && latest?.state === 'ended';
  const reviewer = { name: by, keyFingerprint: `SHA256:${by}` };
  await untilDone(
    world,
    world.breakGlasses.review(one, reviewer, null).catch(() => undefined),
  );
  const after = (await world.breakGlasses.list()).find(({ uid }) => uid === one.uid);
  if (after?.review == null) return;
  expect(mayReview).toBe(true);
  model.unreviewed.delete(of);
  model.open.delete(of);
  model.reviews += 1;
}

async function end(name: string, model: Model): Promise<void> {
  const { world } = model;
  const one = model.unreviewed.get(name);
  if (one === undefined) return;
  model.open.delete(name);
  await untilDone(
    world,
    world.breakGlasses.end(one, name).catch(() => undefined),
  );
}

/** Waits for `work`; what hangs is cut off by a deadline, or by us. */
async function untilDone<T>(world: DeskWorld, work: Promise<T>): Promise<T | undefined> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  // A start is a whole approval: it takes many steps that wait for nothing.
  const settle = async (): Promise<void> => {
    for (let rounds = 0; !done && rounds < 8; rounds++) await world.settle();
  };
  await settle();
  for (let rounds = 0; !done && rounds < 6; rounds++) {
    world.clock.advance(5000);
    await settle();
  }
  return done ? watched : undefined;
}
