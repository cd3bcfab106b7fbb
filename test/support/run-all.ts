/**
 * `npm test`: everything, in order, to the end even when something fails. The last line of stdout is
 * `N passed, N failed`: the tests of all projects, and one for each check that is no test and failed. A skipped
 * test counts as failed, for it hides what it would have shown.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestCount } from './count-reporter.ts';
import { installPrograms } from './install-programs.ts';

const counts = mkdtempSync(join(tmpdir(), 'heldline-counts-'));

/** The whole run; HELDLINE_BENCH=short tells the bench tests to be brief. */
function runAll(): TestCount {
  if (!installPrograms()) return { passed: 0, failed: 1 };
  const steps = [
    () => runCheck('typecheck'),
    () => runCheck('lint'),
    () => runCheck('unused'),
    () => runTests('unit'),
    () => runCheck('build'),
    () => runTests('integration'),
    () => runTests('e2e'),
    () => runCheck('gate:fuzz:short'),
    ...(existsSync('test/bench') ? [() => runTests('bench', { HELDLINE_BENCH: 'short' })] : []),
  ];
  const results = steps.map((step) => step());
  return { passed: sum(results.map(({ passed }) => passed)), failed: sum(results.map(({ failed }) => failed)) };
}

/** A check that is no test adds nothing when it passes. */
function runCheck(script: string): TestCount {
  const passed = run('npm', ['run', '-s', script]);
  if (!passed) process.stdout.write(`npm run ${script} failed\n`);
  return { passed: 0, failed: passed ? 0 : 1 };
}

function runTests(project: string, env: NodeJS.ProcessEnv = {}): TestCount {
  const file = join(counts, `${project}.json`);
  const clean = run('npx', ['vitest', 'run', '--project', project], { ...env, HELDLINE_TEST_COUNT: file });
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const { passed, failed }: TestCount = JSON.parse(readFileSync(file, 'utf8'));
  // Without a failed test it can still fail: a file that does not load, an error outside of any test.
  return { passed, failed: failed === 0 && !clean ? 1 : failed };
}

function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  process.stdout.write(`\n> ${program} ${words.join(' ')}\n`);
  const { status } = spawnSync(program, words, { stdio: ['ignore', 1, 2], env: { ...process.env, ...env } });
  return status === 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const total = runAll();
rmSync(counts, { recursive: true, force: true });
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
