/**
 * Random interleavings of everything that can happen to a held line, against a model that is too simple to be
 * wrong: a line is released at most once, only with enough different people who were asked and whose codes or
 * signatures were right, only by the run that held it, only before its end.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BREAK_GLASS, DeskWorld, requirement, stage } from '../../test/support/desk-world.ts';
import { type Disturbance, disturb, disturbances } from '../../test/support/disturb-world.ts';
import { SoftwareKey } from '../../test/support/software-keys.ts';
import { TEST_SEED } from '../../test/support/test-seed.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { type Factor, type Requirement, SELF_REQUIREMENT } from '../model/requirement.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const;
const EXPIRES = 600_000;

/** Requirements with a plain statement of which sets of approvers answer them. */
const REQUIREMENTS: readonly { readonly asked: Requirement; readonly enough: (who: ReadonlySet<string>) => boolean }[] =
  [
    { asked: { ...SELF_REQUIREMENT, expires: EXPIRES }, enough: (who) => who.has('alice') },
    { asked: requirement([stage({ role: 'sre' })]), enough: (who) => who.has('bob') || who.has('carol') },
    { asked: requirement([stage({ role: 'sre' }, { count: 2 })]), enough: (who) => who.has('bob') && who.has('carol') },
    {
      asked: requirement([stage({ role: 'sre' }), stage({ role: 'lead' })]),
      enough: (who) =>
        (who.has('bob') && (who.has('carol') || who.has('dave'))) || (who.has('carol') && who.has('dave')),
    },
    {
      asked: requirement([stage('requester'), stage({ role: 'lead' })], { mode: 'sequential' }),
      enough: (who) => who.has('alice') && (who.has('carol') || who.has('dave')),
    },
    {
      asked: requirement([stage({ role: 'sre' }, { factors: ['sk-signature'] })]),
      enough: (who) => who.has('bob') || who.has('carol'),
    },
    {
      asked: requirement([stage({ role: 'sre' }, { count: 2, factors: ['totp', 'signature'] })]),
      enough: (who) => who.has('bob') && who.has('carol'),
    },
  ];

/** What everybody signs with; the key of erin, who is never asked, is also tried as that of others. */
const TOKENS: ReadonlyMap<string, SoftwareKey> = new Map(
  NAMES.map((name) => [name, new SoftwareKey('sk-ssh-ed25519@openssh.com')]),
);

/** `signed`: right; the others are a signature sent before, one over another request, and one of another's key. */
const SIGNATURES = ['signed', 'sent-before', 'of-another-request', 'of-another-key'] as const;
type SignatureKind = (typeof SIGNATURES)[number];

type Action =
  | { readonly kind: 'vote'; readonly who: string; readonly code: string; readonly verdict: 'approve' | 'deny' }
  | { readonly kind: 'sign'; readonly who: string; readonly how: SignatureKind }
  | { readonly kind: 'consume'; readonly times: number }
  | { readonly kind: 'restart' | 'recover' | 'cancel' | 'review' | 'break-glass' }
  | { readonly kind: 'disturb'; readonly what: Disturbance };

/** Where the desk may fail. */
const STEPS = [
  'store.advance',
  'store.consume',
  'approval.vote',
  'approval.approved',
  'approval.consumed',
  'people.find',
  'signatures.verify',
];

const who = fc.constantFrom(...NAMES);
const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: vote(), weight: 16 },
  { arbitrary: signature(), weight: 8 },
  {
    arbitrary: fc.record({ kind: fc.constant('consume' as const), times: fc.integer({ min: 1, max: 3 }) }),
    weight: 10,
  },
  { arbitrary: fc.record({ kind: fc.constant('disturb' as const), what: disturbances(NAMES, STEPS) }), weight: 6 },
  {
    arbitrary: fc.record({ kind: fc.constantFrom('restart', 'recover', 'cancel', 'review', 'break-glass') }),
    weight: 1,
  },
);

function vote(): fc.Arbitrary<Action> {
  const code = fc.constantFrom('right', 'right', 'right', 'wrong', 'used', 'paused');
  const verdict = fc.constantFrom<'approve' | 'deny'>(
    'approve',
    'approve',
    'approve',
    'approve',
    'approve',
    'approve',
    'approve',
    'deny',
  );
  return fc.record({ kind: fc.constant('vote' as const), who, code, verdict });
}

function signature(): fc.Arbitrary<Action> {
  const how = fc.constantFrom('signed' as const, 'signed' as const, ...SIGNATURES);
  return fc.record({ kind: fc.constant('sign' as const), who, how });
}

/** What must be true of a release, kept beside the desk. */
class Model {
  readonly approvers: Set<string> = new Set();
  readonly disabled: Set<string> = new Set();
  /** Whose signature has counted, and what each has sent last. */
  readonly signers: Set<string> = new Set();
  readonly sent: Map<string, string> = new Map();
  readonly born: number;
  readonly bornMonotonic: number;
  ended = false;
  restarted = false;
  releases = 0;

  constructor(world: DeskWorld) {
    this.born = world.clock.now();
    this.bornMonotonic = world.clock.monotonic();
  }

  mayRelease(world: DeskWorld, enough: (who: ReadonlySet<string>) => boolean): boolean {
    const wall = world.clock.now() - this.born;
    const elapsed = world.clock.monotonic() - this.bornMonotonic;
    const good = new Set([...this.approvers].filter((name) => !this.disabled.has(name)));
    return (
      !this.ended &&
      !this.restarted &&
      this.releases === 0 &&
      !this.disabled.has('alice') &&
      wall < EXPIRES &&
      elapsed < EXPIRES &&
      wall - elapsed >= -5000 &&
      enough(good)
    );
  }
}

