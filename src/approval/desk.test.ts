import { describe, expect, test } from 'vitest';
import { DeskWorld, principal, requirement, stage, type Trouble } from '../../test/support/desk-world.ts';
import type { Digest, SessionId } from '../model/names.ts';
import { requestView } from './request-view.ts';

const SECOND = requirement([stage({ role: 'sre' })]);
const HOUR = 3_600_000;

describe('a request', () => {
  test('is stored, in the log and listed when it is opened', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    expect(world.types).toEqual(['command.held', 'approval.requested']);
    expect(await world.desk.list()).toEqual([request]);
    expect(await world.desk.findById(request.id.toLowerCase())).toEqual(request);
    expect(requestView(request)).toMatchObject({
      v: 1,
      id: request.id,
      digest: request.digest,
      state: 'pending',
      user: 'alice',
      target: 'db1',
      login: 'root',
      command: 'rm -r old-logs',
      needs: [{ who: 'requester', count: 1, factors: ['totp'] }],
      votes: [],
      created_at: '2026-11-20T10:00:00.000Z',
      expires_at: '2026-11-20T10:02:00.000Z',
      session: 's1',
    });
  });

  test('is approved by the own code and released once, for its session, channel and digest only', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    const seen: string[] = [];
    world.desk.watch(request.statement.uid, (now) => seen.push(now.state));
    expect(await world.vote(request, 'alice')).toMatchObject({ kind: 'approved' });
    const { uid, session, channel } = request.statement;
    const { digest } = request;
    for (const wrong of [
      { session: 's2' as SessionId, channel, digest },
      { session, channel: 1, digest },
      { session, channel, digest: 'sha256:00' as Digest },
    ]) {
      expect(await world.desk.consume(uid, wrong)).toMatchObject({ kind: 'refused' });
    }
    const first = await world.consume(request);
    expect(first).toMatchObject({ kind: 'granted', grant: { digest } });
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    expect(world.types.slice(2)).toEqual(['approval.vote', 'approval.approved', 'approval.consumed']);
    expect(seen).toEqual(['approved', 'released']);
    expect(first.kind === 'granted' && first.grant.spend() && !first.grant.spend()).toBe(true);
  });

  test('never released without votes, and expired after its time by either clock', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    await world.vote(request, 'alice');
    world.clock.jump(120_000);
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    expect((await world.desk.find(request.statement.uid))?.state).toBe('expired');

    const other = await world.open();
    world.clock.jump(-3000);
    world.clock.advance(119_999);
    expect((await world.desk.find(other.statement.uid))?.state).toBe('pending');
    world.clock.advance(1);
    await world.settle();
    expect((await world.desk.find(other.statement.uid))?.state).toBe('expired');
    expect(await world.vote(other, 'alice')).toEqual({ kind: 'already-decided', state: 'expired' });
  });

  test('is suspended while the clock is more than five seconds behind', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    await world.vote(request, 'alice');
    world.clock.jump(-5001);
    expect(await world.vote(request, 'bob')).toEqual({ kind: 'suspended' });
    expect(await world.consume(request)).toEqual({ kind: 'refused', why: 'the clock went back' });
    world.clock.jump(5001);
    expect(await world.consume(request)).toMatchObject({ kind: 'granted' });
  });

  test('of an earlier run is expired at the start and cannot be voted on or consumed', async () => {
    const world = new DeskWorld();
    const pending = await world.open();
    const approved = await world.open();
    await world.vote(approved, 'alice');
    world.restart();
    expect(await world.consume(approved)).toMatchObject({ kind: 'refused' });
    expect(await world.desk.recoverAtStart()).toBe(2);
    expect(await world.vote(pending, 'alice')).toEqual({ kind: 'already-decided', state: 'expired' });
    expect(await world.consume(approved)).toMatchObject({ kind: 'refused' });
    expect([...world.memory.requests.values()].map((one) => one.state)).toEqual(['expired', 'expired']);
  });

  test.each([
    ['was not', [], 'expired'],
    ['was', ['the uid'], 'released'],
  ])('that an earlier run consumed and whose command %s released: %s, %s', async (_, released, state) => {
    const world = new DeskWorld();
    const request = await world.open();
    await world.vote(request, 'alice');
    await world.consume(request);
    world.releasedSince = () => Promise.resolve(new Set(released.map(() => request.statement.uid)));
    world.restart();
    await world.desk.recoverAtStart();
    expect((await world.desk.find(request.statement.uid))?.state).toBe(state);
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
  });

  test('beyond the quota is refused', async () => {
    const world = new DeskWorld({ quota: 2 });
    await world.open();
    const second = await world.open();
    await expect(world.open()).rejects.toMatchObject({ code: 'approval.too-many', kind: 'not-allowed' });
    await world.open({ user: 'erin' });
    await world.desk.cancel(second.statement.uid, 'the session ended');
    await world.open();
  });

  test('that ended is forgotten after a day, its short id not before 30', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    await world.desk.cancel(request.statement.uid, 'gone');
    expect(await world.desk.list()).toHaveLength(1);
    world.clock.advance(25 * HOUR);
    await world.desk.expireOverdue();
    expect(await world.desk.list()).toHaveLength(0);
    const limits = { quota: 9, reuseAfter: 30 * 24 * HOUR };
    const stored = {
      ...request,
      labels: {},
      steps: [],
      wrongCodes: {},
      listed: true,
      ending: null,
      version: 1,
      votes: [],
    };
    expect(await world.memory.open({ ...stored, createdAt: world.clock.now() }, limits)).toBe('id-taken');
    world.clock.advance(30 * 24 * HOUR);
    await world.desk.expireOverdue();
    expect(await world.memory.open({ ...stored, createdAt: world.clock.now() }, limits)).toBe('opened');
  });
});

