/** Runs the tests that stand beside the rules: at each load and for `policy test`. */
import type { Decision, EvaluationContext } from '../model/decision.ts';
import { momentText, subjectText } from './circumstances.ts';
import type { PolicyTest } from './compiled-policy.ts';
import type { CheckValue } from './conditions/condition.ts';
import type { Policy } from './policy.ts';
import type { TestFile } from './schema/section-files.ts';

export interface TestResult {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** Who, where and, when the test gives a time, when: `target web1 (env=prod), user ana (sre), Fri 2026-11-20 ...`. */
  readonly situation: string;
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

function runOne(policy: Policy, one: PolicyTest, text: string, now: number): TestResult {
  const { file, line, test } = one;
  const checks = new Map<string, CheckValue>(Object.entries(test.checks ?? {}));
  const context = contextOf(one, now);
  const decision = policy.decide(text, context, checks);
  const at = one.at === null ? '' : `, ${momentText(policy.momentOf(one.at))}`;
  return { file, line, text, situation: `${subjectText(context)}${at}`, failures: failuresOf(test.expect, decision) };
}

function contextOf({ test, at }: PolicyTest, now: number): EvaluationContext {
  return {
    context: test.context ?? 'shell',
    at: at ?? now,
    ...(test.urgency === undefined ? {} : { urgency: test.urgency }),
    ...(test.user === undefined ? {} : { user: { name: test.user, roles: test.roles ?? [] } }),
    ...(test.target === undefined && test.labels === undefined
      ? {}
      : { target: { name: test.target ?? '', labels: test.labels ?? {} } }),
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
  if (wanted === undefined || wanted === got) return [];
  const expected = wanted === null ? `no ${what}` : `${what} ${String(wanted)}`;
  return [`expected ${expected}, got ${got === null ? `no ${what}` : String(got)}`];
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
