import { describe, expect, test } from 'vitest';
import { policyFromText } from '../../test/support/policy-text.ts';
import type { Inventory } from '../app/inventory.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { type AskedSubject, accessNote, subjectOf } from './explain-subject.ts';

const STORED: Inventory = {
  users: ['ana', 'bob'],
  targets: ['dev1'],
  rolesOf: (user) => (user === 'bob' ? ['sre'] : []),
  labelsOf: () => ({ env: 'dev' }),
};
const NOTHING: Inventory = { users: [], targets: [], rolesOf: () => [], labelsOf: () => ({}) };

function refused(inventory: Inventory, asked: AskedSubject): string {
  try {
    subjectOf(inventory, asked);
    return 'nothing was refused';
  } catch (failure) {
    return failure instanceof HeldlineError ? `${failure.kind}: ${failure.message}; ${failure.hint ?? ''}` : 'a bug';
  }
}

describe('who and where', () => {
  test.each([
    [
      'as stored',
      { user: 'bob', target: 'dev1' },
      { name: 'bob', roles: ['sre'] },
      { name: 'dev1', labels: { env: 'dev' } },
    ],
    ['by labels', { labels: ['env=prod', 'tier=db'] }, undefined, { name: '', labels: { env: 'prod', tier: 'db' } }],
    ['by roles', { roles: ['sre'] }, { name: '', roles: ['sre'] }, { name: '', labels: {} }],
    [
      'names that are not stored, described',
      { user: 'eve', roles: ['dev'], target: 'web9', labels: ['env=prod'] },
      { name: 'eve', roles: ['dev'] },
      { name: 'web9', labels: { env: 'prod' } },
    ],
  ])('%s', (_, asked, user, target) => {
    expect(subjectOf(STORED, asked)).toEqual({ ...(user === undefined ? {} : { user }), target });
  });

  test.each([
    [STORED, { target: 'web1' }, 'not-found: there is no target "web1"; known: dev1; To explain one'],
    [STORED, { user: 'eve' }, 'not-found: there is no user "eve"; known: ana, bob; To explain one'],
    [NOTHING, { user: 'eve' }, 'not-found: there is no user "eve"; none is stored'],
    [STORED, { labels: ['prod'] }, 'usage: --label is "prod"; write KEY=VALUE'],
  ])('refused: %#', (inventory, asked, message) => {
    expect(refused(inventory, asked)).toContain(message);
  });
});

describe('access', () => {
  const { access } = policyFromText(`access:
  - { who: { role: sre }, targets: { label.env: prod } }
  - { who: { role: dev }, targets: { label.env: prod }, request: { approval: self } }
`);
  const web1 = { name: 'web1', labels: { env: 'prod' } };

  test.each([
    ['sre', null],
    ['dev', 'ana reaches web1 only after asking: access request web1'],
    ['qa', 'ana has no access to web1: no rule under access: gives it'],
  ])('with role %s', (role, note) => {
    expect(accessNote(access, { user: { name: 'ana', roles: [role] }, target: web1 })).toBe(note);
  });

  test('is not spoken of when nobody or nothing is named', () => {
    expect(accessNote(access, { target: web1 })).toBeNull();
    expect(accessNote(access, { user: { name: 'ana', roles: [] }, target: { name: '', labels: {} } })).toBeNull();
  });
});
