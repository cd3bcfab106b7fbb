/** Break-glass: who may begin one, what passes by it, what ends it, who reviews it. */
import { describe, expect, test } from 'vitest';
import { BREAK_GLASS, DeskWorld, draft } from '../../test/support/desk-world.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import type { BreakGlass } from './break-glass-ports.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

async function broken(name = 'bob'): Promise<{ readonly world: DeskWorld; readonly one: BreakGlass }> {
  const world = new DeskWorld();
  const begun = await world.breakTheGlass(name);
  if (begun.kind !== 'open') throw new TypeError(begun.why);
  return { world, one: begun.breakGlass };
}

/** Whether a line of `name` that was decided under break-glass is released; else why not. */
async function passes(world: DeskWorld, name = 'bob'): Promise<true | string> {
  try {
    const request = await world.openUnderGlass(name);
    const outcome = await world.consume(request);
    return outcome.kind === 'granted' ? true : outcome.why;
  } catch (failure) {
    return failure instanceof Error ? failure.message : 'failed';
  }
}

const latest = async (world: DeskWorld): Promise<BreakGlass | undefined> => (await world.breakGlasses.list()).at(-1);
const reviewer = (name: string) => ({ name, keyFingerprint: `SHA256:${name}` });

describe('it begins', () => {
  test('with the own code of somebody with the role, and is in the log before anything passes', async () => {
    const { world, one } = await broken();
    expect(one).toMatchObject({ user: 'bob', uses: 0, state: 'open', until: world.clock.now() + 30 * MINUTE });
    expect(world.types).toEqual([
      'approval.requested',
      'approval.vote',
      'approval.approved',
      'approval.consumed',
      'breakglass.started',
    ]);
    expect(await passes(world)).toBe(true);
  });

  test.each<[string, (world: DeskWorld) => unknown, string]>([
    ['somebody without the role', (world) => world.person('bob', { roles: ['dev'] }), 'does not have the role'],
    ['somebody who is disabled', (world) => world.person('bob', { disabled: true }), 'disabled'],
    [
      'somebody who took the role just now',
      (world) => world.person('bob', { touches: [{ what: 'roles', by: 'bob', at: world.clock.now() - MINUTE }] }),
      'changed the roles',
    ],
    ['anybody where the policy knows none', (world) => Object.assign(world, { breakGlass: null }), 'has no section'],
    ['anybody in a lockdown', (world) => Object.assign(world, { lockedDown: true }), 'locked down'],
    [
      'anybody without a long reason',
      (world) => Object.assign(world, { breakGlass: { ...BREAK_GLASS, minLength: 300 } }),
      'needs at least',
    ],
    ['a wrong code', (world) => void world.troubles.set('codes.verify', 'throws'), 'cancelled'],
    ['a store that fails', (world) => void world.troubles.set('breakGlasses.begin', 'throws'), 'could not be written'],
    ['a log that fails', (world) => void world.troubles.set('breakglass.started', 'throws'), 'could not be written'],
    ['people who cannot be looked up', (world) => void world.troubles.set('people.find', 'throws'), 'trouble'],
  ])('not for %s', async (_what, arrange, why) => {
    const world = new DeskWorld();
    arrange(world);
    expect(await world.breakTheGlass('bob')).toMatchObject({ kind: 'refused', why: expect.stringContaining(why) });
    expect(world.breakGlasses.isOpen('bob')).toBe(false);
    expect(await passes(world)).not.toBe(true);
  });

  test('not with a wrong code', async () => {
    const world = new DeskWorld();
    expect(await world.breakTheGlass('bob', 'wrong')).toMatchObject({ kind: 'refused' });
    expect(world.breakGlasses.isOpen('bob')).toBe(false);
  });

  test('once, when it is begun twice at the same time', async () => {
    const world = new DeskWorld();
    const both = await Promise.all([world.breakTheGlass('bob'), world.breakTheGlass('bob')]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['open', 'refused']);
    expect(await world.breakGlasses.list()).toHaveLength(1);
  });

  test('not when it is ended while it is written down', async () => {
    const world = new DeskWorld();
    world.troubles.set('breakGlasses.begin', 'hangs');
    const pending = world.breakTheGlass('bob');
    for (let rounds = 0; rounds < 8; rounds++) await world.settle();
    await world.breakGlasses.endWhere(() => true, 'the policy changed');
    expect(world.breakGlasses.isOpen('bob')).toBe(false);
    world.clock.advance(5000);
    expect(await pending).toMatchObject({ kind: 'refused' });
    expect(world.breakGlasses.isOpen('bob')).toBe(false);
  });
});

