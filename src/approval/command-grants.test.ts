/** Remembered approvals: what passes by them, what ends them, and that a use is spent before anything passes. */
import { describe, expect, test } from 'vitest';
import { DeskWorld, draft, requirement, stage } from '../../test/support/desk-world.ts';
import { SoftwareKey } from '../../test/support/software-keys.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { Decision } from '../model/decision.ts';
import type { GrantTerms } from '../model/grant-terms.ts';
import type { SessionId } from '../model/names.ts';
import type { Requirement } from '../model/requirement.ts';
import type { HoldDraft } from './hold-draft.ts';

const COLLEAGUE = requirement([stage({ role: 'sre' })]);
const SIGNED = requirement([stage({ role: 'sre' }, { factors: ['sk-signature'] })]);
const TERMS: GrantTerms = {
  scope: 'command',
  rules: ['deletes'],
  words: null,
  inSession: false,
  minutes: 15,
  uses: 2,
  cost: 1,
};

function line(terms: GrantTerms | null, asked: Requirement = COLLEAGUE, changes: Partial<HoldDraft> = {}): HoldDraft {
  const held = draft(asked);
  const decision: Decision = terms === null ? held.decision : { ...held.decision, grant: terms };
  return { ...held, decision, ...changes };
}

/** A grant that bob gave alice for `rm -r old-logs`. */
async function granted(terms: GrantTerms = TERMS, world = new DeskWorld()): Promise<DeskWorld> {
  const request = await world.desk.open(line(terms));
  expect(request.state).toBe('pending');
  expect(await world.vote(request, 'bob', { grant: true })).toMatchObject({ kind: 'approved' });
  expect(await world.consume(request)).toMatchObject({ kind: 'granted' });
  await world.settle();
  return world;
}

/** A line of alice's that waits for bob's security key. */
async function signedRequest(): Promise<{ world: DeskWorld; request: ApprovalRequest; key: SoftwareKey }> {
  const world = new DeskWorld();
  const key = new SoftwareKey('sk-ssh-ed25519@openssh.com');
  world.key('bob', key);
  return { world, request: await world.desk.open(line(TERMS, SIGNED)), key };
}

/** Whether the line passes without anybody being asked. */
async function passes(world: DeskWorld, again: HoldDraft = line(TERMS)): Promise<boolean> {
  const request = await world.desk.open(again);
  if (request.state === 'pending') return false;
  expect(request.byGrant).toBeDefined();
  return (await world.consume(request)).kind === 'granted';
}

const states = async (world: DeskWorld): Promise<readonly string[]> =>
  (await world.grants.list()).map((grant) => grant.state);

