import { expect, test } from 'vitest';
import type { Decision } from '../model/decision.ts';
import type { RequestId, RequestUid } from '../model/names.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import { denial } from './denial.ts';
import { stillAsked } from './still-asked.ts';

const HELD: Decision = { ...denial('r', 'why', 'h1'), effect: 'approve', requirement: SELF_REQUIREMENT };
const SECOND = {
  ...SELF_REQUIREMENT,
  stages: [{ who: { kind: 'role', roles: ['sre'] }, count: 1, factors: ['totp'] }],
} as const;

test.each<[string, Partial<Decision>, boolean]>([
  ['the same', {}, true],
  ['nothing any more', { effect: 'allow', requirement: null, policyHash: 'h2' }, true],
  ['a denial', { effect: 'deny', requirement: null }, false],
  ['a hold of another policy', { policyHash: 'h2' }, false],
  ['somebody else, though the policy is the same', { requirement: SECOND }, false],
])('the policy asks for %s', (_what, change, same) => {
  expect(stillAsked({ ...HELD, ...change }, HELD, {})).toBe(same);
});

const TERMS = { scope: 'command', rules: ['r'], words: null, inSession: false, minutes: 5, uses: 3, cost: 1 } as const;
const REMEMBERED: Decision = { ...HELD, grant: TERMS };

test.each<[string, Decision, boolean]>([
  ['the same terms', REMEMBERED, true],
  ['other rules, though the same people are asked', { ...HELD, grant: { ...TERMS, rules: ['q', 'r'] } }, false],
  ['fewer uses', { ...HELD, grant: { ...TERMS, uses: 2 } }, false],
  ['nothing that is remembered', HELD, false],
])('what passes by a grant, when the policy has %s', (_what, again, passes) => {
  const byGrant = { uid: 'u' as RequestUid, id: '7KQ2' as RequestId };
  expect(stillAsked(again, REMEMBERED, { byGrant })).toBe(passes);
  expect(stillAsked(again, REMEMBERED, {})).toBe(true);
});

const LIFTED: Decision = { ...HELD, breakGlass: { lifts: ['frozen'] } };
const byBreakGlass = { uid: 'u' as RequestUid, id: '7KQ2' as RequestId, lifts: ['frozen'] };

test.each<[string, Decision, boolean]>([
  ['the same', LIFTED, true],
  ['nothing any more', { ...HELD, effect: 'allow', requirement: null }, true],
  ['people again', HELD, false],
  ['other denials that it lifts', { ...HELD, breakGlass: { lifts: ['other'] } }, false],
  ['a denial', { ...HELD, effect: 'deny', requirement: null }, false],
])('what passes by break-glass, when the policy asks for %s', (_what, again, passes) => {
  expect(stillAsked(again, LIFTED, { byBreakGlass })).toBe(passes);
});

test('what people approved does not pass when only break-glass lifts what denies it now', () => {
  expect(stillAsked(LIFTED, HELD, {})).toBe(false);
  expect(stillAsked({ ...HELD, breakGlass: { lifts: [] } }, HELD, {})).toBe(true);
});