describe('a reason', () => {
  const asked = { ...SECOND, reason: { required: true, minLength: 8, ticket: '^(OPS|INC)-[0-9]+$' } };

  test('that is required delays listing and voting until it is good', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, asked);
    expect(world.types).toEqual(['command.held']);
    expect(await world.desk.list()).toEqual([]);
    expect(await world.vote(request, 'bob')).toEqual({ kind: 'reason-missing' });
    for (const bad of ['', 'INC-1', 'because I want']) {
      expect(await world.desk.say(request.statement.uid, { kind: 'reason', text: bad })).toMatchObject({
        kind: 'refused',
      });
    }
    expect(await world.desk.say(request.statement.uid, { kind: 'reason', text: ' INC-4711 failover ' })).toMatchObject({
      kind: 'set',
    });
    expect(await world.desk.list()).toMatchObject([{ reason: 'INC-4711 failover' }]);
    expect(world.types).toEqual(['command.held', 'approval.requested']);
    expect(await world.vote(request, 'bob')).toMatchObject({ kind: 'approved' });
    expect(await world.desk.say(request.statement.uid, { kind: 'reason', text: 'INC-4712 other' })).toMatchObject({
      kind: 'already-decided',
    });
  });
});

describe('urgency', () => {
  test('is what the requester says, in the log, and changes nothing that is asked for', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, requirement([stage({ role: 'sre' })]));
    const { uid } = request.statement;
    expect(await world.desk.say(uid, { kind: 'urgency', urgency: 'high' })).toMatchObject({
      kind: 'set',
      request: { urgency: 'high' },
    });
    expect(world.events.at(-1)).toMatchObject({ type: 'approval.urgency_set', approval: { urgency: 'high' } });
    expect(await world.desk.say(uid, { kind: 'urgency', urgency: 'low' })).toMatchObject({
      request: { urgency: 'low', raised: true },
    });
    const now = await world.desk.find(uid);
    expect(now).toMatchObject({ digest: request.digest, requirement: request.requirement, state: 'pending' });
    expect((await world.vote(request, 'alice')).kind).toBe('self-refused');
    expect((await world.vote(request, 'bob')).kind).toBe('approved');
    expect(await world.desk.say(uid, { kind: 'urgency', urgency: 'high' })).toMatchObject({ kind: 'already-decided' });
    expect((await world.consume(request)).kind).toBe('granted');
  });

  test('that cannot be written down is not said', async () => {
    const world = new DeskWorld();
    const { statement } = await world.open({}, requirement([stage({ role: 'sre' })]));
    world.troubles.set('approval.urgency_set', 'throws');
    expect(await world.desk.say(statement.uid, { kind: 'urgency', urgency: 'high' })).toMatchObject({ kind: 'failed' });
    expect((await world.desk.find(statement.uid))?.urgency).toBeUndefined();
  });
});

