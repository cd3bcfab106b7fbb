import { describe, expect, test } from 'vitest';
import { draft, requirement, stage } from '../../test/support/desk-world.ts';
import { endedBreakGlass } from '../../test/support/ended-break-glass.ts';
import { requestFrom } from '../approval/hold-draft.ts';
import type { HeldRequest } from '../approval/ports.ts';
import type { RequestId, RequestUid } from '../model/names.ts';
import type { Requirement } from '../model/requirement.ts';
import { announce, announceEnd } from './announce.ts';
import type { Receiver, Wants } from './receiver.ts';

const ANY: Wants = {
  news: ['asked', 'decided'],
  roles: null,
  targets: { kind: 'always' },
  severity: null,
  own: false,
};

function receiver(name: string, wants: Partial<Wants> = {}): Receiver {
  const way = { kind: 'mail', program: '/bin/true', from: 'a@b', to: ['c@d'] } as const;
  return { name, wants: { ...ANY, ...wants }, shows: 'full', way };
}

function held(asked: Requirement, changes: Partial<HeldRequest> = {}): HeldRequest {
  return { ...requestFrom(draft(asked), 'boot', 1000), ...changes };
}

/** What one receiver is told of a change, in short. */
function told(wants: Partial<Wants>, before: HeldRequest | null, after: HeldRequest): string {
  const drafts = announce([receiver('ops', wants)], before, after, 5);
  return drafts.map(({ news }) => (news.kind === 'decided' ? news.state : news.kind)).join();
}

const ONCE = { times: 1, at: 1 };
const GLASS = { uid: 'u' as RequestUid, id: '7KQ2' as RequestId, lifts: [] };

const SRE = requirement([stage({ role: 'sre' })]);
const CHAIN = requirement([stage({ role: 'sre' }), stage({ role: 'lead' })], { mode: 'sequential' });
const ESCALATING = requirement([
  stage({ role: 'sre' }, { timeout: 1000, onTimeout: 'escalate' }),
  stage({ role: 'lead' }, { onlyIf: 'escalated' }),
]);
const OWN = requirement([stage('requester')]);

describe('what is news', () => {
  const open = held(SRE);
  const step = { openedAt: 1000, level: 0, answered: false };
  const chain = held(CHAIN);
  const escalating = held(ESCALATING);
  const own = held(OWN, { subject: 'break-glass' });
  test.each<[string, HeldRequest | null, HeldRequest, string]>([
    ['opened', null, open, 'asked'],
    ['opened without its required reason', null, { ...open, listed: false }, ''],
    ['given its reason', { ...open, listed: false }, open, 'asked'],
    ['ended before it was listed', { ...open, listed: false }, { ...open, listed: false, state: 'cancelled' }, ''],
    ['a wrong code', open, { ...open, wrongCodes: { bob: 1 } }, ''],
    ['the next step of a chain', chain, { ...chain, steps: [{ ...step, answered: true }, step] }, 'asked'],
    ['an escalation', escalating, { ...escalating, steps: [{ ...step, level: 1 }] }, 'asked'],
    ['urgent for the first time', open, { ...open, urgency: 'high', raised: true }, 'asked'],
    ['a message', open, { ...open, messages: [{ text: 'look', at: 1 }] }, 'asked'],
    ['a reminder', open, { ...open, reminded: { times: 1, at: 1 } }, 'asked'],
    ['another reminder', { ...open, reminded: ONCE }, { ...open, reminded: { times: 2, at: 2 } }, 'asked'],
    ['something else after one', { ...open, reminded: ONCE }, { ...open, reminded: ONCE, wrongCodes: { bob: 1 } }, ''],
    ['urgent again', { ...open, raised: true }, { ...open, urgency: 'high', raised: true }, ''],
    ['approved', open, { ...open, state: 'approved' }, 'approved'],
    ['denied', open, { ...open, state: 'denied' }, 'denied'],
    ['released', { ...open, state: 'approved' }, { ...open, state: 'released' }, ''],
    ['approved in vain', { ...open, state: 'approved' }, { ...open, state: 'voided' }, 'voided'],
    [
      'passing by a remembered approval',
      null,
      { ...open, state: 'approved', byGrant: { uid: open.statement.uid, id: open.id } },
      '',
    ],
    ['passing by break-glass, before it is consumed', null, { ...open, state: 'approved', byBreakGlass: GLASS }, ''],
    [
      'passing by break-glass',
      { ...open, state: 'approved', byBreakGlass: GLASS },
      { ...open, state: 'released', byBreakGlass: GLASS },
      'released',
    ],
    ['a break-glass that begins', { ...own, state: 'approved' }, { ...own, state: 'released' }, 'released'],
    ['used by a run that died', { ...open, state: 'released' }, { ...open, state: 'expired' }, 'expired'],
  ])('%s', (_what, before, after, expected) => {
    expect(told({}, before, after)).toBe(expected);
  });

  test('a reminder concerns whom the next step asks, and not who has answered', () => {
    const steps = [{ ...step, answered: true }, step];
    const before = { ...chain, steps };
    const after = { ...before, reminded: ONCE };
    expect(told({ roles: ['lead'] }, before, after)).toBe('asked');
    expect(told({ roles: ['sre'] }, before, after)).toBe('');
  });

  test('an escalation concerns whom it asks', () => {
    const after = { ...escalating, steps: [{ ...step, level: 1 }] };
    expect(told({ roles: ['lead'] }, null, escalating)).toBe('');
    expect(told({ roles: ['lead'] }, escalating, after)).toBe('asked');
    expect(told({ roles: ['sre'] }, escalating, after)).toBe('');
  });
});

