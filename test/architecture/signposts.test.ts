/** The table "Where do I look?" of ARCHITECTURE.md names files that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

function signposts(): string[] {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const table = text.split('## Where do I look?')[1]?.split('\n## ')[0] ?? '';
  const places = [...table.matchAll(/`([a-z][a-z/-]*(?:\.ts|\/)?)(?:<[a-z]+>(?:\.ts|\/)?)?`/g)].map(
    (match) => match[1] ?? '',
  );
  return [...new Set(places)].filter((place) => place.includes('/'));
}

test('the table has signposts', () => {
  expect(signposts().length).toBeGreaterThan(12);
});

test.each(signposts())('%s is there', (place) => {
  expect(existsSync(join(ROOT, 'src', place))).toBe(true);
});
