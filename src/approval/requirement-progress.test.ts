import { describe, expect, test } from 'vitest';
import type { Digest } from '../model/names.ts';
import { type Requirement, SELF_REQUIREMENT, type Stage } from '../model/requirement.ts';
import type { CastVote } from './ports.ts';
import { currentStep, firstProgress, isAnswered, openStages, progressAfter, stepsOf } from './requirement-progress.ts';

/** Stages name a letter; a person called `ab` is asked by stages `a` and `b`. */
function stage(letter: string, more: Partial<Stage> = {}): Stage {
  return { who: { kind: 'role', roles: [letter] }, count: 1, factors: ['totp'], ...more };
}

function requirement(mode: Requirement['mode'], ...stages: readonly Stage[]): Requirement {
  return { ...SELF_REQUIREMENT, mode, stages };
}

function vote(approver: string, step: number | null = null, verdict: CastVote['verdict'] = 'approve'): CastVote {
  const fixed = { digest: 'd' as Digest, factor: 'totp', door: 'ssh', at: 0, keyFingerprint: null } as const;
  return { ...fixed, approver, verdict, step };
}

function mayCount(given: CastVote, { who }: Stage): boolean {
  return typeof who === 'object' && who.kind === 'role' && who.roles.some((letter) => given.approver.includes(letter));
}

describe('parallel', () => {
  test.each([
    ['a', ['a'], true],
    ['a', ['b'], false],
    ['a b', ['ab'], false],
    ['a b', ['ab', 'a'], true],
    ['a b', ['a', 'ab'], true],
    ['a a', ['a', 'a'], false],
    ['a a', ['a', 'xa'], true],
    ['a b c', ['abc', 'ab', 'a'], true],
    ['a b c', ['ab', 'ba', 'xab'], false],
    ['', ['a'], false],
  ])('stages "%s" with votes of %j', (letters, names, expected) => {
    const stages = letters.split(' ').flatMap((letter) => (letter === '' ? [] : [stage(letter)]));
    const asked = requirement('parallel', ...stages);
    const votes = names.map((name) => vote(name));
    expect(isAnswered(asked, firstProgress(asked, 0), votes, mayCount)).toBe(expected);
  });

  test('a denial is no approval, and a count needs that many', () => {
    const asked = requirement('parallel', stage('a', { count: 2 }));
    const progress = firstProgress(asked, 0);
    expect(isAnswered(asked, progress, [vote('a'), vote('xa', null, 'deny')], mayCount)).toBe(false);
    expect(isAnswered(asked, progress, [vote('a'), vote('xa')], mayCount)).toBe(true);
  });
});

describe('sequential', () => {
  const asked = requirement('sequential', stage('a'), stage('b'), stage('c', { onlyIf: 'escalated' }), stage('d'));

  test('an escalation belongs to the step before it', () => {
    expect(stepsOf(asked).map((step) => step.length)).toEqual([1, 2, 1]);
  });

  test('steps open one after the other; votes count for the step they were given in', () => {
    const start = firstProgress(asked, 5);
    expect(start.map((step) => step.openedAt)).toEqual([5, null, null]);
    expect(currentStep(asked, start, [], mayCount)).toBe(0);
    const votes = [vote('a', 0)];
    const next = progressAfter(asked, start, votes, 7, mayCount);
    expect(next).toMatchObject([{ answered: true }, { openedAt: 7, answered: false }, { openedAt: null }]);
    expect(currentStep(asked, next, votes, mayCount)).toBe(1);
    expect(isAnswered(asked, next, [...votes, vote('b', 0), vote('d', 0)], mayCount)).toBe(false);
    const last = progressAfter(asked, next, [...votes, vote('b', 1)], 8, mayCount);
    expect(isAnswered(asked, last, [...votes, vote('b', 1), vote('d', 2)], mayCount)).toBe(true);
  });

  test('an escalation stage is asked only when it was opened', () => {
    const start = firstProgress(asked, 0);
    const opened = progressAfter(asked, start, [vote('a', 0)], 0, mayCount);
    expect(openStages(asked, opened, 1)).toHaveLength(1);
    const escalated = opened.map((step, index) => (index === 1 ? { ...step, level: 1 } : step));
    expect(openStages(asked, escalated, 1)).toHaveLength(2);
    const votes = [vote('a', 0), vote('c', 1)];
    expect(currentStep(asked, opened, votes, mayCount)).toBe(1);
    expect(progressAfter(asked, escalated, votes, 9, mayCount)[2]).toMatchObject({ openedAt: 9 });
  });
});