describe('an approval is remembered', () => {
  test('for the same line, as often as its terms say, each time in the log before it passes', async () => {
    const world = await granted();
    expect(await passes(world)).toBe(true);
    expect(await passes(world)).toBe(true);
    expect(await passes(world)).toBe(false);
    expect(await states(world)).toEqual(['used-up']);
    const [grant] = await world.grants.list();
    const log = world.events.filter((event) => event.type.startsWith('grant.'));
    expect(log.map((event) => [event.type, event.grant?.['id'], event.grant?.['used']])).toEqual([
      ['grant.approved', grant?.id, 0],
      ['grant.used', grant?.id, 1],
      ['grant.used', grant?.id, 2],
    ]);
    expect(log[1]).toMatchObject({ actor: { user: 'alice' }, approval: { uid: expect.any(String) } });
    expect(world.types.filter((type) => type === 'command.held')).toHaveLength(2);
  });

  test('not unless the approver says so', async () => {
    const world = new DeskWorld();
    const request = await world.desk.open(line(TERMS));
    await world.vote(request, 'bob');
    await world.consume(request);
    await world.settle();
    expect(await passes(world)).toBe(false);
    expect(await states(world)).toEqual([]);
  });

  test('not unless every approver says so', async () => {
    const two = requirement([stage({ role: 'sre' }, { count: 2 })]);
    for (const both of [false, true]) {
      const world = new DeskWorld();
      const request = await world.desk.open(line(TERMS, two));
      await world.vote(request, 'bob', { grant: true });
      await world.vote(request, 'carol', { grant: both });
      await world.consume(request);
      await world.settle();
      expect(await passes(world, line(TERMS, two))).toBe(both);
    }
  });

  test('not when the rules do not offer it', async () => {
    const world = new DeskWorld();
    const request = await world.desk.open(line(null));
    expect(await world.vote(request, 'bob', { grant: true })).toEqual({ kind: 'grant-not-offered' });
    expect(await world.vote(request, 'bob')).toMatchObject({ kind: 'approved' });
    await world.consume(request);
    await world.settle();
    expect(await states(world)).toEqual([]);
  });

  test('by a signature over its terms, which stand in the evidence', async () => {
    const { world, request, key } = await signedRequest();
    const signature = world.signature(request, 'bob', key, { grant: true });
    const voted = await world.vote(request, 'bob', { code: null, signature, grant: true });
    expect(voted).toMatchObject({ kind: 'approved', request: { votes: [{ grant: true, factor: 'sk-signature' }] } });
    expect(await world.consume(request)).toMatchObject({ kind: 'granted' });
    await world.settle();
    expect(await states(world)).toEqual(['active']);
    expect(await passes(world, line(TERMS, SIGNED))).toBe(true);
    const vote = world.events.find(({ type }) => type === 'approval.vote');
    expect(JSON.stringify(vote?.approval)).toContain(JSON.stringify(`grant=${canonicalJson(TERMS)}\n`).slice(1, -1));
  });

  test.each([
    ['without them where they are wanted', { grant: false }, true],
    ['over them where they are not wanted', { grant: true }, false],
  ])('not by a signature %s, which is none of either', async (_, signed, wanted) => {
    const { world, request, key } = await signedRequest();
    const signature = world.signature(request, 'bob', key, signed);
    const voted = await world.vote(request, 'bob', { code: null, signature, grant: wanted });
    expect(voted).toMatchObject({ kind: 'wrong-signature' });
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    expect(await states(world)).toEqual([]);
  });

  test.each<Partial<GrantTerms>>([
    { minutes: 600 },
    { uses: 100 },
    { scope: 'session' },
    { inSession: true },
    { rules: ['deletes', 'more'] },
    { words: [{ kind: 'glob', text: '*' }] },
  ])('not by a signature over other terms: %j', async (other) => {
    const { world, request, key } = await signedRequest();
    const changed = { ...request, statement: { ...request.statement, grant: { ...TERMS, ...other } } };
    const signature = world.signature(changed, 'bob', key, { grant: true });
    const voted = await world.vote(request, 'bob', { code: null, signature, grant: true });
    expect(voted).toMatchObject({ kind: 'wrong-signature' });
    expect(await states(world)).toEqual([]);
  });

  test('not before it was used itself', async () => {
    const world = new DeskWorld();
    const request = await world.desk.open(line(TERMS));
    await world.vote(request, 'bob', { grant: true });
    expect(await passes(world)).toBe(false);
  });

  test.each(['grant.approved', 'grants.add'])('not when %s fails', async (step) => {
    const world = new DeskWorld();
    world.troubles.set(step, 'throws');
    await granted(TERMS, world);
    world.troubles.clear();
    expect(await passes(world)).toBe(false);
    expect(world.failures).toContain('a grant');
  });

  test('not under a policy that is not in force any more, nor in a lockdown', async () => {
    const changed = new DeskWorld();
    changed.policyHash = 'sha256:other';
    expect(await passes(await granted(TERMS, changed))).toBe(false);
    const locked = new DeskWorld();
    locked.lockedDown = true;
    expect(await passes(await granted(TERMS, locked))).toBe(false);
  });

  test('what the approver vouches for includes the terms', async () => {
    const world = new DeskWorld();
    const [plain, offered, wider] = await Promise.all([
      world.desk.open(line(null)),
      world.desk.open(line(TERMS)),
      world.desk.open(line({ ...TERMS, uses: 3 })),
    ]);
    expect(new Set([plain.digest, offered.digest, wider.digest]).size).toBe(3);
    expect(offered.statement.grant).toEqual(TERMS);
  });
});

