/** Runs the policy's bench, a program of its own, among the others and prints what it prints. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('decisions a second', () => {
  const program = fileURLToPath(new URL('policy-rates.ts', import.meta.url));
  const output = execFileSync(process.execPath, ['--import', 'tsx', program], { encoding: 'utf8', timeout: 100_000 });
  process.stdout.write(output);
  expect(output).toContain('catalogue lines, regex list');
});
