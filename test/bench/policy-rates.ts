/**
 * `npm run bench:policy`: decisions a second on everyday lines and on the catalogue's own lines in one process,
 * with a list of regular expressions over the whole line beside it, as other tools do it; then the time of the
 * longest lines. Figures are by the processor time of this process, so that a busy machine disturbs them less.
 * A program of its own, because a test runner slows calls between modules down. Printed, never asserted.
 */
import { readFileSync } from 'node:fs';
import { cpuUsage, stdout } from 'node:process';
import { initialPolicyText } from '../../src/config/initial-config.ts';
import { parseYamlDocument } from '../../src/config/yaml-document.ts';
import type { EvaluationContext } from '../../src/model/decision.ts';
import { CORE_ENTRIES } from '../../src/policy/catalogue/core.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { explanationJson } from '../../src/policy/explain.ts';
import { prepareSql } from '../../src/policy/language/postgres-parser.ts';
import type { Policy } from '../../src/policy/policy.ts';

const CONTEXT: EvaluationContext = {
  context: 'shell',
  at: Date.parse('2026-11-20T10:00Z'),
  user: { name: 'ana', roles: ['admin'] },
  target: { name: 'web1', labels: { env: 'prod' } },
};
/** ms of wall time for each figure. */
const DURATION = 1500;

function fixture(name: string): readonly string[] {
  const cases: readonly { readonly line: string; readonly context: string }[] = JSON.parse(
    readFileSync(new URL(`../fixtures/policy/${name}`, import.meta.url), 'utf8'),
  );
  return cases.filter((one) => one.context === 'shell').map((one) => one.line);
}

function initialPolicy(): Policy {
  const { document } = parseYamlDocument('10-defaults.yaml', initialPolicyText());
  const compiled = document === null ? null : compilePolicy([document]).policy;
  if (compiled === null) throw new TypeError('the default policy does not compile');
  return compiled;
}

await prepareSql();
const policy = initialPolicy();
const everyday = fixture('everyday.json');
const dangerous = fixture('dangerous.json');
const catalogue = CORE_ENTRIES.flatMap((entry) => entry.positive.filter((line) => typeof line === 'string'));
const mixed = Array.from({ length: 10_000 }, (_, index) => {
  const lines = [everyday, dangerous, catalogue][index % 3] ?? everyday;
  return `${lines[index % lines.length] ?? ''} #${index}`;
});

/** A regex list in the usual style: a name at a word boundary, one for each command of the catalogue. */
const LIST = [...new Set(CORE_ENTRIES.flatMap((entry) => entry.cases.flatMap((one) => one.commands ?? [])))]
  .filter((name) => /^[a-z0-9-]+$/.test(name))
  .map((name) => new RegExp(`\\b${name}\\b`));

function onList(line: string): boolean {
  return LIST.some((expression) => expression.test(line));
}

function rate(lines: readonly string[], decide: (line: string, run: number) => unknown): string {
  const until = performance.now() + DURATION;
  const before = cpuUsage();
  let count = 0;
  for (let run = 0; performance.now() < until; run++) {
    for (const line of lines) decide(line, run);
    count += lines.length;
  }
  return `${Math.round(count / (cpuMs(before) / 1000))} decisions/s`;
}

function cpuMs(before: NodeJS.CpuUsage): number {
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000;
}

function print(what: string, figure: string): void {
  stdout.write(`policy, ${what}: ${figure}\n`);
}

for (const [what, lines] of Object.entries({ everyday, dangerous, catalogue })) {
  // Once before, so that compiling the code is not in the figure.
  rate(lines, (line, run) => policy.decide(`${line} # ${run}`, CONTEXT));
  print(
    `${what} lines`,
    rate(lines, (line) => policy.decide(line, CONTEXT)),
  );
  // A different comment each time keeps remembered analyses out of the figure.
  print(
    `${what} lines, never seen before`,
    rate(lines, (line, run) => policy.decide(`${line} #${run}`, CONTEXT)),
  );
  print(`${what} lines, regex list`, rate(lines, onList));
}

const before = cpuUsage();
for (const line of mixed)
  JSON.stringify(
    explanationJson(policy.decide(line, CONTEXT), policy.momentOf(CONTEXT.at), policy.breakGlassOutlook(line, CONTEXT)),
  );
print('policy explain --json of 10,000 mixed lines', `${cpuMs(before).toFixed(0)} ms`);

const share = (lines: readonly string[], test: (line: string) => boolean): string =>
  `${((100 * lines.filter(test).length) / lines.length).toFixed(1)} %`;
const flagged = (line: string): boolean => policy.decide(line, CONTEXT).ids.length > 0;
print('flagged', `${share(dangerous, flagged)} of the dangerous and ${share(everyday, flagged)} of the everyday lines`);
print('flagged by the list', `${share(dangerous, onList)} and ${share(everyday, onList)}`);

const longest = [
  `rm ${'-rf x '.repeat(2700)}`,
  `echo ${'$(echo '.repeat(60)}${')'.repeat(60)}`,
  `echo ${'{a,b}'.repeat(12)}`,
  'cat * '.repeat(2700),
  '"$x" '.repeat(3200),
  `cat ${'?'.repeat(16_000)}`,
  'xargs rm|'.repeat(1000),
  '('.repeat(5000),
  'a'.repeat(256 * 1024),
];
for (const line of longest) {
  const started = cpuUsage();
  const { effect, ids } = policy.decide(line, CONTEXT);
  const why = ids.find((id) => id.startsWith('meta.')) ?? '';
  print(`${line.slice(0, 20)}... of ${line.length} characters`, `${cpuMs(started).toFixed(1)} ms, ${effect} ${why}`);
}
