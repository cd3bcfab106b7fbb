import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { draft, requirement, stage } from '../../../test/support/desk-world.ts';
import { requestFrom } from '../../approval/hold-draft.ts';
import type { AccessGrant } from '../../approval/ports.ts';
import type { ApiToken } from '../../identity/ports.ts';
import type { RequestId, RequestUid } from '../../model/names.ts';
import type { User } from '../../model/user.ts';
import { auditHeadIn, copyStore, putStoreBack } from './copy-store.ts';
import { EmbeddedStore } from './embedded-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldline-copy-'));
});
afterEach(() => rm(folder, { recursive: true }));

const grant: AccessGrant = {
  id: '7KQ2' as RequestId,
  uid: 'u1' as RequestUid,
  user: 'alice',
  target: 'db1',
  login: 'root',
  from: 0,
  until: 9e12,
  reason: null,
  approvers: ['bob'],
  state: 'active',
  endedAt: null,
  endedBy: null,
};

const alice: User = {
  name: 'alice',
  roles: [],
  disabled: false,
  keys: [],
  createdAt: 0,
  createdBy: 'root',
  rolesChangedAt: 0,
  rolesChangedBy: 'root',
};

const token: ApiToken = {
  id: '0123456789abcdef',
  name: 'phone',
  user: 'alice',
  hash: 'ab',
  scope: 'decide',
  createdAt: 0,
  createdBy: 'alice',
  expiresAt: 9e12,
  wrongCodes: 0,
};

/** A store with something in it that permits something; still open. */
async function filled(directory: string): Promise<EmbeddedStore> {
  await EmbeddedStore.initialise(directory);
  const store = await EmbeddedStore.open({ directory });
  await store.accessGrants.add(grant);
  const request = requestFrom(draft(requirement([stage('requester')])), 'boot', 0);
  store.outbox.announceWith(() => [
    { id: 'msg_1', receiver: 'ops', uid: grant.uid, news: { kind: 'asked' }, queuedAt: 0 },
  ]);
  await store.approvals.open(request, { quota: 9, reuseAfter: 0 });
  await store.users.add(alice);
  await store.tokens.add(token, 9);
  await store.noteAuditHead('main', { seq: 7, hash: 'ab' });
  return store;
}

describe('a store put back', () => {
  test('has everything, permits nothing, and is younger than what the log saw', async () => {
    const from = join(folder, 'from');
    const to = join(folder, 'to');
    const store = await filled(from);
    expect(await store.tokens.list()).toHaveLength(1);
    const copy = await copyStore(from);
    await store.close();
    expect(auditHeadIn(copy, 'main')).toEqual({ seq: 7, hash: 'ab' });

    const lockdown = { since: 1, by: 'root', reason: 'incident' };
    const report = await putStoreBack(to, copy, { now: 5000, above: 40, lockdown });
    expect(report).toEqual({ grantsRevoked: 1, requestsEnded: 1 });
    const back = await EmbeddedStore.open({ directory: to });
    expect(await back.accessGrants.list()).toMatchObject([{ uid: 'u1', state: 'revoked', endedAt: 5000 }]);
    expect((await back.approvals.list()).map(({ state }) => state)).toEqual(['expired']);
    expect(back.lockdown.current).toEqual(lockdown);
    expect(await back.outbox.list()).toEqual([]);
    expect(await back.users.find('alice')).toMatchObject({ name: 'alice' });
    expect(await back.tokens.list()).toEqual([]);
    expect(await back.tokens.find(token.id)).toBeNull();
    expect(back.sequence).toBeGreaterThan(40);
    await back.close();
  });

  test('a lockdown survives a copy and a restart of the same store', async () => {
    const directory = join(folder, 'store');
    const store = await filled(directory);
    await store.lockdown.set({ since: 1, by: 'root', reason: 'x' });
    await store.close();
    const again = await EmbeddedStore.open({ directory });
    expect(again.lockdown.current).toMatchObject({ reason: 'x' });
    await again.lockdown.set(null);
    await again.close();
    const last = await EmbeddedStore.open({ directory });
    expect(last.lockdown.current).toBeNull();
    await last.close();
  });
});
