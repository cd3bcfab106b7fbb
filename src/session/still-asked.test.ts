import { expect, test } from 'vitest';
import type { Decision } from '../model/decision.ts';
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
  expect(stillAsked({ ...HELD, ...change }, HELD)).toBe(same);
});