describe('who is told', () => {
  test.each<[string, Partial<Wants>, HeldRequest, boolean]>([
    ['only decisions', { news: ['decided'] }, held(SRE), false],
    ['its role', { roles: ['sre'] }, held(SRE), true],
    ['one of its roles', { roles: ['dba', 'sre'] }, held(SRE), true],
    ['another role', { roles: ['dba'] }, held(SRE), false],
    [
      'any role may answer',
      { roles: ['dba'] },
      held(requirement([{ ...stage('requester'), who: { kind: 'always' } }])),
      true,
    ],
    [
      'people by name are no role',
      { roles: ['dba'] },
      held(requirement([{ ...stage('requester'), who: { kind: 'users', names: ['bob'] } }])),
      false,
    ],
    [
      'one of the stages',
      { roles: ['lead'] },
      held(requirement([stage({ role: 'sre' }), stage({ role: 'lead' })])),
      true,
    ],
    ['the requester alone is asked', {}, held(OWN), false],
    ['the requester alone, wanted', { own: true }, held(OWN), true],
    ['the requester alone, by role', { own: true, roles: ['sre'] }, held(OWN), true],
    ['its label', { targets: { kind: 'label', key: 'env', values: ['prod'] } }, held(SRE), true],
    ['another label', { targets: { kind: 'label', key: 'env', values: ['dev'] } }, held(SRE), false],
    ['a label that is not there', { targets: { kind: 'label', key: 'team', values: ['a'] } }, held(SRE), false],
    ['its target', { targets: { kind: 'targets', names: ['db*'] } }, held(SRE), true],
    ['as severe', { severity: 'high' }, held(SRE, { severity: 'high' }), true],
    ['more severe', { severity: 'high' }, held(SRE, { severity: 'critical' }), true],
    ['less severe', { severity: 'high' }, held(SRE, { severity: 'medium' }), false],
    ['of unknown severity', { severity: 'high' }, held(SRE, { severity: null }), true],
  ])('%s', (_what, wants, request, expected) => {
    expect(told(wants, null, request)).toBe(expected ? 'asked' : '');
  });

  test('each receiver has an id of its own, the same whenever the change is announced', () => {
    const request = held(SRE);
    const both = [receiver('ops'), receiver('pager')];
    const first = announce(both, null, request, 1);
    const again = announce(both, null, request, 2);
    expect(first.map(({ id }) => id)).toEqual(again.map(({ id }) => id));
    expect(new Set(first.map(({ id }) => id)).size).toBe(2);
    const decided = announce(both, request, { ...request, state: 'denied', version: 2 }, 3);
    expect(new Set([...first, ...decided].map(({ id }) => id)).size).toBe(4);
    expect(first[0]?.id).toMatch(/^msg_[0-9a-f]{32}$/);
  });
});

test('who is on call makes no difference to who is told of their group', () => {
  const onCall = {
    kind: 'all',
    of: [
      { kind: 'role', roles: ['sre'] },
      { kind: 'users', names: ['bob'] },
    ],
  } as const;
  const narrowed = requirement([{ ...stage({ role: 'sre' }), who: onCall }]);
  expect(told({ roles: ['sre'] }, null, held(narrowed, { unnarrowed: SRE }))).toBe('asked');
  expect(told({ roles: ['dba'] }, null, held(narrowed, { unnarrowed: SRE }))).toBe('');
});

describe('break-glass is told', () => {
  const before = held(OWN, { state: 'approved', byBreakGlass: GLASS });
  const after: HeldRequest = { ...before, state: 'released' };
  test.each<[string, Partial<Wants>, boolean]>([
    ['to whoever the policy names, whatever else they want', { news: [], roles: ['dba'], severity: 'critical' }, true],
    ['to auditors', { news: ['asked'], roles: ['auditor'] }, true],
    ['to administrators', { targets: { kind: 'targets', names: ['other'] }, roles: ['admin', 'dba'] }, true],
    ['to those who stand for nobody in particular', { own: false }, true],
    ['to nobody else', { roles: ['dba'] }, false],
  ])('%s', (what, wants, isTold) => {
    const named = what.includes('policy names') ? ['ops'] : ['pager'];
    expect(announce([receiver('ops', wants)], before, after, 5, named)).toHaveLength(isTold ? 1 : 0);
  });
});

describe('the end of a break-glass is told', () => {
  const one = endedBreakGlass();
  const names = (wants: Partial<Wants>, named: readonly string[] = []): readonly string[] =>
    announceEnd([receiver('pager', wants)], one, 5, named).map(({ receiver: name }) => name);

  test('to whom its beginning was told, also when the policy names nobody any more', () => {
    const nobodys: Partial<Wants> = { news: [], roles: ['dba'] };
    expect(names(nobodys)).toEqual(['pager']);
    expect(announceEnd([receiver('ops', nobodys)], one, 5)).toEqual([]);
    expect(announceEnd([receiver('ops', nobodys)], one, 5, ['ops'])).toHaveLength(1);
    expect(announceEnd([receiver('ops', { roles: ['auditor'] })], one, 5)).toHaveLength(1);
  });

  test('with an id that is the same whenever it is announced', () => {
    const [first] = announceEnd([receiver('pager')], one, 5);
    const [again] = announceEnd([receiver('pager')], { ...one, uses: 9 }, 6);
    expect(first).toMatchObject({ uid: one.uid, news: { kind: 'break-glass-ended' }, queuedAt: 5 });
    expect(again?.id).toBe(first?.id);
  });
});
