import { beforeEach, expect, test } from 'vitest';
import { DeskWorld, requirement, stage } from '../../test/support/desk-world.ts';
import { SoftwareKey } from '../../test/support/software-keys.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { RequestUid, SessionId } from '../model/names.ts';
import { AccessGrants, type AccessRequestDraft } from './access-grants.ts';
import type { AccessGrant, AccessGrantStore } from './ports.ts';

const HOUR = 3_600_000;

let world: DeskWorld;
let stored: Map<RequestUid, AccessGrant>;
let changes: string[];
let grants: AccessGrants;

const store: AccessGrantStore = {
  add: async (grant) => {
    if (stored.has(grant.uid)) return false;
    stored.set(grant.uid, grant);
    return true;
  },
  find: async (id) => [...stored.values()].findLast((grant) => grant.id === id) ?? null,
  list: async () => [...stored.values()],
  end: async (uid, state, by, at) => {
    const found = stored.get(uid);
    if (found?.state !== 'active') return false;
    stored.set(uid, { ...found, state, endedBy: by, endedAt: at });
    return true;
  },
  prune: async () => undefined,
};

const draft: AccessRequestDraft = {
  user: 'alice',
  address: '192.0.2.9',
  target: 'db2',
  labels: { env: 'prod' },
  login: 'postgres',
  duration: HOUR,
  reason: 'INC-4712 slow queries',
  approval: requirement([stage({ role: 'sre' })]),
  longest: 8 * HOUR,
  rule: 'policy.d/10.yaml:4',
  policyHash: 'sha256:policy',
};

beforeEach(() => {
  world = new DeskWorld();
  stored = new Map();
  changes = [];
  grants = begin();
});

function begin(
  audit: { append(event: AuditDraft): Promise<unknown> } = { append: async (one) => world.events.push(one) },
): AccessGrants {
  const made = new AccessGrants({
    desk: world.desk,
    store,
    audit,
    clock: world.clock,
    onFailure: (what) => world.failures.push(what),
  });
  made.onChange((grant) => changes.push(grant.state));
  return made;
}

async function approved(): Promise<string> {
  const request = await grants.request(draft);
  expect(await world.vote(request, 'bob')).toMatchObject({ kind: 'approved' });
  await world.settle();
  return request.id;
}

test('is asked for, approved by somebody else, held for its time and no longer', async () => {
  const request = await grants.request(draft);
  expect(request).toMatchObject({ subject: 'access', statement: { command: 'access to db2 as postgres for 1 h' } });
  expect(world.types).toEqual(['approval.requested']);
  expect(await grants.held('alice', 'db2')).toEqual([]);
  expect(await world.vote(request, 'alice')).toEqual({ kind: 'self-refused' });
  await world.vote(request, 'bob');
  await world.settle();
  expect(await grants.held('alice', 'db2')).toMatchObject([{ id: request.id, login: 'postgres', approvers: ['bob'] }]);
  expect(await grants.held('alice', 'db1')).toEqual([]);
  expect(await grants.held('erin', 'db2')).toEqual([]);
  world.clock.advance(HOUR - 1);
  expect(await grants.held('alice', 'db2')).toHaveLength(1);
  world.clock.advance(1);
  expect(await grants.held('alice', 'db2')).toEqual([]);
  await world.settle();
  expect(changes).toEqual(['active', 'expired']);
  expect(world.types.filter((type) => type.startsWith('grant.'))).toEqual(['grant.approved', 'grant.expired']);
});

test('no session can consume an access request', async () => {
  const request = await grants.request(draft);
  const { uid, channel } = request.statement;
  const expected = { session: 's1' as SessionId, channel, digest: request.digest };
  expect(await world.desk.consume(uid, expected)).toMatchObject({ kind: 'refused' });
});

test('ends early: given back by its holder, revoked by others, never twice', async () => {
  const id = await approved();
  await expect(grants.giveBack(id, 'erin')).rejects.toMatchObject({ code: 'access.unknown' });
  await grants.giveBack(id.toLowerCase(), 'alice');
  expect(await grants.held('alice', 'db2')).toEqual([]);
  await expect(grants.revoke(id, 'root')).rejects.toMatchObject({ code: 'access.ended', kind: 'conflict' });
  const other = await approved();
  await grants.revoke(other, 'root');
  expect(await grants.find(other)).toMatchObject({ state: 'revoked', endedBy: 'root' });
  await approved();
  expect(await grants.revokeAll('root', 'erin')).toBe(0);
  expect(await grants.revokeAll('root')).toBe(1);
  expect(await grants.held('alice', 'db2')).toEqual([]);
});

test('outlives a restart, but a clock that went back gives no extra time', async () => {
  await approved();
  world.clock.advance(HOUR / 2);
  world.restart();
  grants.stop();
  grants = begin();
  await grants.start();
  expect(await grants.held('alice', 'db2')).toHaveLength(1);
  world.clock.jump(-5001);
  expect(await grants.held('alice', 'db2')).toEqual([]);
  world.clock.jump(5001);
  expect(await grants.held('alice', 'db2')).toHaveLength(1);
  world.clock.advance(HOUR / 2);
  expect(await grants.held('alice', 'db2')).toEqual([]);
});

test('a restart on a clock that went back holds nothing that is not begun yet and times nothing longer', async () => {
  await approved();
  grants.stop();
  world.clock.jump(-3 * HOUR);
  grants = begin();
  await grants.start();
  expect(await grants.held('alice', 'db2')).toEqual([]);
  world.clock.jump(3 * HOUR);
  world.clock.advance(HOUR);
  expect(await grants.held('alice', 'db2')).toEqual([]);
});

test('nothing begins that log or store did not take, nor for a time that the rule does not give', async () => {
  grants = begin({ append: () => Promise.reject(new RangeError('log')) });
  await approved();
  expect(await grants.held('alice', 'db2')).toEqual([]);
  expect(world.failures).toEqual(['an access grant']);
  for (const duration of [9 * HOUR, 59_999]) {
    await expect(grants.request({ ...draft, duration })).rejects.toMatchObject({ code: 'access.duration' });
  }
});

test('is given by a signature where the requirement takes one', async () => {
  const key = new SoftwareKey('sk-ssh-ed25519@openssh.com');
  world.key('bob', key);
  const approval = requirement([stage({ role: 'sre' }, { factors: ['sk-signature'] })]);
  const request = await grants.request({ ...draft, approval });
  expect(await world.vote(request, 'bob')).toMatchObject({ kind: 'factor-not-available' });
  expect(await world.sign(request, 'bob', key)).toMatchObject({ kind: 'approved' });
  await world.settle();
  expect(await grants.list()).toMatchObject([{ user: 'alice', target: 'db2', state: 'active', approvers: ['bob'] }]);
});
