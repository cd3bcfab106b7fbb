import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryUserStore } from '../../test/support/memory-identity-stores.ts';
import { ECDSA_256_KEY, ED25519_KEY, RSA_1024_KEY } from '../../test/support/sample-public-keys.ts';
import { FakeClock } from '../base/fake-clock.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { CodeOutcome } from '../model/code-outcome.ts';
import type { Principal } from '../model/principal.ts';
import { Authenticator } from './authenticator.ts';
import { type UserChange, UserDirectory } from './user-directory.ts';

let clock: FakeClock;
let store: MemoryUserStore;
let events: string[];
let changes: UserChange[];
let directory: UserDirectory;

beforeEach(() => {
  clock = new FakeClock();
  store = new MemoryUserStore();
  events = [];
  changes = [];
  directory = new UserDirectory({
    store,
    audit: {
      append: async (event: AuditDraft) => {
        events.push(event.type);
      },
    },
    clock,
    onListenerFailure: (failure) => {
      throw failure;
    },
  });
  directory.onChange((change) => changes.push(change));
});

describe('people', () => {
  test('are added with roles and keys, changed and removed, each in the log and told', async () => {
    await directory.add({ name: 'bob', roles: ['sre', 'sre'], keys: [ED25519_KEY.line] }, 'root');
    await directory.addKey('bob', ECDSA_256_KEY.line, 'root');
    await directory.setRoles('bob', ['dev'], 'root');
    await directory.disable('bob', 'root');
    await directory.enable('bob', 'alice');
    await directory.removeKey('bob', ECDSA_256_KEY.fingerprint, 'root');
    expect(await directory.find('bob')).toMatchObject({
      roles: ['dev'],
      disabled: false,
      keys: [{ fingerprint: ED25519_KEY.fingerprint, addedBy: 'root' }],
      rolesChangedBy: 'alice',
    });
    await directory.remove('bob', 'root');
    expect(await directory.list()).toEqual([]);
    expect(changes.map((change) => change.kind)).toEqual([
      'added',
      'key-added',
      'roles',
      'disabled',
      'enabled',
      'key-removed',
      'removed',
    ]);
    expect(events).toEqual([
      'user.added',
      'user.key_added',
      'user.roles_changed',
      'user.disabled',
      'user.enabled',
      'user.key_removed',
      'user.removed',
    ]);
  });

  test('a key stands for one person', async () => {
    await directory.add({ name: 'bob', roles: [], keys: [ED25519_KEY.line] }, 'root');
    const twin = { name: 'eve', roles: [], keys: [ED25519_KEY.line] };
    await expect(directory.add(twin, 'root')).rejects.toMatchObject({ code: 'key.taken' });
    await expect(directory.addKey('bob', ED25519_KEY.line, 'root')).rejects.toMatchObject({ code: 'key.taken' });
  });

  test('bad names, bad keys, doubles and unknown people are refused with nothing written', async () => {
    const bad = (name: string, keys: string[] = []): Promise<unknown> =>
      directory.add({ name, roles: [], keys }, 'root');
    await expect(bad('Bob')).rejects.toMatchObject({ code: 'user.name', kind: 'usage' });
    await expect(bad('a b')).rejects.toMatchObject({ code: 'user.name' });
    await expect(bad('bob', [RSA_1024_KEY.line])).rejects.toMatchObject({ code: 'key.refused' });
    await expect(directory.disable('bob', 'root')).rejects.toMatchObject({ code: 'user.unknown', kind: 'not-found' });
    expect(events).toEqual([]);
    await bad('bob');
    await expect(bad('bob')).rejects.toMatchObject({ code: 'user.exists', kind: 'conflict' });
  });

  test('nothing is changed that the log did not take', async () => {
    const silent = new UserDirectory({
      store,
      audit: { append: () => Promise.reject(new RangeError('log')) },
      clock,
      onListenerFailure: () => undefined,
    });
    await expect(silent.add({ name: 'bob', roles: [], keys: [] }, 'root')).rejects.toThrow('log');
    expect(await store.list()).toEqual([]);
  });
});

describe('sign-in', () => {
  const [type = '', blob = ''] = ED25519_KEY.line.split(' ');
  const key = { type, blob, fingerprint: ED25519_KEY.fingerprint };
  const proof = { keyFingerprint: key.fingerprint, keyType: type, secondFactor: false };
  const bob: Principal = { user: 'bob', roles: [], proof, address: '192.0.2.1' };
  let authenticator: Authenticator;

  beforeEach(async () => {
    await directory.add({ name: 'bob', roles: ['sre'], keys: [ED25519_KEY.line] }, 'root');
    const codes = { verify: async (): Promise<CodeOutcome> => ({ kind: 'locked' }) };
    const audit = { append: async (event: AuditDraft) => void events.push(event.type) };
    authenticator = new Authenticator({
      users: store,
      codes,
      audit,
      needsSecondFactor: (user) => user.roles.includes('sre'),
    });
  });

  test('needs a known person, enabled, with this very key', async () => {
    expect(await authenticator.findUserKey('bob', key)).toEqual({ kind: 'known', roles: ['sre'], secondFactor: true });
    expect(await authenticator.findUserKey('eve', key)).toMatchObject({ kind: 'refused' });
    expect(await authenticator.findUserKey('bob', { ...key, type: 'ssh-rsa' })).toMatchObject({ kind: 'refused' });
    expect(await authenticator.findUserKey('bob', { ...key, blob: 'AAAA' })).toMatchObject({ kind: 'refused' });
    await directory.disable('bob', 'root');
    expect(await authenticator.findUserKey('bob', key)).toMatchObject({ kind: 'refused' });
  });

  test('stands only as long as person and key do', async () => {
    expect(await authenticator.standing(bob)).toEqual({ kind: 'stands', roles: ['sre'] });
    await directory.removeKey('bob', key.fingerprint, 'root');
    expect(await authenticator.standing(bob)).toEqual({ kind: 'lost', why: 'key was removed' });
    await directory.disable('bob', 'root');
    expect(await authenticator.standing(bob)).toEqual({ kind: 'lost', why: 'user was disabled' });
    expect(await authenticator.rolesOf('bob')).toBeNull();
    expect(await authenticator.verifyLoginCode('bob', '1')).toMatchObject({ kind: 'locked' });
  });
});
