/**
 * Decisions a second on everyday lines and on the catalogue's own lines, analysis included, with a list of
 * regular expressions over the whole line beside it, as other tools do it. Printed, not asserted.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { initialPolicyText } from '../../src/config/initial-config.ts';
import { parseYamlDocument } from '../../src/config/yaml-document.ts';
import type { EvaluationContext } from '../../src/model/decision.ts';
import { CORE_ENTRIES } from '../../src/policy/catalogue/core.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { prepareSql } from '../../src/policy/language/postgres-parser.ts';
import type { Policy } from '../../src/policy/policy.ts';

beforeAll(prepareSql);

interface Case {
  readonly line: string;
  readonly expect: readonly string[];
}

const CONTEXT: EvaluationContext = {
  context: 'shell',
  at: Date.parse('2026-11-20T10:00Z'),
  user: { name: 'ana', roles: ['admin'] },
  target: { name: 'web1', labels: { env: 'prod' } },
};
const DURATION = 1500;

function fixture(name: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(`../fixtures/policy/${name}`, import.meta.url), 'utf8'));
}

function policy(): Policy {
  const { document } = parseYamlDocument('10-defaults.yaml', initialPolicyText());
  const compiled = document === null ? null : compilePolicy([document]).policy;
  if (compiled === null) throw new TypeError('the default policy does not compile');
  return compiled;
}

const everyday = fixture('everyday.json').map((one) => one.line);
const dangerous = fixture('dangerous.json').map((one) => one.line);
const catalogue = CORE_ENTRIES.flatMap((entry) => entry.positive.filter((line) => typeof line === 'string'));

/** A regex list in the usual style: a name at a word boundary, one for each command of the catalogue. */
const LIST = [...new Set(CORE_ENTRIES.flatMap((entry) => entry.cases.flatMap((one) => one.commands ?? [])))]
  .filter((name) => /^[a-z0-9-]+$/.test(name))
  .map((name) => new RegExp(`\\b${name}\\b`));

function rate(
  lines: readonly string[],
  decide: (line: string, run: number) => unknown,
): { perSecond: number; slowest: number } {
  const started = performance.now();
  let count = 0;
  let slowest = 0;
  for (let run = 0; performance.now() - started < DURATION; run++) {
    for (const line of lines) {
      const before = performance.now();
      decide(line, run);
      if (run > 0) slowest = Math.max(slowest, performance.now() - before);
      count += 1;
    }
  }
  return { perSecond: count / ((performance.now() - started) / 1000), slowest };
}

function print(what: string, { perSecond, slowest }: { perSecond: number; slowest: number }): void {
  process.stdout.write(`policy, ${what}: ${Math.round(perSecond)} decisions/s, slowest ${slowest.toFixed(2)} ms\n`);
}

describe('decisions a second', () => {
  test.each([
    ['everyday lines', everyday],
    ['dangerous lines', dangerous],
    ['catalogue lines', catalogue],
  ])('%s', (what, lines) => {
    const decided = policy();
    // A different comment each time keeps remembered analyses out of the figure.
    print(
      `${what}, new`,
      rate(lines, (line, run) => decided.decide(`${line} #${run}`, CONTEXT)),
    );
    print(
      `${what}, seen before`,
      rate(lines.slice(0, 256), (line) => decided.decide(line, CONTEXT)),
    );
    print(
      `${what}, regex list`,
      rate(lines, (line) => LIST.some((expression) => expression.test(line))),
    );
    expect(lines.length).toBeGreaterThan(100);
  });

  test('false alarms and misses beside a regex list', () => {
    const decided = policy();
    const flaggedByList = (line: string): boolean => LIST.some((expression) => expression.test(line));
    const flagged = (line: string): boolean => decided.decide(line, CONTEXT).ids.length > 0;
    const share = (lines: readonly string[], test: (line: string) => boolean): string =>
      `${((100 * lines.filter(test).length) / lines.length).toFixed(1)} %`;
    process.stdout.write(
      `policy flags ${share(dangerous, flagged)} of the dangerous and ${share(everyday, flagged)} of the everyday lines; ` +
        `the regex list ${share(dangerous, flaggedByList)} and ${share(everyday, flaggedByList)}\n`,
    );
    expect(everyday.length).toBeGreaterThan(100);
  });

  test('the longest lines', () => {
    const decided = policy();
    const longest = [
      `rm ${'-rf x '.repeat(2700)}`,
      `echo ${'$(echo '.repeat(60)}${')'.repeat(60)}`,
      `echo ${'{a,b}'.repeat(12)}`,
      'cat * '.repeat(2700),
      '"$x" '.repeat(3200),
    ];
    for (const line of longest) {
      const started = performance.now();
      decided.decide(line, CONTEXT);
      process.stdout.write(
        `policy, ${line.slice(0, 20)}... of ${line.length} characters: ${(performance.now() - started).toFixed(1)} ms\n`,
      );
    }
    expect(longest.every((line) => line.length < 16_384 + 1)).toBe(true);
  });
});
