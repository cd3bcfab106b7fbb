/**
 * `npm test`: everything, in order, to the end even when something fails. The last line of stdout is
 * `N passed, N failed`: the tests of all projects, and one for each check that is no test and failed. A skipped
 * test counts as failed, for it hides what it would have shown.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPrograms } from './install-programs.ts';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** What we read of vitest's JSON report. */
interface Report {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
}

const reports = mkdtempSync(join(tmpdir(), 'heldline-reports-'));

/** The whole run; HELDLINE_BENCH=short tells the bench tests to be brief. */
function runAll(): Count {
  if (!installPrograms()) return { passed: 0, failed: 1 };
  const steps = [
    () => runCheck('typecheck'),
    () => runCheck('lint'),
    () => runCheck('unused'),
    () => runTests('unit'),
    () => runCheck('build'),
    () => runTests('integration'),
    () => runTests('e2e'),
    ...(existsSync('test/bench') ? [() => runTests('bench', { HELDLINE_BENCH: 'short' })] : []),
  ];
  const counts = steps.map((step) => step());
  return { passed: sum(counts.map((count) => count.passed)), failed: sum(counts.map((count) => count.failed)) };
}

/** A check that is no test adds nothing when it passes. */
function runCheck(script: string): Count {
  const passed = run('npm', ['run', '-s', script]);
  if (!passed) process.stdout.write(`npm run ${script} failed\n`);
  return { passed: 0, failed: passed ? 0 : 1 };
}

function runTests(project: string, env: NodeJS.ProcessEnv = {}): Count {
  const file = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const clean = run('npx', ['vitest', 'run', '--project', project, ...reporters], env);
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const report: Report = JSON.parse(readFileSync(file, 'utf8'));
  const failed = report.numTotalTests - report.numPassedTests;
  // Without a failed test it can still fail: a file that does not load, an error outside of any test.
  return { passed: report.numPassedTests, failed: failed === 0 && !clean ? 1 : failed };
}

function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  process.stdout.write(
    `\n> ${program} ${words.filter((word) => !word.startsWith('--reporter') && !word.startsWith('--output')).join(' ')}\n`,
  );
  const { status } = spawnSync(program, words, { stdio: ['ignore', 1, 2], env: { ...process.env, ...env } });
  return status === 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const total = runAll();
rmSync(reports, { recursive: true, force: true });
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
