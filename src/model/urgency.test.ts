import { expect, test } from 'vitest';
import { saidUrgency } from './urgency.ts';

test.each([
  [undefined, 'normal'],
  ['', 'normal'],
  ['low', 'low'],
  ['normal', 'normal'],
  ['high', 'high'],
  ['HIGH', 'unknown'],
  ['asap', 'unknown'],
  ['high\u0000', 'unknown'],
  ['toString', 'unknown'],
])('a client that says %j means %s', (text, urgency) => {
  expect(saidUrgency(text)).toBe(urgency);
});