describe('a message and a reminder', () => {
  test('are in the log before they are there, and are no vote', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, requirement([stage({ role: 'sre' })]));
    const { uid } = request.statement;
    const said = await world.desk.say(uid, { kind: 'message', text: ' look\u202e at\nthis ' });
    expect(said).toMatchObject({ kind: 'set', request: { messages: [{ text: 'look\\u202e at this' }] } });
    expect(world.events.at(-1)).toMatchObject({ type: 'approval.message', actor: { user: 'alice' } });
    world.clock.advance(30_000);
    expect(await world.desk.say(uid, { kind: 'reminder' })).toMatchObject({ request: { reminded: { times: 1 } } });
    expect(world.events.at(-1)).toMatchObject({ type: 'approval.reminded', approval: { reminder: 1 } });
    expect(await world.desk.find(uid)).toMatchObject({ digest: request.digest, state: 'pending', votes: [] });
    expect((await world.vote(request, 'bob')).kind).toBe('approved');
    expect(await world.desk.say(uid, { kind: 'reminder' })).toMatchObject({ kind: 'already-decided' });
    expect(await world.desk.say(uid, { kind: 'message', text: 'x' })).toMatchObject({ kind: 'already-decided' });
    expect((await world.consume(request)).kind).toBe('granted');
  });

  test.each([
    ['approval.message', { kind: 'message', text: 'x' }],
    ['approval.reminded', { kind: 'reminder' }],
  ] as const)('that cannot be written down is not said: %s', async (type, saying) => {
    const world = new DeskWorld();
    const { statement } = await world.open({}, requirement([stage({ role: 'sre' })]));
    world.clock.advance(30_000);
    world.troubles.set(type, 'throws');
    expect(await world.desk.say(statement.uid, saying)).toMatchObject({ kind: 'failed' });
    const now = await world.desk.find(statement.uid);
    expect([now?.messages, now !== null && 'reminded' in now]).toEqual([undefined, false]);
  });
});

describe('a vote', () => {
  test('must be for what was shown', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    const short = request.digest.slice(7, 23);
    for (const digest of ['', short.slice(0, 15), `${short.slice(0, 15)}x`, 'sha256:0123456789abcdef0']) {
      expect(await world.vote(request, 'alice', { digest })).toEqual({ kind: 'mismatch' });
    }
    expect(await world.vote(request, 'alice', { policyHash: 'sha256:other' })).toEqual({ kind: 'mismatch' });
    expect(await world.vote(request, 'alice', { digest: short })).toMatchObject({ kind: 'approved' });
  });

  test('of the requester never counts where somebody else is asked, whatever the roles', async () => {
    const world = new DeskWorld();
    world.person('alice', { roles: ['sre', 'admin'] });
    const request = await world.open({}, SECOND);
    expect(await world.vote(request, 'alice')).toEqual({ kind: 'self-refused' });
    expect(world.types).toContain('approval.self_refused');
    expect(await world.vote(request, 'erin')).toEqual({ kind: 'not-an-approver' });
    expect(await world.vote(request, 'nobody')).toEqual({ kind: 'not-an-approver' });
    expect(await world.vote(request, 'bob')).toMatchObject({ kind: 'approved' });
  });

  test('counts once a person, over all stages', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, requirement([stage({ role: 'sre' }), stage({ role: 'lead' })]));
    expect(await world.vote(request, 'carol')).toMatchObject({ kind: 'counted' });
    expect(await world.vote(request, 'carol')).toEqual({ kind: 'already-voted' });
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    expect(await world.vote(request, 'bob')).toMatchObject({ kind: 'approved' });
    expect(await world.consume(request)).toMatchObject({ kind: 'granted' });
  });

  test('two of a stage need two people', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, requirement([stage({ role: 'sre' }, { count: 2 })]));
    expect(await world.vote(request, 'bob')).toMatchObject({ kind: 'counted' });
    expect(await world.vote(request, 'carol')).toMatchObject({ kind: 'approved' });
  });

  test('needs a code; a used one is not a wrong one; three wrong ones end it for that person', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, SECOND);
    expect(await world.vote(request, 'bob', { code: null })).toEqual({ kind: 'code-needed' });
    expect(await world.vote(request, 'bob', { code: 'used' })).toEqual({ kind: 'used-code', waitMs: 12_000 });
    for (const triesLeft of [2, 1, 0]) {
      const outcome = await world.vote(request, 'bob', { code: '000000' });
      expect(outcome).toEqual({ kind: 'wrong-code', triesLeft, clockOffset: 90 });
    }
    expect(await world.vote(request, 'bob')).toEqual({ kind: 'out' });
    expect(world.types.filter((type) => type === 'approval.code_rejected')).toHaveLength(3);
    expect(world.types.filter((type) => type === 'approval.code_replayed')).toHaveLength(1);
    expect(await world.vote(request, 'carol')).toMatchObject({ kind: 'approved' });
    expect(JSON.stringify(world.events)).not.toContain('000000');
  });

  test('three wrong codes end it for people with any name', async () => {
    for (const name of ['constructor', '__proto__']) {
      const world = new DeskWorld();
      world.person(name, { roles: ['sre'] });
      const request = await world.open({}, SECOND);
      for (let i = 0; i < 3; i++) await world.vote(request, name, { code: '000000' });
      expect(await world.vote(request, name)).toEqual({ kind: 'out' });
    }
  });

  test('three wrong own codes deny the own request', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    for (let i = 0; i < 3; i++) await world.vote(request, 'alice', { code: '000000' });
    expect(await world.vote(request, 'alice')).toEqual({ kind: 'already-decided', state: 'denied' });
  });

  test('a denial needs no code and ends it; of the requester it is a cancellation; of others nothing', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, SECOND);
    expect(await world.vote(request, 'erin', { verdict: 'deny', code: null })).toEqual({ kind: 'not-an-approver' });
    const denied = await world.vote(request, 'bob', { verdict: 'deny', code: null, reason: 'wait for the backup' });
    expect(denied).toMatchObject({
      kind: 'denied',
      request: { state: 'denied', votes: [{ reason: 'wait for the backup' }] },
    });
    expect(await world.vote(request, 'carol')).toEqual({ kind: 'already-decided', state: 'denied' });
    const other = await world.open({}, SECOND);
    expect(await world.vote(other, 'alice', { verdict: 'deny', code: null })).toMatchObject({ kind: 'cancelled' });
  });

  test.each([
    ['account', { touches: [{ what: 'account', by: 'alice', at: 0 }] }],
    ['roles', { touches: [{ what: 'roles', by: 'alice', at: 0 }] }],
    ['factor', { touches: [{ what: 'factor', by: 'alice', at: 0 }] }],
    ['key', { keys: [{ fingerprint: 'SHA256:bob', addedAt: 0, addedBy: 'alice' }] }],
  ] as const)('does not count for 24 hours when the requester made its %s', async (what, changes) => {
    const world = new DeskWorld();
    const at = world.clock.now();
    world.person('bob', JSON.parse(JSON.stringify(changes).replace(/"(at|addedAt)":0/g, `"$1":${at}`)));
    const request = await world.open({}, SECOND);
    expect(await world.vote(request, 'bob')).toEqual({ kind: 'too-fresh', what });
    const others = await world.open({ user: 'erin' }, SECOND);
    expect(await world.vote(others, 'bob')).toMatchObject({ kind: 'approved' });
    world.clock.jump(24 * HOUR + 1);
    const later = await world.open({}, SECOND);
    expect(await world.vote(later, 'bob')).toMatchObject({ kind: 'approved' });
  });

  test('of somebody disabled, or through a removed key, does not count', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, SECOND);
    world.person('bob', { keys: [] });
    expect(await world.vote(request, 'bob')).toEqual({ kind: 'not-an-approver' });
    const local = { ...principal('bob'), address: 'local' };
    world.person('bob', { disabled: true });
    expect(await world.vote(request, 'bob', { voter: local })).toEqual({ kind: 'not-an-approver' });
    world.person('bob', { disabled: false });
    expect(await world.vote(request, 'bob', { voter: local })).toMatchObject({ kind: 'approved' });
  });
});

