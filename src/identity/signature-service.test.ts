import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryUserStore } from '../../test/support/memory-identity-stores.ts';
import { SOFTWARE_KEY_TYPES, SoftwareKey } from '../../test/support/software-keys.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { SignatureOutcome } from '../model/signature-outcome.ts';
import { SignatureService } from './signature-service.ts';

const NAMESPACE = 'approve@bastion.test';
const MESSAGE = 'heldline-approval-v1\nverdict="approve"\n';

let store: MemoryUserStore;
let events: AuditDraft[];
let service: SignatureService;

beforeEach(() => {
  store = new MemoryUserStore();
  events = [];
  const audit = { append: async (draft: AuditDraft) => events.push(draft) };
  service = new SignatureService({ store, audit });
});

/** bob, with these keys. */
function register(name: string, ...keys: readonly SoftwareKey[]): void {
  store.users.set(name, {
    name,
    roles: [],
    disabled: false,
    keys: keys.map(({ fingerprint, type, blob }) => ({
      fingerprint,
      type,
      blob: blob.toString('base64'),
      comment: '',
      addedAt: 0,
      addedBy: 'root',
    })),
    createdAt: 0,
    createdBy: 'root',
    rolesChangedAt: 0,
    rolesChangedBy: 'root',
  });
}

function verify(armored: string, user = 'bob'): Promise<SignatureOutcome> {
  return service.verify(user, { armored, namespace: NAMESPACE, message: MESSAGE });
}

test.each(SOFTWARE_KEY_TYPES)('a signature of a registered key is accepted: %s', async (type) => {
  const key = new SoftwareKey(type);
  register('bob', new SoftwareKey('ssh-ed25519'), key);
  const armored = key.sign(MESSAGE);
  const unfolded = armored.replace(/(.{60})\n(?=.)/g, '$1').replaceAll('\n', '\r\n');
  expect(await verify(`\n ${unfolded} `)).toEqual({
    kind: 'accepted',
    fingerprint: key.fingerprint,
    publicKey: key.line,
    armored,
    isSecurityKey: key.isSecurityKey,
    userVerified: false,
  });
});

test('a signature over something else, for something else or of nobody is refused', async () => {
  const key = new SoftwareKey('ssh-ed25519');
  register('bob', key);
  register('carol', new SoftwareKey('ssh-ed25519'));
  for (const [armored, user] of [
    [key.sign(MESSAGE.replace('approve', 'deny')), 'bob'],
    [key.sign(MESSAGE, { namespace: 'git' }), 'bob'],
    [key.sign(MESSAGE, { namespace: 'approve@other.test' }), 'bob'],
    [new SoftwareKey('ssh-ed25519').sign(MESSAGE), 'bob'],
    [key.sign(MESSAGE), 'carol'],
    [key.sign(MESSAGE), 'constructor'],
    ['', 'bob'],
  ] as const) {
    expect((await verify(armored, user)).kind).toBe('refused');
  }
});

test('a key that was removed and a person who is disabled sign nothing', async () => {
  const key = new SoftwareKey('ssh-ed25519');
  register('bob', key);
  await store.setDisabled('bob', true, { by: 'root', at: 1 });
  expect((await verify(key.sign(MESSAGE))).kind).toBe('refused');
  await store.setDisabled('bob', false, { by: 'root', at: 1 });
  expect((await verify(key.sign(MESSAGE))).kind).toBe('accepted');
  await store.removeKey('bob', key.fingerprint);
  expect((await verify(key.sign(MESSAGE))).kind).toBe('refused');
});

describe.each(['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const)('%s', (type) => {
  let key: SoftwareKey;
  beforeEach(() => {
    key = new SoftwareKey(type);
    register('bob', key);
  });

  test('has to have been touched; a PIN is told', async () => {
    for (const flags of [0, 4]) {
      expect(await verify(key.sign(MESSAGE, { flags }))).toMatchObject({ kind: 'refused' });
    }
    expect(await verify(key.sign(MESSAGE, { flags: 1 }))).toMatchObject({ kind: 'accepted', userVerified: false });
    expect(await verify(key.sign(MESSAGE, { flags: 5 }))).toMatchObject({ kind: 'accepted', userVerified: true });
  });

  test('raises an alarm when its counter goes back or stands still, and keeps what was stored', async () => {
    await verify(key.sign(MESSAGE, { counter: 7 }));
    for (const counter of [7, 6, 0]) {
      expect(await verify(key.sign(MESSAGE, { counter }))).toMatchObject({ kind: 'refused' });
    }
    expect(events.map(({ type: what }) => what)).toEqual(Array(3).fill('user.key_counter_back'));
    expect(events[0]?.detail).toEqual({ user: 'bob', fingerprint: key.fingerprint, counter: 7 });
    expect(await verify(key.sign(MESSAGE, { counter: 8 }))).toMatchObject({ kind: 'accepted' });
  });

  test('may be one that does not count', async () => {
    for (const counter of [0, 0]) {
      expect(await verify(key.sign(MESSAGE, { counter }))).toMatchObject({ kind: 'accepted' });
    }
  });

  test('is not counted for a signature that is wrong', async () => {
    await verify(key.sign('something else', { counter: 900 }));
    await verify(key.sign(MESSAGE, { flags: 0, counter: 901 }));
    expect(await verify(key.sign(MESSAGE, { counter: 1 }))).toMatchObject({ kind: 'accepted' });
  });

  test('is refused when the alarm cannot be written down', async () => {
    const broken = new SignatureService({ store, audit: { append: () => Promise.reject(new RangeError('full')) } });
    await verify(key.sign(MESSAGE, { counter: 7 }));
    const offer = { armored: key.sign(MESSAGE, { counter: 7 }), namespace: NAMESPACE, message: MESSAGE };
    await expect(broken.verify('bob', offer)).rejects.toThrow('full');
  });
});
