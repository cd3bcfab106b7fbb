import { expect, test } from 'vitest';
import { FishSignature } from './fish-signature.ts';

const PROMPT = '\x1b[2m\u23ce\x1b(B\x1b[m     \rbox$ ';

test.each([1, 2, 3, 100])('fish is known by its output in pieces of %i bytes', (size) => {
  const fish = new FishSignature();
  const bytes = Buffer.from(PROMPT);
  for (let at = 0; at < bytes.length; at += size) fish.take(bytes.subarray(at, at + size));
  expect(fish.seen).toBe(true);
});

test('what was forgotten has to be seen again', () => {
  const fish = new FishSignature();
  fish.take(Buffer.from(PROMPT));
  fish.forget();
  fish.take(Buffer.from('box$ '));
  expect(fish.seen).toBe(false);
  fish.take(Buffer.from('\x1b[30m\x1b(B\x1b[m'));
  expect(fish.seen).toBe(true);
});