describe('it covers only what is the same', () => {
  const other = (decision: Partial<Decision>): Partial<HoldDraft> => ({
    decision: { ...draft(COLLEAGUE).decision, grant: TERMS, ...decision },
  });

  test.each<[string, Partial<HoldDraft>, boolean]>([
    ['the same line', {}, true],
    ['in another session', { session: 's2' as SessionId }, true],
    ['of another person', { user: 'erin' }, false],
    ['on another target', { target: 'db2' }, false],
    ['as another account', { login: 'app' }, false],
    ['for another reader', { context: 'exec' }, false],
    ['of another text', { command: 'rm -r old-logs ' }, false],
    ['under another policy', other({ policyHash: 'sha256:other' }), false],
    ['held by other rules', other({ grant: { ...TERMS, rules: ['deletes', 'more'] } }), false],
    ['remembered longer', other({ grant: { ...TERMS, minutes: 16 } }), false],
    ['of another scope', other({ grant: { ...TERMS, scope: 'session' } }), false],
    ['that others are asked about', other({ requirement: requirement([stage({ role: 'lead' })]) }), false],
    ['that asks for access', { subject: 'access' }, false],
  ])('%s', async (_, changes, covered) => {
    const world = await granted();
    expect(await passes(world, line(TERMS, COLLEAGUE, changes))).toBe(covered);
  });

  test('a pattern: lines that the policy gives the same pattern', async () => {
    const rm = { kind: 'literal', text: 'rm' } as const;
    const terms: GrantTerms = { ...TERMS, scope: 'pattern', words: [rm, { kind: 'glob', text: '/srv/*' }] };
    const world = await granted(terms);
    expect(await passes(world, line(terms, COLLEAGUE, { command: 'rm /srv/b' }))).toBe(true);
    const wider: GrantTerms = { ...terms, words: [rm, { kind: 'glob', text: '/*' }] };
    expect(await passes(world, line(wider, COLLEAGUE, { command: 'rm /srv/b' }))).toBe(false);
  });

  test('a session: whatever its rules hold there, each held command a use', async () => {
    const terms: GrantTerms = { ...TERMS, scope: 'session', inSession: true, uses: 3 };
    const world = await granted(terms);
    const here = (command: string, cost: number) => line({ ...terms, cost }, COLLEAGUE, { command });
    const there = { ...here('rm b', 1), session: 's2' as SessionId };
    expect(await passes(world, there)).toBe(false);
    expect(await passes(world, here('rm a; rm b', 2))).toBe(true);
    expect(await passes(world, here('rm a; rm b', 2))).toBe(false);
    expect(await passes(world, here('rm c', 1))).toBe(true);
    expect(await states(world)).toEqual(['used-up']);
  });

  test('of a session only, though a narrower rule holds it too', async () => {
    const terms: GrantTerms = { ...TERMS, inSession: true };
    const world = await granted(terms);
    expect(await passes(world, line(terms, COLLEAGUE, { session: 's2' as SessionId }))).toBe(false);
    expect(await passes(world, line(terms))).toBe(true);
  });
});

