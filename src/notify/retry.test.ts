import { describe, expect, test } from 'vitest';
import { restAfter, retryAfter } from './retry.ts';

describe('restAfter', () => {
  test.each([
    [1, 0, 500],
    [1, 1, 1000],
    [3, 1, 4000],
    [7, 1, 60_000],
    [10_000, 0, 30_000],
  ])('%d failures, chance %d: %d ms', (failures, random, ms) => {
    expect(restAfter(failures, random, null)).toBe(ms);
  });

  test('is at least what was asked for, and never beyond reason', () => {
    expect(restAfter(1, 1, 5000)).toBe(5000);
    expect(restAfter(7, 1, 5000)).toBe(60_000);
    expect(restAfter(1, 1, 1e12)).toBe(600_000);
  });
});

describe('retryAfter', () => {
  const now = Date.UTC(2026, 10, 20, 10, 0, 0);
  test.each([
    [undefined, null],
    ['120', 120_000],
    [' 0 ', 0],
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
    ['99999999999999999999', null],
  ])('%s is %s', (header, expected) => {
    expect(retryAfter(header, now)).toBe(expected);
  });
});
