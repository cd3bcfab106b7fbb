import { describe, expect, test } from 'vitest';
import { subsequenceScore } from './subsequence.ts';

describe('finding by typing', () => {
  test.each([
    ['', 'db1', true],
    ['db', 'db1 env=prod postgres', true],
    ['d1', 'db1', true],
    ['pgs', 'db1 postgres', true],
    ['DB prod', 'db1 env=prod', true],
    ['1d', 'db1', false],
    ['db x', 'db1 prod', false],
  ])('%j in %j: %s', (query, text, fits) => {
    expect(subsequenceScore(query, text) !== null).toBe(fits);
  });

  test('the beginning of a word is better than its middle, and a piece is better than scattered letters', () => {
    const scores = ['db1', 'xdb1', 'dxxb1'].map((text) => subsequenceScore('db', text) ?? Number.NaN);
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    expect(new Set(scores).size).toBe(3);
  });
});