describe('it ends', () => {
  test.each<[string, string, (world: DeskWorld) => unknown]>([
    ['with its time', 'expired', (world) => world.clock.advance(15 * 60_000)],
    ['when the approver is disabled', 'voided', (world) => reviewed(world, 'bob', { disabled: true })],
    ['when the approver has the role no more', 'voided', (world) => reviewed(world, 'bob', { roles: [] })],
    ["when the approver's key is removed", 'voided', (world) => reviewed(world, 'bob', { keys: [] })],
    ['when its user is disabled', 'voided', (world) => reviewed(world, 'alice', { disabled: true })],
    ['with whatever its end is asked for', 'voided', (world) => world.grants.voidWhere(() => true, 'lockdown')],
    ['when it is revoked', 'revoked', revoked],
    [
      'with this run of the daemon',
      'voided',
      (world) => {
        world.restart();
        return world.grants.start();
      },
    ],
  ])('%s', async (_, state, end) => {
    const world = await granted();
    await end(world);
    await world.settle();
    expect(await passes(world)).toBe(false);
    expect(await states(world)).toEqual([state]);
    expect(world.types).toContain(`grant.${state}`);
  });

  test('by the wall clock alone', async () => {
    const world = await granted();
    world.clock.jump(15 * 60_000);
    expect(await passes(world)).toBe(false);
  });

  test('not, but is no use while the clock is behind', async () => {
    const world = await granted();
    world.clock.jump(-60_000);
    expect(await passes(world)).toBe(false);
    world.clock.jump(60_000);
    expect(await passes(world)).toBe(true);
  });

  test('at once, though store and log do not take it', async () => {
    const world = await granted();
    world.troubles.set('grants.end', 'throws');
    world.troubles.set('grant.voided', 'throws');
    await world.grants.voidWhere(() => true, 'lockdown');
    world.troubles.clear();
    expect(await passes(world)).toBe(false);
    expect(world.failures).toContain('the end of a grant');
  });

  test('for a line that waits to be released', async () => {
    const world = await granted();
    const request = await world.desk.open(line(TERMS));
    expect(request.state).toBe('approved');
    await world.grants.voidWhere(() => true, 'lockdown');
    expect(await world.consume(request)).toEqual({ kind: 'refused', why: 'the grant has ended' });
    expect((await world.grants.list())[0]?.used).toBe(0);
  });

  test('twice: the second is told', async () => {
    const world = await granted();
    const [grant] = await world.grants.list();
    if (grant === undefined) throw new TypeError('nothing is remembered');
    await world.grants.revoke(grant, 'bob');
    await expect(world.grants.revoke(grant, 'bob')).rejects.toMatchObject({ code: 'grant.ended' });
  });
});

describe('between the use and the release', () => {
  test.each(['approval.consumed', 'grant.used', 'people.find', 'store.consume'])(
    'a failure of %s releases nothing, and the use is spent or not, but never twice',
    async (step) => {
      for (const trouble of ['throws', 'hangs'] as const) {
        const world = await granted();
        const request = await world.desk.open(line(TERMS));
        world.troubles.set(step, trouble);
        const consumed = await outcomeOf(world, world.consume(request));
        expect(consumed).not.toBe('granted');
        world.troubles.clear();
        expect(await outcomeOf(world, world.consume(request))).not.toBe('granted');
        expect((await world.grants.list())[0]?.used).toBeLessThanOrEqual(1);
      }
    },
  );

  test('two at once with one use left: one of them passes', async () => {
    const world = await granted({ ...TERMS, uses: 1 });
    const again = line({ ...TERMS, uses: 1 });
    const requests = await Promise.all([world.desk.open(again), world.desk.open(again)]);
    expect(requests.map((one) => one.state)).toEqual(['approved', 'approved']);
    const outcomes = await Promise.all(requests.map((one) => world.consume(one)));
    expect(outcomes.map((one) => one.kind).sort()).toEqual(['granted', 'refused']);
  });

  test('two at once with two uses left: both pass', async () => {
    const world = await granted();
    const requests = await Promise.all([world.desk.open(line(TERMS)), world.desk.open(line(TERMS))]);
    const outcomes = await Promise.all(requests.map((one) => world.consume(one)));
    expect(outcomes.map((one) => one.kind)).toEqual(['granted', 'granted']);
  });
});

test('nobody votes on what passes by a grant, and what it carries is not remembered again', async () => {
  const world = await granted();
  const request = await world.desk.open(line(TERMS));
  expect(await world.vote(request, 'bob', { grant: true })).toEqual({ kind: 'already-decided', state: 'approved' });
  await world.consume(request);
  await world.settle();
  expect(await world.grants.list()).toHaveLength(1);
});

async function reviewed(world: DeskWorld, name: string, change: Parameters<DeskWorld['person']>[1]): Promise<void> {
  world.person(name, change);
  await world.grants.reviewPeople();
}

async function revoked(world: DeskWorld): Promise<void> {
  const [grant] = await world.grants.list();
  if (grant === undefined) throw new TypeError('nothing is remembered');
  await world.grants.revoke(grant, 'alice');
}

async function outcomeOf(world: DeskWorld, work: Promise<{ kind: string }>): Promise<string> {
  const watched = work.then(
    (outcome) => outcome.kind,
    () => 'failed',
  );
  await world.settle();
  world.clock.advance(5000);
  await world.settle();
  world.clock.advance(5000);
  return watched;
}
