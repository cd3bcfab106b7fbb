import { expect, test } from 'vitest';
import { Places } from './places.ts';

test('each key has its places, and gets back what was left, once', () => {
  const places = new Places(2);
  const [first, second] = [places.enter('a'), places.enter('a')];
  expect([first === null, second === null, places.enter('a'), places.enter('b') === null]).toEqual([
    false,
    false,
    null,
    false,
  ]);
  first?.();
  first?.();
  expect(places.enter('a')).not.toBeNull();
  expect(places.enter('a')).toBeNull();
});
