/** What every engine must do. A new engine adds one line to `ENGINES`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BreakGlass } from '../approval/break-glass-ports.ts';
import type { CommandGrant } from '../approval/grant-ports.ts';
import type { AccessGrant, HeldRequest } from '../approval/ports.ts';
import type { ApiToken, TotpFactor } from '../identity/ports.ts';
import type { GrantTerms } from '../model/grant-terms.ts';
import type { Digest, RequestId, RequestUid, SessionId } from '../model/names.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import type { SshTarget } from '../model/target.ts';
import type { User, UserKey } from '../model/user.ts';
import type { Announcer } from '../notify/ports.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';

interface Engine {
  readonly name: string;
  /** Opens the same state anew. */
  open(directory: string): Promise<EmbeddedStore>;
  initialise(directory: string): Promise<void>;
}

const ENGINES: readonly Engine[] = [
  {
    name: 'embedded',
    open: (directory) => EmbeddedStore.open({ directory }),
    initialise: (directory) => EmbeddedStore.initialise(directory),
  },
];

const DAY = 86_400_000;
const key = (blob: string): UserKey => ({
  fingerprint: `SHA256:${blob}`,
  type: 'ssh-ed25519',
  blob,
  comment: '',
  addedAt: 1,
  addedBy: 'root',
});
const user = (name: string, keys: readonly UserKey[] = []): User => ({
  name,
  roles: ['dev'],
  disabled: false,
  keys,
  createdAt: 1,
  createdBy: 'root',
  rolesChangedAt: 1,
  rolesChangedBy: 'root',
});
/** From 1 to 1000, to be reviewed until 2000. */
function openGlass({ id, statement, boot }: HeldRequest): BreakGlass {
  const { uid, user, policyHash } = statement;
  const times = { from: 1, until: 1000, reviewBy: 2000, endedAt: null, endedBy: null, ending: null };
  const nothing = { uses: 0, commands: [], state: 'open', review: null } as const;
  return { uid, id, user, reason: 'because', roles: ['sre'], policyHash, boot, ...times, ...nothing };
}

const factor = (name: string): TotpFactor => ({
  user: name,
  id: 'f1',
  sealed: 'v1.x',
  lastStep: null,
  burnt: [],
  throttle: { consecutive: 0, recent: [], pauses: 0, pausedUntil: null, locked: false },
  recovery: [
    { salt: 's', hash: 'h1' },
    { salt: 's', hash: 'h2' },
  ],
  createdAt: 1,
  madeBy: ['root'],
});
const token = (name: string, owner = 'alice'): ApiToken => ({
  id: `id-${name}`,
  name,
  user: owner,
  hash: 'h',
  scope: 'decide',
  createdAt: 1,
  createdBy: 'root',
  expiresAt: 9,
  wrongCodes: 0,
});
const target: SshTarget = {
  kind: 'ssh',
  name: 'db1',
  labels: {},
  description: '',
  createdAt: 1,
  createdBy: 'root',
  host: 'h',
  port: 22,
  logins: ['root'],
  hostKeys: ['SHA256:x'],
  credential: { kind: 'egress' },
};
const held = (uid: string, changes: Partial<HeldRequest> = {}): HeldRequest => ({
  id: uid.toUpperCase() as RequestId,
  statement: {
    uid: uid as RequestUid,
    session: 's1' as SessionId,
    channel: 0,
    user: 'alice',
    target: 'db1',
    login: 'root',
    context: 'shell',
    command: 'ls\n\ud800',
    policyHash: 'p',
    expiresAt: 1000,
  },
  digest: 'sha256:d' as Digest,
  state: 'pending',
  ids: [],
  severity: null,
  rule: null,
  why: '',
  reason: null,
  requirement: SELF_REQUIREMENT,
  votes: [],
  createdAt: 10,
  decidedAt: null,
  boot: 'b1',
  labels: {},
  steps: [],
  wrongCodes: {},
  listed: true,
  ending: null,
  version: 1,
  ...changes,
});
const limits = { quota: 3, reuseAfter: 30 * DAY };