test(`never released without the required people, by the holder, in time; never twice (HELDLINE_SEED=${TEST_SEED})`, async () => {
  let releases = 0;
  let signed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...REQUIREMENTS),
      fc.array(action, { maxLength: 25, size: 'large' }),
      async ({ asked, enough }, actions) => {
        const world = new DeskWorld();
        for (const [name, key] of TOKENS) world.key(name, key);
        const request = await world.open({}, asked);
        const model = new Model(world);
        for (const one of actions) await perform(one, world, request, model, enough);
        releases += model.releases;
        if (model.signers.size > 0) signed += model.releases;
      },
    ),
    { numRuns: 10_000, seed: TEST_SEED },
  );
  // A property of a desk that never releases anything would say nothing.
  expect(releases).toBeGreaterThan(50);
  expect(signed).toBeGreaterThan(20);
}, 180_000);

async function perform(
  one: Action,
  world: DeskWorld,
  request: ApprovalRequest,
  model: Model,
  enough: (who: ReadonlySet<string>) => boolean,
): Promise<void> {
  switch (one.kind) {
    case 'disturb':
      return disturb(one.what, world, model.disabled);
    case 'vote':
      return castVote(one, world, request, model);
    case 'sign':
      return castSigned(one, world, request, model);
    case 'consume':
      return consume(one.times, world, request, model, enough);
    case 'restart':
      model.restarted = true;
      return world.restart();
    case 'recover':
      world.troubles.clear();
      await world.desk.recoverAtStart();
      return;
    case 'cancel':
      model.ended = true;
      await untilDone(world, world.desk.cancel(request.statement.uid, 'test'));
      return;
    case 'review':
      await untilDone(world, world.desk.reviewPeople());
      return;
    case 'break-glass':
      // It is of the requester, and what is held already is not released by it.
      world.breakGlass = { ...BREAK_GLASS, roles: ['dev'] };
      await untilDone(world, world.breakTheGlass('alice'));
  }
}

async function castVote(
  { who: name, code, verdict }: Extract<Action, { kind: 'vote' }>,
  world: DeskWorld,
  request: ApprovalRequest,
  model: Model,
): Promise<void> {
  const outcome = await untilDone(world, world.vote(request, name, { code, verdict }));
  if (outcome.kind === 'denied' || outcome.kind === 'cancelled') model.ended = true;
  if (outcome.kind !== 'counted' && outcome.kind !== 'approved') return;
  expect(code).toBe('right');
  expect(takes(request, 'totp')).toBe(true);
  expect(verdict).toBe('approve');
  expect(model.approvers.has(name) && outcome.request.votes.filter((one) => one.approver === name).length > 1).toBe(
    false,
  );
  model.approvers.add(name);
}

async function castSigned(
  { who: name, how }: Extract<Action, { kind: 'sign' }>,
  world: DeskWorld,
  request: ApprovalRequest,
  model: Model,
): Promise<void> {
  const armored = how === 'sent-before' ? (model.sent.get(name) ?? '') : signatureOf(how, name, world, request);
  if (how === 'signed') model.sent.set(name, armored);
  const outcome = await untilDone(world, world.vote(request, name, { code: null, signature: armored }));
  if (outcome.kind !== 'counted' && outcome.kind !== 'approved') return;
  expect(['signed', 'sent-before']).toContain(how);
  expect(takes(request, 'sk-signature', 'signature')).toBe(true);
  expect(model.signers.has(name)).toBe(false);
  model.signers.add(name);
  model.approvers.add(name);
}

function signatureOf(how: SignatureKind, name: string, world: DeskWorld, request: ApprovalRequest): string {
  const key = TOKENS.get(how === 'of-another-key' ? 'erin' : name);
  const statement = { ...request.statement, command: 'rm -r everything' };
  const signed = how === 'of-another-request' || name === 'erin' ? { ...request, statement } : request;
  return key === undefined ? '' : world.signature(signed, name, key);
}

/** Whether some stage takes one of these factors. */
function takes(request: ApprovalRequest, ...factors: readonly Factor[]): boolean {
  return request.requirement.stages.some((one) => one.factors.some((factor) => factors.includes(factor)));
}

/** Also several at once: they race for the same request. */
async function consume(
  times: number,
  world: DeskWorld,
  request: ApprovalRequest,
  model: Model,
  enough: (who: ReadonlySet<string>) => boolean,
): Promise<void> {
  const allowed = model.mayRelease(world, enough);
  const races = [...Array(times)].map(() => world.consume(request));
  const outcomes = await untilDone(world, Promise.all(races));
  const granted = outcomes.filter((outcome) => outcome.kind === 'granted').length;
  expect(granted).toBeLessThanOrEqual(allowed ? 1 : 0);
  model.releases += granted;
  expect(model.releases).toBeLessThanOrEqual(1);
}

/** Waits for `work`; what hangs is cut off by the desk's own deadline, for which the clock moves. */
async function untilDone<T>(world: DeskWorld, work: Promise<T>): Promise<T> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  await world.settle();
  for (let rounds = 0; !done && rounds < 20; rounds++) {
    world.clock.advance(5000);
    await world.settle();
  }
  return watched;
}
