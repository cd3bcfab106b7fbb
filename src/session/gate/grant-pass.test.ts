/** A line that passes by a remembered approval: nobody is asked, and it is released as strictly as any other. */
import { describe, expect, test } from 'vitest';
import { GateBed, SECOND } from '../../../test/support/gate-bed.ts';
import { CODE, principalNamed } from '../../../test/support/memory-approvals.ts';
import { PaperTracker } from '../../../test/support/paper-tracker.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import type { Decision } from '../../model/decision.ts';
import type { GrantTerms } from '../../model/grant-terms.ts';

const TERMS: GrantTerms = {
  scope: 'command',
  rules: ['rm-recursive'],
  words: null,
  inSession: false,
  minutes: 15,
  uses: 2,
  cost: 1,
};

interface World {
  readonly bed: GateBed;
  readonly tracker: PaperTracker;
}

/** bob approved `rm -r old` with a grant, and it ran once. */
async function granted(terms = TERMS): Promise<World> {
  const bed = new GateBed({
    requirement: SECOND,
    tracker: (emulator, clock, shell) => new PaperTracker(emulator, clock, shell),
  });
  if (!(bed.tracker instanceof PaperTracker)) throw new TypeError('another tracker');
  bed.judge = async (text) => remembered(bed.decide(text), terms);
  await bed.hold();
  const { statement, digest } = bed.approvals.open;
  const { uid, policyHash } = statement;
  const voter = principalNamed('bob');
  const vote = { uid, policyHash, digest, voter, verdict: 'approve', code: CODE, door: 'ssh', reason: null } as const;
  expect(await bed.approvals.desk.vote({ ...vote, grant: true })).toMatchObject({ kind: 'approved' });
  await bed.pass(1500);
  expect(bed.executed).toEqual(['rm -r old']);
  return { bed, tracker: bed.tracker };
}

function remembered(decision: Decision, grant: GrantTerms): Decision {
  return decision.effect === 'approve' ? { ...decision, grant } : decision;
}

async function again(bed: GateBed, ms = 1500): Promise<void> {
  await bed.enter('rm -r old');
  await bed.enter('\r', ms);
}

test('runs as often as was allowed, is told and written down, then is asked about', async () => {
  const { bed } = await granted();
  await again(bed);
  expect(bed.executed).toHaveLength(2);
  expect(bed.seen).toMatch(/heldline: \w{4} passes by grant \w{4}\. Running once\./);
  await again(bed);
  expect(bed.executed).toHaveLength(3);
  expect(bed.released).toHaveLength(3);
  await again(bed);
  expect(bed.executed).toHaveLength(3);
  expect(bed.seen).toMatch(/HELD \w{4}/);
  const log = bed.approvals.audit.events.filter(({ type }) => type === 'grant.used' || type === 'command.released');
  expect(log.map(({ type }) => type)).toEqual([
    'command.released',
    'grant.used',
    'command.released',
    'grant.used',
    'command.released',
  ]);
  const [first, ...passes] = log;
  expect(first?.grant).toBeUndefined();
  const [grant] = await bed.approvals.grants.list();
  expect(passes.every((event) => event.grant?.['uid'] === grant?.uid)).toBe(true);
  expect(bed.markers.filter((marker) => marker.startsWith('APPROVED'))).toEqual([
    'APPROVED bob',
    `APPROVED by grant ${grant?.id}`,
    `APPROVED by grant ${grant?.id}`,
  ]);
});

test('is cleared and typed again like any approved line', async () => {
  const { bed } = await granted();
  const before = bed.sent.length;
  await again(bed);
  const typed = bed.sent.slice(before).map(({ bytes }) => Buffer.from(bytes).toString());
  expect(typed.filter((text) => text.includes('rm -r old')).length).toBeGreaterThan(1);
});

type Fault = () => Promise<never>;

const STEPS: readonly (readonly [string, (world: World, fault: Fault) => void])[] = [
  ['deciding again', ({ bed }, fault) => failSecond(bed, fault)],
  ['consuming in the store', ({ bed }, fault) => failStore(bed, 'consume', fault)],
  ['writing down the consumption', ({ bed }, fault) => failAudit(bed, 'approval.consumed', fault)],
  ['writing down the use', ({ bed }, fault) => failAudit(bed, 'grant.used', fault)],
  ['writing down the release', ({ bed }, fault) => failAudit(bed, 'command.released', fault)],
  [
    'recording the release',
    ({ bed }, fault) => {
      bed.critical = fault;
    },
  ],
];

/** The first judgement finds the grant, the one before the release fails. */
function failSecond(bed: GateBed, fault: Fault): void {
  let asked = 0;
  bed.judge = (text) => {
    asked += 1;
    return asked === 1 ? Promise.resolve(remembered(bed.decide(text), TERMS)) : fault();
  };
}

function failStore(bed: GateBed, verb: string, fault: Fault): void {
  bed.approvals.store.before = (called) => (called === verb ? fault() : Promise.resolve());
}

function failAudit(bed: GateBed, type: string, fault: Fault): void {
  bed.approvals.audit.before = (draft) => (draft.type === type ? fault() : Promise.resolve());
}

describe.each(STEPS)('when %s', (_, inject) => {
  test.each<[string, Fault]>([
    ['throws', () => Promise.reject(new HeldlineError('test.fault', 'broken'))],
    ['hangs', () => new Promise(() => {})],
  ])('%s, the key is not written', async (__, fault) => {
    const world = await granted();
    inject(world, fault);
    await again(world.bed, 20_000);
    expect(world.bed.executed).toHaveLength(1);
    expect(world.bed.released).toHaveLength(1);
    expect(world.bed.shell.line).toBe('');
    expect((await world.bed.approvals.grants.list())[0]?.used).toBeLessThanOrEqual(1);
  });
});

test.each<[string, (bed: GateBed) => void]>([
  ['the policy changes', (bed) => failInto(bed, { policyHash: 'policy-2' })],
  ['another rule holds it too', (bed) => failInto(bed, { grant: { ...TERMS, rules: ['more', 'rm-recursive'] } })],
  ['nothing may be remembered any more', (bed) => failInto(bed, { grant: undefined })],
  ['it is denied by now', (bed) => failInto(bed, { effect: 'deny', requirement: null })],
])('when %s between the use and the release, the key is not written', async (_, change) => {
  const { bed } = await granted();
  change(bed);
  await again(bed);
  expect(bed.executed).toHaveLength(1);
  expect((await bed.approvals.grants.list())[0]?.used).toBe(0);
});

/** The second judgement of the line is another one. */
function failInto(bed: GateBed, change: { readonly [K in keyof Decision]?: Decision[K] | undefined }): void {
  let asked = 0;
  bed.judge = async (text) => {
    asked += 1;
    const { grant, ...decision } = remembered(bed.decide(text), TERMS);
    if (asked === 1) return { ...decision, ...(grant === undefined ? {} : { grant }) };
    const { grant: other, ...changed } = { grant, ...change };
    return Object.assign({}, decision, changed, other === undefined ? {} : { grant: other });
  };
}

test('a client that is out of reach releases nothing', async () => {
  const { bed } = await granted();
  bed.presence = 'detached';
  await again(bed);
  expect(bed.executed).toHaveLength(1);
});

test('in a lockdown that voided it, the line is asked about', async () => {
  const { bed } = await granted();
  await bed.approvals.grants.voidWhere(() => true, 'the bastion was locked down');
  await again(bed);
  expect(bed.executed).toHaveLength(1);
  expect(bed.seen).toMatch(/HELD \w{4}/);
});
