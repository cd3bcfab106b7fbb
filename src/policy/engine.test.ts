import { beforeEach, describe, expect, test } from 'vitest';
import { policyFromText } from '../../test/support/policy-text.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { type EvaluationContext, usedFacts } from '../model/decision.ts';
import type { CheckDefinition } from './compiled-policy.ts';
import type { CheckValue } from './conditions/condition.ts';
import { PolicyEngine } from './engine.ts';
import type { CheckRunner } from './ports.ts';

const CONTEXT: EvaluationContext = { context: 'shell', at: 0 };
const TEXT = `postures: [{ when: { any: true }, default: allow }]
checks:
  freeze: { exec: [/bin/freeze], timeout: 400ms, cache: 30s }
  unused: { exec: [/bin/unused] }
rules: [{ id: freeze, effect: deny, when: { check.freeze: true } }]
`;

class Runner implements CheckRunner {
  readonly asked: string[] = [];
  answer: (check: CheckDefinition, signal: AbortSignal) => Promise<CheckValue | undefined> = async () => false;

  run(check: CheckDefinition, signal: AbortSignal): Promise<CheckValue | undefined> {
    this.asked.push(check.name);
    return this.answer(check, signal);
  }
}

describe('PolicyEngine', () => {
  let clock: FakeClock;
  let runner: Runner;
  let engine: PolicyEngine;

  beforeEach(() => {
    clock = new FakeClock();
    runner = new Runner();
    engine = new PolicyEngine({ policy: policyFromText(TEXT), checks: runner, clock });
  });

  test('asks only what the rules ask for', async () => {
    expect((await engine.evaluate('ls', CONTEXT)).effect).toBe('allow');
    expect(runner.asked).toEqual(['freeze']);
  });

  test('the answer decides', async () => {
    runner.answer = async () => true;
    expect(await engine.evaluate('ls', CONTEXT)).toMatchObject({
      effect: 'deny',
      rule: 'freeze',
      facts: { checks: { freeze: true } },
    });
  });

  test('what the rules that decided asked about is a fact of the decision', async () => {
    const policy = policyFromText(`windows: { night: { days: [mon], from: "22:00", to: "06:00" } }
checks: { freeze: { exec: [/bin/freeze] }, incident: { exec: [/bin/incident] } }
rules:
  - { id: freeze, effect: deny, when: { label.env: prod, role: sre, check.freeze: true, not: { check.incident: true } } }
  - { id: late, effect: approve, approval: self, when: { window: night } }
`);
    const asking = new PolicyEngine({ policy, checks: runner, clock });
    runner.answer = async ({ name }) => (name === 'freeze' ? true : undefined);
    const target = { name: 't', labels: { env: 'prod' } };
    const decision = await asking.evaluate('ls', { ...CONTEXT, target, user: { name: 'ana', roles: ['sre'] } });
    expect(decision).toMatchObject({ effect: 'deny', rule: 'freeze' });
    expect(usedFacts(decision)).toEqual({
      'label.env in prod': 'true',
      'role in sre': 'true',
      'check.freeze is true': 'true',
      'check.incident is true': 'unknown',
    });
    runner.answer = async () => false;
    expect(usedFacts(await engine.evaluate('ls', CONTEXT))).toEqual({});
  });

  test('who is on call: names, remembered like any answer, and null for whatever else', async () => {
    const policy = policyFromText(`checks: { rota: { exec: [/bin/rota], cache: 1m, parse: { type: names } } }
approvals: { a: { stages: [{ who: { role: sre }, on_call: rota }] } }
rules: [{ id: r, effect: approve, approval: a }]
`);
    engine.swap(policy);
    runner.answer = async () => undefined;
    expect(await engine.names('rota')).toBeNull();
    runner.answer = async () => 'ana bob';
    expect(await Promise.all([engine.names('rota'), engine.names('rota')])).toEqual([
      ['ana', 'bob'],
      ['ana', 'bob'],
    ]);
    runner.answer = async () => '';
    expect(await engine.names('rota')).toEqual(['ana', 'bob']);
    clock.advance(60_000);
    expect(await engine.names('rota')).toEqual([]);
    expect(await engine.names('freeze')).toBeNull();
    expect(runner.asked).toEqual(['rota', 'rota', 'rota']);
    await engine.evaluate('ls', CONTEXT);
    expect(runner.asked).toHaveLength(3);
  });

  test('an answer is remembered for as long as the check says', async () => {
    await engine.evaluate('ls', CONTEXT);
    clock.advance(29_999);
    await engine.evaluate('ls', CONTEXT);
    expect(runner.asked).toHaveLength(1);
    clock.advance(1);
    await engine.evaluate('ls', CONTEXT);
    expect(runner.asked).toHaveLength(2);
  });

  test('questions at the same time share one run', async () => {
    await Promise.all([engine.evaluate('ls', CONTEXT), engine.evaluate('pwd', CONTEXT)]);
    expect(runner.asked).toHaveLength(1);
  });

  test.each([
    ['rejects', () => Promise.reject(new TypeError('broken'))],
    [
      'throws',
      (): Promise<undefined> => {
        throw new TypeError('broken');
      },
    ],
    ['answers nothing', () => Promise.resolve(undefined)],
  ])('a check that %s is unknown, fails closed and is asked again', async (_, answer) => {
    runner.answer = answer;
    expect(await engine.evaluate('ls', CONTEXT)).toMatchObject({
      effect: 'deny',
      rule: 'freeze',
      facts: { unknown: ['freeze'] },
    });
    runner.answer = async () => false;
    expect((await engine.evaluate('ls', CONTEXT)).effect).toBe('allow');
  });

  test('a check that never answers is given up after its timeout and told to stop', async () => {
    let signal: AbortSignal | undefined;
    runner.answer = (_, given) => {
      signal = given;
      return new Promise(() => undefined);
    };
    const decision = engine.evaluate('ls', CONTEXT);
    await Promise.resolve();
    clock.advance(500);
    expect((await decision).effect).toBe('deny');
    expect(signal?.aborted).toBe(true);
  });

  test('a swapped policy decides at once, also what is under way', async () => {
    let finish: (value: CheckValue) => void = () => undefined;
    runner.answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const decision = engine.evaluate('ls', CONTEXT);
    await Promise.resolve();
    const next = policyFromText('postures: [{ when: { any: true }, default: deny }]\n');
    engine.swap(next);
    finish(false);
    expect(await decision).toMatchObject({ effect: 'deny', policyHash: next.hash });
    expect(engine.current).toBe(next);
  });

  test('channel requests see checks too', async () => {
    runner.answer = async () => true;
    expect((await engine.evaluateChannel({ request: 'sftp' }, CONTEXT)).effect).toBe('deny');
  });
});
