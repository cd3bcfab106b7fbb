/** Runs the tests that stand beside the rules: at each load and for `policy test`. */
import type { Decision, EvaluationContext } from '../model/decision.ts';
import type { PolicyTest } from './compiled-policy.ts';
import type { CheckValue } from './conditions/condition.ts';
import type { Policy } from './policy.ts';
import type { TestFile } from './schema/section-files.ts';

export interface TestResult {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** What was expected and what came instead; empty when it is as expected. */
  readonly failures: readonly string[];
}

/** @param now ms since the epoch, for tests that give no time */
export function runPolicyTests(policy: Policy, now: number): readonly TestResult[] {
  return policy.compiled.tests.flatMap((test) => linesOf(test.test).map((text) => runOne(policy, test, text, now)));
}

function linesOf(test: TestFile): readonly string[] {
  return test.lines ?? (test.line === undefined ? [] : [test.line]);
}

function runOne(policy: Policy, { file, line, test }: PolicyTest, text: string, now: number): TestResult {
  const checks = new Map<string, CheckValue>(Object.entries(test.checks ?? {}));
  const decision = policy.decide(text, contextOf(test, now), checks);
  return { file, line, text, failures: failuresOf(test.expect, decision) };
}

function contextOf(test: TestFile, now: number): EvaluationContext {
  return {
    context: test.context ?? 'shell',
    at: test.at === undefined ? now : Date.parse(test.at),
    ...(test.user === undefined ? {} : { user: { name: test.user, roles: test.roles ?? [] } }),
    ...(test.target === undefined && test.labels === undefined
      ? {}
      : { target: { name: test.target ?? 'unnamed', labels: test.labels ?? {} } }),
  };
}

function failuresOf(expect: TestFile['expect'], decision: Decision): readonly string[] {
  return [
    ...differing('effect', expect.effect, decision.effect),
    ...differing('opaque', expect.opaque, decision.opaque !== null),
    ...(expect.rule === undefined || ruleFits(expect.rule, decision)
      ? []
      : differing('rule', expect.rule, decision.rule)),
    ...missing('id', expect.ids ?? [], decision.ids),
    ...missing('approval', [expect.approval ?? []].flat(), decision.requirement?.names ?? []),
  ];
}

function differing(what: string, wanted: unknown, got: unknown): readonly string[] {
  return wanted === undefined || wanted === got ? [] : [`expected ${what} ${String(wanted)}, got ${String(got)}`];
}

function missing(what: string, wanted: readonly string[], got: readonly string[]): readonly string[] {
  return wanted
    .filter((one) => !got.includes(one))
    .map((one) => `expected ${what} ${one}, got ${got.join(', ') || 'none'}`);
}

/** The rule decided, or is one of those that did. */
function ruleFits(rule: string | null, decision: Decision): boolean {
  if (rule === null) return decision.rule === null;
  return (
    decision.rule === rule ||
    decision.reasons.some((reason) => reason.rule === rule && reason.effect === decision.effect)
  );
}