describe('authority is current', () => {
  test.each([
    ['disabled', { disabled: true }],
    ['without the role', { roles: [] }],
    ['without the key', { keys: [] }],
  ])('an approver who is %s at the release voids it', async (_name, changes) => {
    const world = new DeskWorld();
    const request = await world.open({}, SECOND);
    await world.vote(request, 'bob');
    world.person('bob', changes);
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    expect((await world.desk.find(request.statement.uid))?.state).toBe('voided');
  });

  test('a review cancels requests of people who are gone, drops votes, and voids approvals', async () => {
    const world = new DeskWorld();
    const two = requirement([stage({ role: 'sre' }, { count: 2 })]);
    const pending = await world.open({ user: 'erin' }, two);
    await world.vote(pending, 'bob');
    const approved = await world.open({ user: 'erin' }, SECOND);
    await world.vote(approved, 'bob');
    const own = await world.open();
    world.person('bob', { disabled: true });
    world.people.delete('alice');
    await world.desk.reviewPeople();
    const states = await Promise.all([pending, approved, own].map((one) => world.desk.find(one.statement.uid)));
    expect(states.map((one) => one?.state)).toEqual(['pending', 'voided', 'cancelled']);
    expect(states[0]?.votes).toEqual([]);
    expect(await world.vote(pending, 'carol')).toMatchObject({ kind: 'counted' });
  });
});