describe.each(ENGINES)('$name', (engine) => {
  let directory: string;
  let store: EmbeddedStore;

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'heldline-contract-')), 'store');
    await engine.initialise(directory);
    store = await engine.open(directory);
  });

  afterEach(async () => {
    await store.close();
    await rm(join(directory, '..'), { recursive: true, force: true });
  });

  async function reopen(): Promise<void> {
    await store.close();
    store = await engine.open(directory);
  }

  test('people and keys', async () => {
    const { users } = store;
    expect(await users.add(user('bob', [key('K1')]))).toBe('added');
    expect(await users.add(user('bob'))).toBe('exists');
    expect(await users.add(user('alice', [key('K1')]))).toBe('key-taken');
    expect(await users.add(user('alice'))).toBe('added');
    expect(await users.addKey('alice', key('K1'))).toBe('key-taken');
    expect(await users.addKey('alice', key('K2'))).toBe('added');
    expect(await users.addKey('carol', key('K3'))).toBe('no-such-user');
    expect(await users.ownerOf('K2')).toBe('alice');
    expect(await users.removeKey('alice', 'SHA256:K9')).toBe(false);
    const counts = [7, 7, 6, 0, 8];
    const answers = [];
    for (const count of counts) answers.push(await users.raiseKeyCounter('alice', 'SHA256:K2', count));
    expect(answers).toEqual(['raised', 'went-back', 'went-back', 'went-back', 'raised']);
    expect((await users.find('alice'))?.keys.map(({ counter }) => counter)).toContain(8);
    expect(await users.raiseKeyCounter('alice', 'SHA256:K9', 1)).toBe('gone');
    expect(await users.removeKey('alice', 'SHA256:K2')).toBe(true);
    expect(await users.ownerOf('K2')).toBeNull();
    expect(await users.setDisabled('bob', true, { by: 'root', at: 5 })).toBe(true);
    expect(await users.find('bob')).toMatchObject({ disabled: true, rolesChangedAt: 1 });
    expect(await users.setDisabled('bob', false, { by: 'eve', at: 6 })).toBe(true);
    expect(await users.setRoles('alice', ['sre'], { by: 'root', at: 7 })).toBe(true);
    expect(await users.setPhrase('alice', 'calm otter 07')).toBe(true);
    expect(await users.setRoles('carol', [], { by: 'root', at: 7 })).toBe(false);
    await reopen();
    expect(await store.users.list()).toMatchObject([
      { name: 'alice', roles: ['sre'], phrase: 'calm otter 07', keys: [], rolesChangedAt: 7 },
      { name: 'bob', disabled: false, rolesChangedBy: 'eve', rolesChangedAt: 6 },
    ]);
  });

  test('a time step is burnt once, over restarts too', async () => {
    await store.users.add(user('alice'));
    expect(await store.factors.install(factor('alice'))).toBe('installed');
    expect(await store.factors.install(factor('nobody'))).toBe('no-such-user');
    const burns = await Promise.all([...Array(9)].map(() => store.factors.burnStep('alice', 'f1', 100)));
    expect(burns.filter((outcome) => outcome === 'burnt')).toHaveLength(1);
    await store.factors.burnLater('alice', 'f1', 102);
    await reopen();
    expect(await store.factors.burnStep('alice', 'f1', 99)).toBe('replayed');
    expect(await store.factors.burnStep('alice', 'f1', 100)).toBe('replayed');
    expect(await store.factors.burnStep('alice', 'f1', 102)).toBe('replayed');
    expect(await store.factors.burnStep('alice', 'f1', 101)).toBe('burnt');
    expect(await store.factors.burnStep('alice', 'f1', 102)).toBe('replayed');
    expect(await store.factors.burnStep('alice', 'f1', 103)).toBe('burnt');
    expect(await store.factors.burnStep('alice', 'f9', 104)).toBe('gone');
    expect(await store.factors.burnStep('bob', 'f1', 104)).toBe('gone');
  });

  test('words, enrolments, throttles and recovery codes', async () => {
    await store.users.add(user('alice'));
    const word = { user: 'alice', code: { salt: 's', hash: 'h' }, expiresAt: 9, triesLeft: 5, issuedBy: 'root' };
    const pending = { user: 'alice', id: 'f1', sealed: 'x', madeBy: ['root'], expiresAt: 9 };
    await store.factors.saveWord(word);
    await store.factors.savePending(pending);
    await reopen();
    expect(await store.factors.word('alice')).toEqual(word);
    expect(await store.factors.pending('alice')).toEqual(pending);
    await store.factors.install(factor('alice'));
    expect(await store.factors.word('alice')).toBeNull();
    expect(await store.factors.pending('alice')).toBeNull();
    const throttle = { consecutive: 3, recent: [1, 2], pauses: 1, pausedUntil: 7, locked: true };
    await store.factors.saveThrottle('alice', 'f1', throttle);
    await store.factors.saveThrottle('alice', 'f2', { ...throttle, locked: false });
    const spent = await Promise.all([1, 2, 3].map(() => store.factors.spendRecovery('alice', 'h1')));
    expect(spent.filter(Boolean)).toHaveLength(1);
    await reopen();
    expect(await store.factors.find('alice')).toMatchObject({ throttle, recovery: [{ hash: 'h2' }] });
    expect(store.holdsSecrets()).toBe(true);
    await store.factors.saveWord(word);
    await store.factors.dropWord('alice');
    expect(await store.factors.word('alice')).toBeNull();
    expect(await store.factors.remove('alice')).toBe(true);
    expect(await store.factors.remove('alice')).toBe(false);
    expect(store.holdsSecrets()).toBe(false);
  });

  test('whoever is removed leaves no factor behind for a later person of that name', async () => {
    await store.users.add(user('alice'));
    await store.factors.install(factor('alice'));
    expect(await store.users.remove('alice')).toBe(true);
    expect(await store.users.remove('alice')).toBe(false);
    await store.users.add(user('alice'));
    expect(await store.factors.find('alice')).toBeNull();
    expect(await store.factors.list()).toEqual([]);
  });

  test('tokens belong to somebody active, under a name of their own, within the quota', async () => {
    const { tokens, users } = store;
    expect(await tokens.add(token('t1'), 2)).toBe('no-such-user');
    await users.add(user('alice'));
    await users.add(user('bob'));
    expect(await tokens.add(token('t1'), 2)).toBe('added');
    expect(await tokens.add(token('t1', 'bob'), 2)).toBe('exists');
    const race = await Promise.all(['t2', 't3', 't4'].map((name) => tokens.add(token(name), 2)));
    expect(race).toEqual(['added', 'too-many', 'too-many']);
    expect(await tokens.add(token('b1', 'bob'), 2)).toBe('added');
    expect(await tokens.countWrongCode('id-t1', 'wrong')).toBe(1);
    expect(await tokens.countWrongCode('id-t1', 'wrong')).toBe(2);
    expect(await tokens.countWrongCode('id-t9', 'wrong')).toBeNull();
    await reopen();
    expect(await store.tokens.list()).toMatchObject([{ name: 'b1' }, { name: 't1', wrongCodes: 2 }, { name: 't2' }]);
    expect(await store.tokens.countWrongCode('id-t1', 'right')).toBe(0);
    expect(await store.tokens.remove('id-t1')).toBe(true);
    expect(await store.tokens.remove('id-t1')).toBe(false);
    expect(await store.tokens.find('id-t1')).toBeNull();
  });

  test('tokens end for good with the activity of their person', async () => {
    const { tokens, users } = store;
    for (const name of ['alice', 'bob', 'carol']) await users.add(user(name));
    for (const name of ['alice', 'bob', 'carol']) await tokens.add(token(`of-${name}`, name), 2);
    await users.setDisabled('alice', true, { by: 'root', at: 5 });
    expect(await tokens.add(token('later'), 2)).toBe('no-such-user');
    await users.setDisabled('alice', false, { by: 'root', at: 6 });
    await users.remove('bob');
    await users.add(user('bob'));
    await reopen();
    expect((await store.tokens.list()).map(({ name }) => name)).toEqual(['of-carol']);
  });

  test('targets change only as they were read', async () => {
    const { targets } = store;
    expect(await targets.add(target)).toBe('added');
    expect(await targets.add(target)).toBe('exists');
    const next = { ...target, port: 2222 };
    expect(await targets.replace(target, next)).toBe('replaced');
    expect(await targets.replace(target, next)).toBe('changed-meanwhile');
    expect(await targets.replace({ ...target, name: 'db9' }, next)).toBe('no-such-target');
    await reopen();
    expect(await store.targets.list()).toEqual([next]);
    expect(await store.targets.remove('db1')).toBe(true);
    expect(await store.targets.remove('db1')).toBe(false);
  });

  test('requests open within the quota, under ids that rest', async () => {
    const { approvals } = store;
    expect(await approvals.open(held('a'), limits)).toBe('opened');
    expect(await approvals.open(held('b', { id: 'A' as RequestId }), limits)).toBe('id-taken');
    const results = await Promise.all(['b', 'c', 'd'].map((uid) => approvals.open(held(uid), limits)));
    expect(results).toEqual(['opened', 'opened', 'too-many']);
    await reopen();
    expect(await store.approvals.find('a' as RequestUid)).toEqual(held('a'));
    expect(await store.approvals.findById('B' as RequestId)).toMatchObject({ statement: { uid: 'b' } });
    expect(await store.approvals.list()).toHaveLength(3);
  });

  test('a request advances version by version and never after its end', async () => {
    const { approvals } = store;
    await approvals.open(held('a'), limits);
    const race = [1, 2, 3].map((step) => approvals.advance(held('a', { version: 2, why: String(step) })));
    expect((await Promise.all(race)).filter((outcome) => outcome === 'advanced')).toHaveLength(1);
    expect(await approvals.advance(held('a', { version: 3, state: 'denied', decidedAt: 20 }))).toBe('advanced');
    expect(await approvals.advance(held('a', { version: 4, state: 'approved' }))).toBe('changed-meanwhile');
    expect(await approvals.advance(held('z', { version: 2 }))).toBe('gone');
    expect(await approvals.prune(20, 0)).toBe(0);
    expect(await approvals.prune(21, 0)).toBe(1);
    expect(await approvals.open(held('a'), limits)).toBe('id-taken');
    await approvals.prune(0, 11);
    expect(await approvals.open(held('a'), limits)).toBe('opened');
  });

  test('only what was consumed can be expired as unused, and is then consumed by nobody', async () => {
    const { approvals } = store;
    await approvals.open(held('a'), limits);
    const uid = 'a' as RequestUid;
    await approvals.expireUnused(uid, 'why', 30);
    expect(await approvals.find(uid)).toEqual(held('a'));
    await approvals.advance(held('a', { version: 2, state: 'approved' }));
    const binding = { session: 's1' as SessionId, channel: 0, digest: 'sha256:d' as Digest, boot: 'b1', version: 2 };
    expect(await approvals.consume(uid, binding, 20)).toBe(true);
    await approvals.expireUnused(uid, 'why', 30);
    expect(await approvals.find(uid)).toMatchObject({ state: 'expired', ending: 'why', decidedAt: 30, version: 4 });
    expect(await approvals.consume(uid, { ...binding, version: 4 }, 20)).toBe(false);
  });

  test('an approved request is consumed once, for its binding, before its expiry', async () => {
    const { approvals } = store;
    await approvals.open(held('a'), limits);
    const uid = 'a' as RequestUid;
    const binding = { session: 's1' as SessionId, channel: 0, digest: 'sha256:d' as Digest, boot: 'b1', version: 2 };
    expect(await approvals.consume(uid, { ...binding, version: 1 }, 20)).toBe(false);
    await approvals.advance(held('a', { version: 2, state: 'approved' }));
    for (const wrong of [
      { ...binding, session: 's2' as SessionId },
      { ...binding, channel: 1 },
      { ...binding, digest: 'sha256:e' as Digest },
      { ...binding, boot: 'b2' },
      { ...binding, version: 1 },
    ]) {
      expect(await approvals.consume(uid, wrong, 20)).toBe(false);
    }
    expect(await approvals.consume(uid, binding, 1000)).toBe(false);
    const race = await Promise.all([...Array(7)].map(() => approvals.consume(uid, binding, 999)));
    expect(race.filter(Boolean)).toHaveLength(1);
    await reopen();
    expect(await store.approvals.consume(uid, { ...binding, version: 3 }, 20)).toBe(false);
    expect(await store.approvals.find(uid)).toMatchObject({ state: 'released', version: 3 });
  });

  test('a break-glass begins once, counts what passes in its transaction, and is reviewed by somebody else', async () => {
    const asked = held('glass', { state: 'released', subject: 'break-glass' });
    const { user } = asked.statement;
    const ids = { uid: asked.statement.uid, id: asked.id };
    const one = openGlass(asked);
    const { breakGlasses } = store;
    const another = { ...one, uid: 'another' as RequestUid };
    const begun = await Promise.all([breakGlasses.begin(one), breakGlasses.begin(another)]);
    expect(begun).toEqual([true, false]);
    let made = 0;
    const pass = async (now: number, changes: Partial<HeldRequest> = {}): Promise<boolean> => {
      made += 1;
      const base = held(`glass${made}`, { state: 'approved', byBreakGlass: { ...ids, lifts: [] } });
      const request = { ...base, statement: { ...base.statement, expiresAt: 5000 }, ...changes };
      await store.approvals.open(request, { quota: 100, reuseAfter: DAY });
      const { session, channel, uid } = request.statement;
      const { digest, boot, version } = request;
      return store.approvals.consume(uid, { session, channel, digest, boot, version }, now);
    };
    const otherwise = held('otherwise').statement;
    expect(await pass(999)).toBe(true);
    expect(await pass(1000), 'after its time').toBe(false);
    expect(await pass(500, { boot: 'another run' }), 'of another run').toBe(false);
    expect(await pass(500, { subject: 'access' }), 'no command').toBe(false);
    expect(await pass(500, { statement: { ...otherwise, expiresAt: 5000, user: 'mallory' } }), 'of another').toBe(
      false,
    );
    expect(await pass(500, { byBreakGlass: { ...ids, uid: 'none' as RequestUid, lifts: [] } }), 'of none').toBe(false);
    await reopen();
    expect(await store.breakGlasses.find(one.uid)).toMatchObject({ uses: 1, commands: [{ at: 999 }] });
    const review = { by: 'bob', at: 1500, note: null };
    expect(await store.breakGlasses.review(one.uid, review), 'still open').toBe(false);
    expect(await store.breakGlasses.end(one.uid, { by: null, why: 'over', at: 1000 })).toBe(true);
    expect(await store.breakGlasses.end(one.uid, { by: null, why: 'over', at: 1001 })).toBe(false);
    expect(await pass(500), 'it has ended').toBe(false);
    expect(await store.breakGlasses.begin(another), 'not reviewed').toBe(false);
    expect(await store.breakGlasses.review(one.uid, { ...review, by: user }), 'by oneself').toBe(false);
    expect(await store.breakGlasses.review(one.uid, review)).toBe(true);
    expect(await store.breakGlasses.review(one.uid, review), 'again').toBe(false);
    expect(await store.breakGlasses.begin(another)).toBe(true);
    await store.breakGlasses.prune(1500);
    expect(await store.breakGlasses.list()).toHaveLength(2);
    await store.breakGlasses.prune(1501);
    expect((await store.breakGlasses.list()).map(({ uid }) => uid)).toEqual(['another']);
  });

  test('a use of a remembered approval is spent with the request that passes, or not at all', async () => {
    const terms: GrantTerms = {
      scope: 'command',
      rules: ['r'],
      words: null,
      inSession: false,
      minutes: 1,
      uses: 3,
      cost: 1,
    };
    const given = held('given', { state: 'released' });
    const open = { used: 0, state: 'active', endedAt: null, endedBy: null, ending: null } as const;
    const ids = { uid: given.statement.uid, id: given.id };
    const grant: CommandGrant = { ...ids, given, terms, from: 1, until: 1000, boot: given.boot, ...open };
    expect(await store.commandGrants.add(grant)).toBe(true);
    expect(await store.commandGrants.add(grant)).toBe(false);
    let made = 0;
    const pass = async (now: number, changes: Partial<HeldRequest> = {}, cost = 1): Promise<boolean> => {
      made += 1;
      const base = held(`pass${made}`, { state: 'approved', byGrant: ids });
      const request = {
        ...base,
        statement: { ...base.statement, expiresAt: 5000, grant: { ...terms, cost } },
        ...changes,
      };
      await store.approvals.open(request, { quota: 100, reuseAfter: DAY });
      const { session, channel } = request.statement;
      const { digest, boot, version } = request;
      return store.approvals.consume(request.statement.uid, { session, channel, digest, boot, version }, now);
    };
    const used = async (): Promise<number | undefined> => (await store.commandGrants.find(grant.uid))?.used;
    expect(await pass(500)).toBe(true);
    expect(await pass(1000), 'after its time').toBe(false);
    expect(await pass(500, { boot: 'another run' }), 'of another run').toBe(false);
    expect(await pass(500, {}, 3), 'more than is left').toBe(false);
    expect(await pass(500, { byGrant: { ...ids, uid: 'none' as RequestUid } }), 'of no grant').toBe(false);
    expect(await used()).toBe(1);
    await reopen();
    const race = await Promise.all([pass(500), pass(500), pass(500), pass(500)]);
    expect(race.filter(Boolean)).toHaveLength(2);
    expect(await store.commandGrants.find(grant.uid)).toMatchObject({ used: 3, state: 'used-up', endedAt: 500 });
    expect(await store.commandGrants.end(grant.uid, { state: 'revoked', by: 'bob', why: 'w', at: 600 })).toBe(false);
    await store.commandGrants.prune(500);
    expect(await store.commandGrants.list()).toHaveLength(1);
    await store.commandGrants.prune(501);
    expect(await store.commandGrants.list()).toEqual([]);
  });

  test('access for a time begins once and ends once', async () => {
    const { accessGrants } = store;
    const ends = { state: 'active', endedAt: null, endedBy: null } as const;
    const ids = { id: '9TQD' as RequestId, uid: 'u' as RequestUid };
    const grant: AccessGrant = {
      ...ids,
      user: 'alice',
      target: 'db2',
      login: 'pg',
      from: 1,
      until: 2,
      reason: null,
      approvers: ['bob'],
      ...ends,
    };
    expect(await accessGrants.add(grant)).toBe(true);
    expect(await accessGrants.add(grant)).toBe(false);
    await reopen();
    expect(await store.accessGrants.find(grant.id)).toEqual(grant);
    expect(await store.accessGrants.end(grant.uid, 'revoked', 'root', 5)).toBe(true);
    expect(await store.accessGrants.end(grant.uid, 'expired', null, 6)).toBe(false);
    await store.accessGrants.prune(5);
    expect(await store.accessGrants.list()).toMatchObject([{ state: 'revoked', endedBy: 'root', endedAt: 5 }]);
    await store.accessGrants.prune(6);
    expect(await store.accessGrants.list()).toEqual([]);
  });

  test('keeps the newest head of each audit log and its own sequence', async () => {
    expect(store.auditHead('n1')).toBeNull();
    await store.noteAuditHead('n1', { seq: 7, hash: 'h7' });
    await store.noteAuditHead('n1', { seq: 6, hash: 'h6' });
    const { sequence } = store;
    await reopen();
    expect(store.auditHead('n1')).toEqual({ seq: 7, hash: 'h7' });
    expect(store.auditHead('n2')).toBeNull();
    expect(store.sequence).toBe(sequence);
  });

  describe('the outbox', () => {
    const news: Announcer = (change) => {
      if (change.kind === 'break-glass-ended') {
        const { uid, uses } = change.one;
        return [{ id: `msg_${uid}_${uses}`, receiver: 'ops', uid, news: { kind: 'break-glass-ended' }, queuedAt: 10 }];
      }
      const { before, after } = change;
      const { uid } = after.statement;
      const { state } = after;
      return [
        {
          id: `msg_${uid}_${state}`,
          receiver: 'ops',
          uid,
          news: before === null || state === 'pending' ? { kind: 'asked' } : { kind: 'decided', state },
          queuedAt: 10,
        },
      ];
    };
    const waiting = async (): Promise<readonly string[]> => (await store.outbox.list()).map(({ id }) => id);

    test('gets the news of every change with the change, in order, and keeps them until they are taken out', async () => {
      store.outbox.announceWith(news);
      await store.approvals.open(held('u1'), limits);
      await store.approvals.open(held('u2'), limits);
      await store.approvals.advance(held('u1', { version: 2, state: 'approved' }));
      const binding = { session: 's1' as SessionId, channel: 0, digest: held('u1').digest, boot: 'b1', version: 2 };
      await store.approvals.consume('u1' as RequestUid, binding, 500);
      await store.approvals.expireUnused('u1' as RequestUid, 'crash', 600);
      await reopen();
      const all = ['msg_u1_pending', 'msg_u2_pending', 'msg_u1_approved', 'msg_u1_released', 'msg_u1_expired'];
      expect(await waiting()).toEqual(all);
      await store.outbox.remove(['msg_u2_pending', 'msg_u1_pending', 'msg_none']);
      await reopen();
      expect(await waiting()).toEqual(all.slice(2));
      expect((await store.outbox.list())[0]).toMatchObject({ receiver: 'ops', uid: 'u1', news: { state: 'approved' } });
    });

    test('gets the end of a break-glass with the end, once', async () => {
      store.outbox.announceWith(news);
      const one = openGlass(held('glass', { state: 'released', subject: 'break-glass' }));
      await store.breakGlasses.begin(one);
      expect(await waiting()).toEqual([]);
      await store.breakGlasses.end(one.uid, { by: null, why: 'over', at: 1000 });
      await store.breakGlasses.end(one.uid, { by: null, why: 'over', at: 1001 });
      await store.breakGlasses.review(one.uid, { by: 'bob', at: 1500, note: null });
      await reopen();
      expect(await store.outbox.list()).toMatchObject([{ id: 'msg_glass_0', news: { kind: 'break-glass-ended' } }]);
    });

    test('has nothing of a change that was refused', async () => {
      store.outbox.announceWith(news);
      await store.approvals.open(held('u1'), limits);
      await store.approvals.advance(held('u1', { version: 7, state: 'denied' }));
      await store.approvals.open(held('u2', { id: held('u1').id }), limits);
      expect(await waiting()).toEqual(['msg_u1_pending']);
    });

    test('an announcer that fails stores neither the change nor its news', async () => {
      store.outbox.announceWith(() => {
        throw new TypeError('no');
      });
      await expect(store.approvals.open(held('u1'), limits)).rejects.toThrow('no');
      expect(await store.approvals.find('u1' as RequestUid)).toBeNull();
    });
  });
});
