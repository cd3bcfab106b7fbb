import { describe, expect, test } from 'vitest';
import { didYouMean, nearestWord } from './nearest-word.ts';

describe('nearestWord', () => {
  test.each([
    ['aprove', ['allow', 'approve', 'deny'], 'approve'],
    ['effct', ['effect', 'except'], 'effect'],
    ['dney', ['allow', 'deny'], 'deny'],
    ['Deny', ['allow', 'deny'], 'deny'],
    ['zzzzzz', ['allow', 'deny'], undefined],
    ['', ['allow'], undefined],
  ])('%s among %j is %s', (text, words, expected) => {
    expect(nearestWord(text, words)).toBe(expected);
  });

  test('says nothing when nothing is near', () => {
    expect(didYouMean('zzzzzz', ['allow'])).toBe('');
    expect(didYouMean('alow', ['allow'])).toBe('; did you mean "allow"?');
  });
});