describe('by it passes', () => {
  test('every line of its person that was decided under it, each counted and in the log', async () => {
    const { world, one } = await broken();
    expect(await passes(world)).toBe(true);
    const [request] = [...world.memory.requests.values()].filter(({ byBreakGlass }) => byBreakGlass !== undefined);
    expect(request).toMatchObject({ state: 'released', votes: [], byBreakGlass: { uid: one.uid, lifts: ['frozen'] } });
    expect(world.types.slice(5)).toEqual(['approval.approved', 'approval.consumed', 'breakglass.used']);
    const used = world.events.at(-1);
    expect(used).toMatchObject({
      reason: one.reason,
      actor: { user: 'bob' },
      session: { id: 's1' },
      command: { text: 'rm -r old-logs' },
      policy: { rule: 'deletes' },
      breakglass: { id: one.id, user: 'bob', uses: 1, lifts: ['frozen'] },
    });
    expect(await passes(world)).toBe(true);
    expect(await latest(world)).toMatchObject({ uses: 2, commands: [{ command: 'rm -r old-logs' }, {}] });
  });

  test('never anything of somebody else, nor what was decided without it', async () => {
    const { world } = await broken();
    expect(await passes(world, 'carol')).toContain('has ended');
    const plain = await world.open({ user: 'bob' });
    expect(plain.state).toBe('pending');
    expect((await world.consume(plain)).kind).toBe('refused');
  });

  test('no access, no hook, no other break-glass', async () => {
    const { world } = await broken();
    for (const subject of ['access', 'hook', 'break-glass'] as const) {
      await expect(world.openUnderGlass('bob', { subject })).rejects.toThrow('has ended');
    }
  });

  test('nothing that is remembered afterwards', async () => {
    const { world } = await broken();
    const terms = {
      scope: 'command',
      rules: ['deletes'],
      words: null,
      inSession: false,
      minutes: 9,
      uses: 9,
      cost: 1,
    } as const;
    const base = draft(SELF_REQUIREMENT);
    const decision = { ...base.decision, grant: terms, breakGlass: { lifts: [] } };
    const request = await world.openUnderGlass('bob', { decision });
    expect((await world.consume(request)).kind).toBe('granted');
    await world.settle();
    expect(await world.grants.list()).toEqual([]);
  });

  test.each([
    'store.consume',
    'approval.consumed',
    'breakglass.used',
    'people.find',
    'store.open',
    'approval.approved',
  ])('nothing when %s fails', async (step) => {
    const { world } = await broken();
    world.troubles.set(step, 'throws');
    expect(await passes(world)).not.toBe(true);
  });
});

describe('it ends', () => {
  test.each<[string, (world: DeskWorld, one: BreakGlass) => unknown]>([
    ['with its time', (world) => world.clock.advance(30 * MINUTE)],
    ['with its time by the wall clock', (world) => world.clock.jump(30 * MINUTE)],
    ['while the wall clock is behind', (world) => world.clock.jump(-10_000)],
    ['when its user ends it', (world, one) => world.breakGlasses.end(one, 'bob')],
    ['when its user is disabled', (world) => world.person('bob', { disabled: true })],
    ['when its user is removed', (world) => world.people.delete('bob')],
    ['when its user lost the role', (world) => world.person('bob', { roles: ['dev'] })],
    ['when its user is another one of the same name', (world) => anew(world, 'account')],
    ['when the factor was made anew', (world) => anew(world, 'factor')],
    ['with the policy', (world) => Object.assign(world, { policyHash: 'sha256:other' })],
    ['in a lockdown', (world) => Object.assign(world, { lockedDown: true })],
    ['with the daemon', (world) => world.restart()],
  ])('%s', async (_what, end) => {
    const { world, one } = await broken();
    const opened = await world.openUnderGlass('bob');
    await end(world, one);
    await world.settle();
    expect((await world.consume(opened)).kind).toBe('refused');
    expect(await passes(world)).not.toBe(true);
  });

  test('and says so once the store has it, with those that its policy named', async () => {
    const world = new DeskWorld();
    world.breakGlass = { ...BREAK_GLASS, notify: ['pager'] };
    const begun = await world.breakTheGlass('bob');
    const told: string[] = [];
    world.breakGlasses.onEndStored(({ id }) => told.push(id));
    expect(told).toEqual([]);
    world.clock.advance(30 * MINUTE);
    await world.settle();
    const one = await latest(world);
    expect(one).toMatchObject({ state: 'ended', notify: ['pager'], ending: 'its time is over' });
    expect(begun.kind).toBe('open');
    expect(told).toEqual([one?.id]);
  });

  test('the clock that is right again opens it again', async () => {
    const { world } = await broken();
    world.clock.jump(-10_000);
    expect(world.breakGlasses.isOpen('bob')).toBe(false);
    world.clock.jump(10_000);
    expect(await passes(world)).toBe(true);
  });

  test('in the log and in the store, each with why', async () => {
    const { world } = await broken();
    world.clock.advance(30 * MINUTE);
    await world.settle();
    expect(await latest(world)).toMatchObject({ state: 'ended', ending: 'its time is over' });
    expect(world.events.at(-1)).toMatchObject({ type: 'breakglass.ended', reason: 'its time is over' });
    const next = await broken('carol');
    next.world.restart();
    await next.world.breakGlasses.start();
    expect(await latest(next.world)).toMatchObject({ state: 'ended', ending: 'Heldline was restarted' });
  });

  test('at once, also when neither store nor log take it', async () => {
    const { world } = await broken();
    world.troubles.set('breakGlasses.end', 'hangs');
    world.troubles.set('breakglass.ended', 'throws');
    void world.breakGlasses.endWhere(() => true, 'test');
    expect(world.breakGlasses.isOpen('bob')).toBe(false);
    expect(await passes(world)).not.toBe(true);
  });

  test('for whom the people of the moment say so', async () => {
    const { world } = await broken();
    world.person('bob', { roles: ['dev'] });
    await world.breakGlasses.reviewPeople();
    expect(await latest(world)).toMatchObject({ state: 'ended', ending: 'bob does not have the role sre or lead' });
  });
});

