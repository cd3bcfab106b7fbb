import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryTokenStore, MemoryUserStore } from '../../test/support/memory-identity-stores.ts';
import { FakeClock } from '../base/fake-clock.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import { ApiTokens, type NewToken } from './api-tokens.ts';

const DAY = 86_400_000;

let clock: FakeClock;
let store: MemoryTokenStore;
let users: MemoryUserStore;
let events: AuditDraft[];
let tokens: ApiTokens;

beforeEach(async () => {
  clock = new FakeClock();
  store = new MemoryTokenStore();
  users = new MemoryUserStore();
  events = [];
  const made = { createdAt: 1, createdBy: 'root', rolesChangedAt: 1, rolesChangedBy: 'root' };
  for (const name of ['bob', 'eve']) await users.add({ name, roles: ['sre'], disabled: false, keys: [], ...made });
  const audit = { append: async (event: AuditDraft) => events.push(event) };
  tokens = new ApiTokens({ store, users, audit, clock, onListenerFailure: () => undefined });
});

const draft = (more: Partial<NewToken> = {}): NewToken => ({
  name: 'phone',
  user: 'bob',
  scope: 'decide',
  lifetime: 90 * DAY,
  ...more,
});
const types = (): string[] => events.map(({ type }) => type);

describe('a token', () => {
  test('is shown once, kept as a hash, and says whose it is', async () => {
    const { text, token } = await tokens.add(draft(), 'root');
    expect(text).toMatch(/^hlt_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
    const kept = JSON.stringify([...store.tokens.values()]) + JSON.stringify(events);
    expect(kept).not.toContain(text.slice(-43));
    expect(await tokens.authenticate(text)).toEqual({ kind: 'accepted', token, roles: ['sre'] });
    expect(events).toMatchObject([
      { type: 'token.added', actor: { user: 'root' }, detail: { token: 'phone', user: 'bob', scope: 'decide' } },
    ]);
  });

  test.each([
    ['with another secret', (text: string) => `${text.slice(0, -43)}${'A'.repeat(43)}`],
    ['with another id', (text: string) => text.replace(/^hlt_[0-9a-f]{16}/, 'hlt_0000000000000000')],
    ['with a piece behind it', (text: string) => `${text}A`],
    ['with a line break', (text: string) => `${text}\n`],
    ['that is empty', () => ''],
    ['that is its hash', () => `hlt_${[...store.tokens.keys()][0]}_${[...store.tokens.values()][0]?.hash}`],
  ])('%s is refused', async (_, forge) => {
    const { text } = await tokens.add(draft(), 'root');
    expect(await tokens.authenticate(forge(text))).toMatchObject({
      kind: 'refused',
      why: 'unknown token',
      token: null,
    });
  });

  test('ends by its time', async () => {
    const { text } = await tokens.add(draft({ lifetime: DAY }), 'root');
    clock.advance(DAY - 1);
    expect(await tokens.authenticate(text)).toMatchObject({ kind: 'accepted' });
    clock.advance(1);
    expect(await tokens.authenticate(text)).toMatchObject({ kind: 'refused', why: 'token has expired' });
  });

  test('has the authority of this moment', async () => {
    const { text } = await tokens.add(draft(), 'root');
    await users.setRoles('bob', ['dev'], { by: 'root', at: 2 });
    expect(await tokens.authenticate(text)).toMatchObject({ roles: ['dev'] });
    await users.setDisabled('bob', true, { by: 'root', at: 3 });
    expect(await tokens.authenticate(text)).toMatchObject({ kind: 'refused', why: 'user is not active' });
    await users.remove('bob');
    expect(await tokens.authenticate(text)).toMatchObject({ kind: 'refused', why: 'user is not active' });
  });

  test('is removed by its name, and listeners hear of it', async () => {
    const { text } = await tokens.add(draft(), 'root');
    const heard: string[] = [];
    tokens.onEnded(({ name }) => heard.push(name));
    await expect(tokens.remove('phone', 'eve', ({ user }) => user === 'eve')).rejects.toThrow(
      'there is no token phone',
    );
    await tokens.remove('phone', 'bob', ({ user }) => user === 'bob');
    expect(await tokens.authenticate(text)).toMatchObject({ kind: 'refused', why: 'unknown token' });
    expect(heard).toEqual(['phone']);
    expect(types()).toEqual(['token.added', 'token.removed']);
  });

  test('ends itself after five wrong codes in a row, before they lock its person', async () => {
    const { text, token } = await tokens.add(draft(), 'root');
    for (const outcome of ['wrong', 'wrong', 'wrong', 'wrong', 'right', 'wrong', 'wrong', 'wrong', 'wrong'] as const)
      await tokens.codeWas(outcome, token);
    expect(await tokens.authenticate(text)).toMatchObject({ kind: 'accepted' });
    await tokens.codeWas('wrong', token);
    expect(await tokens.authenticate(text)).toMatchObject({ kind: 'refused' });
    expect(types().at(-1)).toBe('token.ended');
  });
});

test.each([
  ['token.name', { name: 'My Token' }],
  ['token.lifetime', { lifetime: 0 }],
  ['token.lifetime', { lifetime: 367 * DAY }],
  ['user.unknown', { user: 'nobody' }],
] as const)('%s', async (code, more) => {
  await expect(tokens.add(draft(more), 'root')).rejects.toMatchObject({ code });
  expect(events).toEqual([]);
});

test('a name is given once, and nobody has more than twenty', async () => {
  await tokens.add(draft(), 'root');
  await expect(tokens.add(draft({ user: 'eve' }), 'root')).rejects.toMatchObject({ code: 'token.exists' });
  for (let i = 1; i < 20; i += 1) await tokens.add(draft({ name: `t${i}` }), 'root');
  await expect(tokens.add(draft({ name: 't20' }), 'root')).rejects.toMatchObject({ code: 'token.too-many' });
});

test('nothing is made or ended that cannot be written down', async () => {
  const { text } = await tokens.add(draft(), 'root');
  const audit = { append: () => Promise.reject(new RangeError('disk full')) };
  const broken = new ApiTokens({ store, users, audit, clock, onListenerFailure: () => undefined });
  await expect(broken.add(draft({ name: 'other' }), 'root')).rejects.toThrow('disk full');
  expect(store.tokens.size).toBe(1);
  await expect(broken.remove('phone', 'root')).rejects.toThrow('disk full');
  expect(await tokens.authenticate(text)).toMatchObject({ kind: 'accepted' });
});
