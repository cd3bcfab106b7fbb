/**
 * A long run of the analyser over random lines: `npx tsx test/fuzz/policy-fuzz.ts [lines] [seed]`. Prints what it
 * did; an exception inside of the analyser, or a line that takes too long, ends it with exit code 1.
 */
import { stdout } from 'node:process';
import fc from 'fast-check';
import { analyse } from '../../src/policy/language/analyse.ts';
import { prepareSql } from '../../src/policy/language/postgres-parser.ts';
import { randomShellLine } from '../support/random-shell-text.ts';

const [, , lines = '100000', seed = String(Date.now() % 2 ** 31)] = process.argv;
const contexts = ['shell', 'exec', 'psql', 'mysql'] as const;
const dialects = ['bash', 'sh', 'zsh', 'fish', 'unknown'] as const;

/** ms; far above what a line of this size needs, so that only a hang is seen. */
const TOO_LONG = 1000;

async function run(): Promise<number> {
  await prepareSql();
  let failures = 0;
  let slowest = 0;
  let count = 0;
  for (const line of fc.sample(randomShellLine, { numRuns: Number(lines), seed: Number(seed) })) {
    const context = contexts[count % contexts.length] ?? 'shell';
    const dialect = dialects[count % dialects.length] ?? 'bash';
    const started = performance.now();
    const analysis = analyse(line, { context, dialect });
    slowest = Math.max(slowest, performance.now() - started);
    if (analysis.unparsable?.startsWith('the analysis failed') === true) {
      failures += 1;
      stdout.write(`${JSON.stringify(line)} (${context}, ${dialect}): ${analysis.unparsable}\n`);
    }
    count += 1;
  }
  stdout.write(`${count} lines, seed ${seed}: ${failures} failures, slowest ${slowest.toFixed(1)} ms\n`);
  return failures > 0 || slowest > TOO_LONG ? 1 : 0;
}

process.exitCode = await run();
