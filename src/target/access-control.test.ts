import { beforeEach, describe, expect, test } from 'vitest';
import type { AccessRule } from '../model/access-rule.ts';
import type { Principal } from '../model/principal.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import type { LocalTarget, SshTarget, Target } from '../model/target.ts';
import { AccessControl } from './access-control.ts';
import type { TargetStore, TimedAccess } from './ports.ts';

const base = { labels: { env: 'prod' }, description: '', createdAt: 0, createdBy: 'root' };
const db1: SshTarget = {
  ...base,
  kind: 'ssh',
  name: 'db1',
  host: '10.0.0.1',
  port: 22,
  logins: ['app', 'root', 'postgres'],
  hostKeys: ['SHA256:x'],
  credential: { kind: 'egress' },
};
const db2: SshTarget = { ...db1, name: 'db2' };
const dev: LocalTarget = {
  ...base,
  kind: 'local',
  name: 'sandbox',
  labels: { env: 'dev' },
  argv: ['bash'],
  environment: {},
};

let roles: Map<string, readonly string[]>;
let rules: AccessRule[];
let timed: TimedAccess[];
let control: AccessControl;

beforeEach(() => {
  roles = new Map([
    ['alice', ['dev']],
    ['bob', ['sre']],
  ]);
  rules = [
    rule({ role: 'sre' }, 'prod', { logins: ['root', 'app', 'oracle'] }),
    rule({ role: 'dev' }, 'prod', {
      logins: ['postgres'],
      request: { approval: SELF_REQUIREMENT, longest: 3_600_000 },
    }),
    {
      who: { kind: 'always' },
      targets: { kind: 'label', key: 'env', values: ['dev'] },
      logins: null,
      request: null,
      origin: 'd',
    },
  ];
  timed = [];
  control = new AccessControl({
    targets: storeOf([db1, db2, dev]),
    people: { rolesOf: async (user) => roles.get(user) ?? null },
    timed: { held: async (user, target) => (user === 'alice' && target === 'db1' ? timed : []) },
    rules: () => rules,
  });
});

function rule(who: { role: string }, env: string, more: Partial<AccessRule>): AccessRule {
  return {
    who: { kind: 'role', roles: [who.role] },
    targets: { kind: 'label', key: 'env', values: [env] },
    logins: null,
    request: null,
    origin: `policy.d/10.yaml:${who.role}`,
    ...more,
  };
}

function storeOf(targets: readonly Target[]): TargetStore {
  const unused = (): never => {
    throw new TypeError('access control changes nothing');
  };
  return {
    find: async (name) => targets.find((target) => target.name === name) ?? null,
    list: async () => targets,
    add: unused,
    replace: unused,
    remove: unused,
  };
}

function principal(user: string): Principal {
  const proof = { keyFingerprint: 'SHA256:k', keyType: 'ssh-ed25519', secondFactor: false };
  return { user, roles: ['sre', 'admin'], proof, address: '192.0.2.1' };
}

describe('a login', () => {
  test.each([
    [null, 'app'],
    ['auto', 'app'],
    ['root', 'root'],
  ])('%s means %s for a rule that gives app and root', async (login, expected) => {
    const outcome = await control.decide(principal('bob'), 'db1', login);
    expect(outcome).toMatchObject({
      kind: 'granted',
      access: {
        login: expected,
        expiresAt: null,
        basis: 'policy.d/10.yaml:sre',
        target: { name: 'db1' },
        principal: { roles: ['sre'] },
      },
    });
  });

  test.each(['postgres', 'oracle', 'ROOT', ''])('%j that rule or target does not give is refused', async (login) => {
    expect(await control.decide(principal('bob'), 'db1', login)).toEqual({
      kind: 'login-refused',
      logins: ['app', 'root'],
    });
  });

  test('of a local target is the one account that runs it', async () => {
    expect(await control.decide(principal('alice'), 'sandbox', null)).toMatchObject({ access: { login: 'local' } });
    expect(await control.decide(principal('alice'), 'sandbox', 'root')).toMatchObject({ kind: 'login-refused' });
  });
});

describe('what one may not see', () => {
  test('answers like what is not there, and is never suggested', async () => {
    rules = rules.slice(2);
    const hidden = await control.decide(principal('bob'), 'db1', null);
    const missing = await control.decide(principal('bob'), 'db9', null);
    expect(hidden).toEqual({ kind: 'unknown', suggestion: null });
    expect(missing).toEqual(hidden);
    expect(await control.decide(principal('bob'), 'sandbx', null)).toEqual({ kind: 'unknown', suggestion: 'sandbox' });
    expect((await control.visibleTo('bob')).map((one) => one.target.name)).toEqual(['sandbox']);
  });

  test('a rule about something unknown gives nothing', async () => {
    rules = [
      {
        ...rule({ role: 'sre' }, 'prod', {}),
        targets: { kind: 'not', of: { kind: 'label', key: 'zone', values: ['dmz'] } },
      },
    ];
    expect(await control.decide(principal('bob'), 'db1', null)).toMatchObject({ kind: 'unknown' });
  });
});

describe('authority is current', () => {
  test('roles and rules of this moment count, not those of the sign-in', async () => {
    expect(await control.decide(principal('alice'), 'db1', 'root')).toMatchObject({ kind: 'login-refused' });
    roles.set('bob', []);
    expect(await control.decide(principal('bob'), 'db1', null)).toMatchObject({ kind: 'unknown' });
    roles.delete('bob');
    expect(await control.decide(principal('bob'), 'sandbox', null)).toEqual({ kind: 'no-authority' });
    expect(await control.visibleTo('bob')).toEqual([]);
    rules = [];
    expect(await control.decide(principal('alice'), 'sandbox', null)).toMatchObject({ kind: 'unknown' });
  });
});

describe('access for a time', () => {
  test('must be asked for where the rule says so', async () => {
    const asked = { kind: 'request-needed', logins: ['postgres'], longest: 3_600_000 };
    expect(await control.decide(principal('alice'), 'db1', null)).toEqual(asked);
    expect(await control.requestable('alice', 'db1', 'auto')).toMatchObject({
      login: 'postgres',
      target: { name: 'db1' },
    });
    expect(await control.requestable('alice', 'db1', 'root')).toBeNull();
    expect(await control.requestable('bob', 'db1', null)).toBeNull();
    expect(await control.requestable('alice', 'db9', null)).toBeNull();
    expect(await control.visibleTo('alice')).toMatchObject([
      { target: { name: 'db1' }, logins: [], request: { logins: ['postgres'] }, until: null },
      { target: { name: 'db2' }, logins: [] },
      { target: { name: 'sandbox' }, logins: ['local'], request: null },
    ]);
  });

  test('opens its login on its target until it ends', async () => {
    timed = [{ id: '9TQD', login: 'postgres', until: 5000 }];
    expect(await control.decide(principal('alice'), 'db1', null)).toMatchObject({
      kind: 'granted',
      access: { login: 'postgres', expiresAt: 5000, basis: 'grant 9TQD' },
    });
    expect(await control.decide(principal('alice'), 'db1', 'root')).toMatchObject({ kind: 'login-refused' });
    expect(await control.decide(principal('alice'), 'db2', 'postgres')).toMatchObject({ kind: 'request-needed' });
    timed = [{ id: '9TQD', login: 'nobody', until: 5000 }];
    expect(await control.decide(principal('alice'), 'db1', 'nobody')).toMatchObject({ kind: 'login-refused' });
  });
});