describe('a chain', () => {
  const chain = requirement(
    [
      stage('requester'),
      stage({ role: 'sre' }, { timeout: 300_000, onTimeout: 'escalate' }),
      stage({ role: 'lead' }, { onlyIf: 'escalated', timeout: 200_000, onTimeout: 'deny' }),
    ],
    { mode: 'sequential', expires: 1_200_000 },
  );

  test('goes step by step; the escalation stage is not asked without need', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, chain);
    expect(await world.vote(request, 'bob')).toEqual({ kind: 'not-an-approver' });
    expect(await world.vote(request, 'alice')).toMatchObject({ kind: 'counted' });
    expect(await world.vote(request, 'dave')).toEqual({ kind: 'not-an-approver' });
    expect(await world.vote(request, 'bob')).toMatchObject({ kind: 'approved' });
    expect(await world.consume(request)).toMatchObject({ kind: 'granted' });
  });

  test('escalates after the time of the stage, from its opening on, then denies', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, chain);
    world.clock.advance(299_000);
    await world.vote(request, 'alice');
    world.clock.advance(299_999);
    await world.settle();
    expect(world.types).not.toContain('approval.escalated');
    world.clock.advance(1);
    await world.settle();
    expect(world.types).toContain('approval.escalated');
    world.clock.advance(200_000);
    await world.settle();
    expect((await world.desk.find(request.statement.uid))?.state).toBe('denied');
  });

  test('after escalation either stage may answer', async () => {
    for (const approver of ['bob', 'dave']) {
      const world = new DeskWorld();
      const request = await world.open({}, chain);
      await world.vote(request, 'alice');
      world.clock.advance(300_000);
      await world.settle();
      expect(await world.vote(request, approver)).toMatchObject({ kind: 'approved' });
    }
  });

  test('a stage that denies on time-out ends the request; a missing escalation denies too', async () => {
    for (const onTimeout of ['deny', 'escalate'] as const) {
      const world = new DeskWorld();
      const request = await world.open({}, requirement([stage({ role: 'sre' }, { timeout: 1000, onTimeout })]));
      world.clock.advance(1000);
      await world.settle();
      expect((await world.desk.find(request.statement.uid))?.state).toBe('denied');
    }
  });
});

describe('doubt never allows', () => {
  const steps: readonly (readonly [string, Trouble])[] = ['throws', 'hangs'].flatMap((trouble) =>
    ['store.open', 'command.held', 'approval.requested'].map((name) => [name, trouble as Trouble] as const),
  );

  test.each(steps)('opening: %s %s', async (name, trouble) => {
    const world = new DeskWorld();
    world.troubles.set(name, trouble);
    const opening = expect(world.open()).rejects.toBeInstanceOf(Error);
    await world.settle();
    world.clock.advance(10_000);
    await opening;
    world.troubles.clear();
    for (const stored of world.memory.requests.values()) {
      expect(await world.vote(stored, 'alice')).toMatchObject({ kind: 'already-decided' });
      expect(await world.consume(stored)).toMatchObject({ kind: 'refused' });
    }
  });

  test.each(
    ['throws', 'hangs'].flatMap((trouble) =>
      ['people.find', 'codes.verify', 'approval.vote', 'approval.approved', 'store.advance'].map(
        (name) => [name, trouble as Trouble] as const,
      ),
    ),
  )('voting: %s %s', async (name, trouble) => {
    const world = new DeskWorld();
    const request = await world.open();
    world.troubles.set(name, trouble);
    const voting = world.vote(request, 'alice');
    for (let i = 0; i < 3; i++) {
      await world.settle();
      world.clock.advance(5000);
    }
    expect(await voting).toMatchObject({ kind: 'failed' });
    world.troubles.clear();
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    expect(world.failures.length).toBeGreaterThan(0);
  });

  test.each(
    ['throws', 'hangs'].flatMap((trouble) =>
      ['people.find', 'store.consume', 'approval.consumed'].map((name) => [name, trouble as Trouble] as const),
    ),
  )('consuming: %s %s, and never again', async (name, trouble) => {
    const world = new DeskWorld();
    const request = await world.open();
    await world.vote(request, 'alice');
    world.troubles.set(name, trouble);
    const consuming = world.consume(request);
    for (let i = 0; i < 3; i++) {
      await world.settle();
      world.clock.advance(5000);
    }
    expect(await consuming).toMatchObject({ kind: 'refused' });
    world.troubles.clear();
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
  });

  test('an end takes effect although log and store are in trouble, and watchers hear of it', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    await world.vote(request, 'alice');
    world.troubles.set('store.advance', 'throws').set('approval.cancelled', 'throws');
    const seen: string[] = [];
    world.desk.watch(request.statement.uid, (now) => seen.push(now.state));
    await world.desk.cancel(request.statement.uid, 'the session ended');
    await world.settle();
    expect(seen.at(-1)).toBe('cancelled');
    world.troubles.clear();
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
  });
});