describe('a review', () => {
  test('by somebody else lets the next one begin', async () => {
    const { world, one } = await broken();
    await world.breakGlasses.end(one, 'bob');
    expect(await world.breakTheGlass('bob')).toMatchObject({ why: expect.stringContaining('not been reviewed') });
    expect((await broken('carol')).one.user).toBe('carol');
    await world.breakGlasses.review(one, reviewer('carol'), 'restarts only');
    expect(world.events.at(-1)).toMatchObject({
      type: 'breakglass.reviewed',
      actor: { user: 'carol' },
      reason: 'restarts only',
    });
    expect(await world.breakTheGlass('bob')).toMatchObject({ kind: 'open' });
  });

  test.each<[string, string, (world: DeskWorld) => unknown, string]>([
    ['oneself', 'bob', () => {}, 'somebody else'],
    ['somebody without a role for it', 'alice', () => {}, 'takes the role auditor or sre or lead'],
    ['somebody unknown', 'mallory', () => {}, 'may not'],
    ['somebody who is disabled', 'carol', (world) => world.person('carol', { disabled: true }), 'may not'],
    ["an account of its user's making", 'carol', (world) => made(world, 'account'), 'made or changed by bob'],
    ["roles of its user's making", 'carol', (world) => made(world, 'roles'), 'made or changed by bob'],
  ])('not by %s', async (_what, name, arrange, why) => {
    const { world, one } = await broken();
    await world.breakGlasses.end(one, 'bob');
    arrange(world);
    await expect(world.breakGlasses.review(one, reviewer(name), null)).rejects.toThrow(why);
    expect(world.events.at(-1)).toMatchObject({ type: 'breakglass.review_refused', outcome: 'denied' });
    expect((await latest(world))?.review).toBeNull();
  });

  test('not while it is open, and once', async () => {
    const { world, one } = await broken();
    await expect(world.breakGlasses.review(one, reviewer('carol'), null)).rejects.toThrow('still open');
    await world.breakGlasses.end(one, 'bob');
    const ended = (await latest(world)) ?? one;
    await world.breakGlasses.review(ended, reviewer('carol'), null);
    await expect(world.breakGlasses.review(ended, reviewer('dave'), null)).rejects.toThrow('has been reviewed');
  });

  test('counts when log and store have it', async () => {
    for (const step of ['breakglass.reviewed', 'breakGlasses.review']) {
      const { world, one } = await broken();
      await world.breakGlasses.end(one, 'bob');
      world.troubles.set(step, 'throws');
      await expect(world.breakGlasses.review((await latest(world)) ?? one, reviewer('carol'), null)).rejects.toThrow(
        'trouble',
      );
    }
  });

  test('that nobody gave is kept, others are forgotten after a month', async () => {
    const { world, one } = await broken();
    await world.breakGlasses.end(one, 'bob');
    world.clock.advance(40 * DAY);
    await world.breakGlasses.start();
    expect(await world.breakGlasses.list()).toHaveLength(1);
    await world.breakGlasses.review((await latest(world)) ?? one, reviewer('carol'), null);
    world.clock.advance(31 * DAY);
    await world.breakGlasses.start();
    expect(await world.breakGlasses.list()).toEqual([]);
  });
});

function anew(world: DeskWorld, what: 'account' | 'factor'): void {
  world.person('bob', { touches: [{ what, by: 'root', at: world.clock.now() + 1 }] });
}

function made(world: DeskWorld, what: 'account' | 'roles'): void {
  world.person('carol', { touches: [{ what, by: 'bob', at: world.clock.now() }] });
}
