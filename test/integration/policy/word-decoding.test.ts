/**
 * The words that our analysis sees, against those that the local bash makes of the same text. Only words made of
 * quoting are used: they hold no expansion, so that bash can do nothing but remove the quotes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyse } from '../../../src/policy/language/analyse.ts';
import { quotedWord } from '../../support/random-shell-text.ts';

/** 20,000 in the long run: `LONG_RUN=1 npx vitest run test/integration/policy`. */
const WORDS = process.env['LONG_RUN'] === '1' ? 20_000 : 2_000;
const BATCH = 200;
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'heldline-words-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What bash makes of the words: `printf` and a builtin list, no files, no startup files, no PATH. */
function decodedByBash(words: readonly string[]): readonly string[] {
  const script = `printf '%s\\0' ${words.join(' ')}`;
  const result = spawnSync('/bin/bash', ['--noprofile', '--norc', '-r', '-f', '-c', script], {
    cwd: directory,
    env: { LC_ALL: 'C.UTF-8', PATH: '' },
    timeout: 10_000,
  });
  if (result.error !== undefined)
    throw new TypeError('/bin/bash is missing (Debian package bash)', { cause: result.error });
  expect(result.stderr.toString()).toBe('');
  return result.stdout.toString().split('\0').slice(0, -1);
}

/** Words that bash itself accepts; a backslash-newline behind `$` reads differently by design (it is opaque). */
function decodedByUs(word: string): string | null {
  const analysis = analyse(`: ${word}`, { context: 'exec', dialect: 'bash' });
  if (analysis.unparsable !== null || analysis.incomplete !== null || analysis.opaque.length > 0) return null;
  const args = analysis.commands[0]?.args ?? [];
  return args.length === 1 ? (args[0]?.text ?? null) : null;
}

test(`decodes ${WORDS} random words as bash does`, () => {
  const words = fc.sample(quotedWord, WORDS).filter((word) => !/[\n]$/u.test(word));
  let compared = 0;
  for (let from = 0; from < words.length; from += BATCH) {
    const batch = words.slice(from, from + BATCH).filter((word) => decodedByUs(word) !== null);
    const bash = decodedByBash(batch);
    expect(bash).toHaveLength(batch.length);
    expect(batch.map((word) => [word, decodedByUs(word)])).toEqual(
      batch.map((word, index) => [word, bash[index]?.normalize('NFC')]),
    );
    compared += batch.length;
  }
  expect(compared).toBeGreaterThan(WORDS * 0.8);
});
