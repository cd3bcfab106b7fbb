import { beforeEach, describe, expect, test } from 'vitest';
import { MemoryTokenStore, MemoryUserStore } from '../../test/support/memory-identity-stores.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { ApiTokens } from '../identity/api-tokens.ts';
import type { AuditDraft, AuditSink } from '../model/audit-event.ts';
import { SignIn, type StandingOf, type WebRates } from './sign-in.ts';

const HOUR = 3_600_000;
const many = { burst: 1000, perMinute: 1000 };
const RATES: WebRates = { anonymous: many, failures: many, token: many, decisions: many };

let clock: FakeClock;
let events: AuditDraft[];
let before: (event: AuditDraft) => void;
let signIn: SignIn;
let text: string;
let standing: StandingOf;
let audit: AuditSink;

beforeEach(async () => {
  clock = new FakeClock();
  events = [];
  before = () => undefined;
  standing = async () => ({ kind: 'lost' });
  const users = new MemoryUserStore();
  const made = { createdAt: 1, createdBy: 'root', rolesChangedAt: 1, rolesChangedBy: 'root' };
  await users.add({ name: 'bob', roles: ['sre'], disabled: false, keys: [], ...made });
  audit = {
    append: async (event: AuditDraft) => {
      before(event);
      events.push(event);
    },
  };
  const parts = { store: new MemoryTokenStore(), users, audit, clock, onListenerFailure: () => undefined };
  const tokens = new ApiTokens(parts);
  text = (await tokens.add({ name: 'phone', user: 'bob', scope: 'decide', lifetime: 100 * HOUR }, 'root')).text;
  events.length = 0;
  signIn = new SignIn({ tokens, standing, audit, clock, rates: RATES });
});

const from = (address: string, authorization: string = `Bearer ${text}`) => ({ address, authorization, through: null });

describe('a sign-in', () => {
  test('is somebody with the authority of now, bound to the token', async () => {
    expect(await signIn.visitor(from('192.0.2.1'), 'decide')).toMatchObject({
      kind: 'visitor',
      principal: {
        user: 'bob',
        roles: ['sre'],
        address: '192.0.2.1',
        proof: { keyType: 'token', secondFactor: false },
      },
    });
  });

  test('to read is written down once an hour and address, before a decision always', async () => {
    for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2']) await signIn.visitor(from(address), 'read');
    expect(events).toHaveLength(2);
    await signIn.visitor(from('192.0.2.1'), 'decide');
    expect(events).toHaveLength(3);
    clock.advance(HOUR);
    await signIn.visitor(from('192.0.2.1'), 'read');
    expect(events.map(({ type }) => type)).toEqual(Array(4).fill('auth.success'));
    expect(JSON.stringify(events)).not.toContain(text.slice(-43));
  });

  test('that cannot be written down is none', async () => {
    before = () => {
      throw new RangeError('disk full');
    };
    await expect(signIn.visitor(from('192.0.2.1'), 'decide')).rejects.toThrow('disk full');
    await expect(signIn.visitor(from('192.0.2.1', 'Bearer x'), 'read')).rejects.toThrow('disk full');
  });

  test('wrong tokens from everywhere do not fill the log', async () => {
    for (let i = 0; i < 5000; i += 1) {
      const refused = await signIn.visitor(from(`198.51.${i >> 8}.${i & 255}`, 'Bearer hlt_x'), 'read');
      expect(refused).toMatchObject({ kind: 'refused', status: 401 });
    }
    expect(events).toHaveLength(100);
    clock.advance(2000);
    await signIn.visitor(from('192.0.2.1', 'Bearer hlt_x'), 'read');
    expect(events.at(-1)).toMatchObject({ type: 'auth.failure', detail: { token: null, unlogged: 4900 } });
  });
});

describe('through SSH', () => {
  const proof = { keyFingerprint: 'SHA256:k', keyType: 'ssh-ed25519', secondFactor: false };
  const through = { user: 'eve', roles: ['old'], proof, address: '192.0.2.7' };

  test('it is who signed in there, with the roles of now, whatever token is sent', async () => {
    standing = async () => ({ kind: 'stands', roles: ['sre'] });
    signIn = new SignIn({
      tokens: { authenticate: () => Promise.reject(new RangeError()) },
      standing,
      audit,
      clock,
      rates: RATES,
    });
    expect(await signIn.visitor({ ...from('192.0.2.7'), through }, 'decide')).toEqual({
      kind: 'visitor',
      principal: { ...through, roles: ['sre'] },
      token: null,
    });
  });

  test('and nobody once that authority is lost', async () => {
    expect(await signIn.visitor({ ...from('192.0.2.7'), through }, 'read')).toMatchObject({ status: 401 });
  });
});
