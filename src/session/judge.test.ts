/** Several texts, the authority of the moment, and everything that can go wrong while judging. */
import { describe, expect, test } from 'vitest';
import { policyFromText } from '../../test/support/policy-text.ts';
import type { LockdownState } from '../approval/lockdown.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { CommandLine } from '../model/command-line.ts';
import type { Decision, EvaluationContext } from '../model/decision.ts';
import type { Lockdown } from '../model/lockdown.ts';
import type { Principal } from '../model/principal.ts';
import type { LocalTarget } from '../model/target.ts';
import type { SaidUrgency } from '../model/urgency.ts';
import { PolicyEngine } from '../policy/engine.ts';
import { Access } from '../target/access.ts';
import type { LineCandidate } from '../terminal/line-reading.ts';
import { Judge, type JudgeParts } from './judge.ts';

/** What is not named is held. */
const LISTED = `rules:
  - { id: harmless, effect: allow, match: { command: [ls, git] } }
  - { id: never, effect: deny, match: { command: mkfs } }
  - { id: ask, effect: approve, approval: self, match: { command: rm }, grant: { scope: command, minutes: 5, max_uses: 2 } }
  - { id: less, effect: approve, approval: self, match: { command: rmdir }, grant: { scope: command, minutes: 1, max_uses: 2 } }
`;
const ALICE: Principal = {
  user: 'alice',
  roles: ['dev'],
  proof: { keyFingerprint: 'SHA256:a', keyType: 'ssh-ed25519', secondFactor: false },
  address: '127.0.0.1',
};
const BOX: LocalTarget = {
  kind: 'local',
  name: 'box',
  labels: {},
  description: '',
  createdAt: 0,
  createdBy: 'test',
  argv: ['/bin/sh'],
  environment: {},
};
const ACCESS = Access.proven(ALICE, BOX, 'local', null, 'rule');
const LINE: CommandLine = { text: 'ls', context: 'shell', hidden: false, confidence: 'exact' };

const lockdown = (current: Lockdown | null): LockdownState => ({ current, onChange: () => () => {} });

function judgeWith(parts: Partial<JudgeParts> = {}, urgency?: SaidUrgency): Judge {
  const clock = new FakeClock();
  const engine = new PolicyEngine({
    policy: policyFromText(LISTED),
    checks: { run: () => Promise.resolve(undefined) },
    clock,
  });
  const accessControl = { decide: () => Promise.resolve({ kind: 'granted', access: ACCESS } as const) };
  const calm = { lockdown: lockdown(null), breakGlasses: { isOpen: () => false } };
  return new Judge({ engine, accessControl, ...calm, clock, logger: silentLogger, ...parts }, ACCESS, urgency);
}

const shell = (text: string, counts?: LineCandidate['counts']): LineCandidate =>
  counts === undefined ? { text, context: 'shell' } : { text, context: 'shell', counts };

test.each([
  [undefined, 'normal'],
  ['high', 'high'],
  ['unknown', 'unknown'],
] as const)('the policy is told what the client said: %s', async (said, urgency) => {
  const asked: EvaluationContext[] = [];
  const { current } = new PolicyEngine({
    policy: policyFromText(LISTED),
    checks: { run: () => Promise.resolve(undefined) },
    clock: new FakeClock(),
  });
  const evaluate = async (text: string, context: EvaluationContext): Promise<Decision> => {
    asked.push(context);
    return current.decide(text, context);
  };
  const engine = { current, evaluate, evaluateChannel: () => Promise.reject(new Error('not asked')) };
  await judgeWith({ engine }, said).line(LINE, [shell('ls')]);
  await judgeWith({ engine }, said).exec('ls');
  expect(asked.map((context) => context.urgency)).toEqual([urgency, urgency]);
});

describe('candidates', () => {
  test.each<[string, LineCandidate[], string, string | null]>([
    ['a line alone', [shell('ls')], 'allow', 'harmless'],
    ['the strictest counts', [shell('ls'), shell('rm x'), shell('mkfs x')], 'deny', 'never'],
    ['what no rule names is held', [shell('ls'), shell('frobnicate')], 'approve', null],
    ['a part that is no command', [shell('ls'), shell('rm "', 'parsed')], 'allow', 'harmless'],
    ['a part that is one', [shell('ls'), shell('rm x', 'parsed')], 'approve', 'ask'],
    ['what was typed and has gone, which no rule names', [shell('git'), shell('gi', 'flagged')], 'allow', 'harmless'],
    ['what was typed and has gone, which a rule names', [shell('ls'), shell('rm x', 'flagged')], 'approve', 'ask'],
    ['what was typed, has gone and is forbidden', [shell('ls'), shell('mkfs x', 'flagged')], 'deny', 'never'],
  ])('%s', async (_, candidates, effect, rule) => {
    expect(await judgeWith().line(LINE, candidates)).toMatchObject({ effect, rule });
  });

  test('none: the line itself', async () => {
    expect(await judgeWith().line({ ...LINE, text: 'rm x' }, [])).toMatchObject({ effect: 'approve', rule: 'ask' });
  });

  test.each<[string, LineCandidate[], number | undefined]>([
    ['one held text', [shell('rm x')], 5],
    ['the same rules', [shell('rm x'), shell('rm y')], 5],
    ['texts beside it that are not held', [shell('ls'), shell('rm x')], 5],
    ['other rules', [shell('rm x'), shell('rmdir x')], undefined],
    ['a text beside it that may not be remembered', [shell('rm x'), shell('rm $X')], undefined],
    ['a text beside it that no rule names', [shell('rm x'), shell('frobnicate')], undefined],
  ])('what may be remembered of %s', async (_, candidates, minutes) => {
    const decision = await judgeWith().line(LINE, candidates);
    expect(decision.effect).toBe('approve');
    expect(decision.grant?.minutes).toBe(minutes);
  });

  test('nothing that counts is no reason to allow', async () => {
    expect(await judgeWith().line(LINE, [shell('rm "', 'parsed')])).toMatchObject({ effect: 'deny' });
  });
});

describe('whatever is in the way is a denial', () => {
  const fails = (): never => {
    throw new RangeError('broken');
  };

  test.each<[string, Partial<JudgeParts>, string]>([
    ['access that has ended', { accessControl: { decide: async () => ({ kind: 'no-authority' }) } }, 'access-ended'],
    ['access that cannot be looked up', { accessControl: { decide: fails } }, 'decision-failed'],
    ['a lockdown', { lockdown: lockdown({ reason: 'drill', by: 'carol', since: 0 }) }, 'lockdown'],
  ])('%s', async (_, parts, rule) => {
    expect(await judgeWith(parts).line(LINE, [shell('ls')])).toMatchObject({ effect: 'deny', rule });
    expect(await judgeWith(parts).exec('ls')).toMatchObject({ effect: 'deny', rule });
    expect(await judgeWith(parts).channel({ request: 'sftp' })).toMatchObject({ effect: 'deny', rule });
  });

  test('a policy that throws', async () => {
    const engine = { current: policyFromText(LISTED), evaluate: fails, evaluateChannel: fails };
    expect(await judgeWith({ engine }).line(LINE, [shell('ls')])).toMatchObject({ effect: 'deny' });
  });

  test('a policy that never answers', async () => {
    const clock = new FakeClock();
    const engine = {
      current: policyFromText(LISTED),
      evaluate: () => new Promise<never>(() => {}),
      evaluateChannel: () => new Promise<never>(() => {}),
    };
    const decision = judgeWith({ engine, clock }).line(LINE, [shell('ls')]);
    clock.advance(5000);
    expect(await decision).toMatchObject({ effect: 'deny', rule: 'decision-failed' });
  });
});

describe('break-glass', () => {
  const POLICY = `postures: [{ when: { any: true }, default: allow }]
rules:
  - { id: never, effect: deny, hard: true, match: { command: mkfs } }
  - { id: frozen, effect: deny, match: { command: dd } }
  - { id: asked, effect: approve, approval: self, match: { command: rm } }
  - { id: kept, effect: approve, approval: self, match: { command: reboot } }
break_glass: { roles: [dev], keeps: [kept] }
`;
  const checks = { run: () => Promise.resolve(undefined) };
  const engine = new PolicyEngine({ policy: policyFromText(POLICY), checks, clock: new FakeClock() });
  const breakGlasses = { isOpen: (user: string) => user === 'alice' };
  const judge = judgeWith({ engine, breakGlasses });

  test.each<[string, LineCandidate[], string, readonly string[] | undefined]>([
    ['a line alone', [shell('rm -r x')], 'approve', []],
    ['a denial', [shell('dd if=a of=b')], 'approve', ['frozen']],
    ['what is allowed', [shell('ls')], 'allow', undefined],
    ['a hard denial', [shell('mkfs x')], 'deny', undefined],
    ['one of two readings is denied for good', [shell('rm -r x'), shell('mkfs x')], 'deny', undefined],
    ['one of two readings is kept', [shell('rm -r x'), shell('reboot')], 'approve', undefined],
    // Whoever approves the other reading must not approve the denial with it.
    ['one is denied, the other is kept', [shell('dd if=a of=b'), shell('reboot')], 'deny', undefined],
    ['one is denied, the other is held', [shell('rm -r x'), shell('dd if=a of=b')], 'approve', ['frozen']],
    ['a denied one that hardly counts', [shell('rm -r x'), shell('dd (', 'parsed')], 'approve', ['frozen']],
  ])('%s', async (_, candidates, effect, lifts) => {
    const decision = await judge.line(LINE, candidates);
    expect(decision.effect).toBe(effect);
    expect(decision.breakGlass?.lifts).toEqual(lifts);
  });

  test('not of somebody else, and not in a lockdown', async () => {
    const others = judgeWith({ engine, breakGlasses: { isOpen: (user: string) => user === 'bob' } });
    expect(await others.line(LINE, [shell('dd if=a of=b')])).toMatchObject({ effect: 'deny', rule: 'frozen' });
    const locked = judgeWith({ engine, breakGlasses, lockdown: lockdown({ reason: 'drill', by: 'carol', since: 0 }) });
    expect(await locked.line(LINE, [shell('rm -r x')])).toMatchObject({ effect: 'deny', rule: 'lockdown' });
  });

  test('a command without a terminal', async () => {
    expect(await judge.exec('dd if=a of=b')).toMatchObject({ effect: 'approve', breakGlass: { lifts: ['frozen'] } });
    expect(await judge.exec('mkfs x')).toMatchObject({ effect: 'deny', rule: 'never' });
  });
});

describe('strict line mode', () => {
  const STRICT = `postures: [{ when: { any: true }, default: allow, line_mode: strict }]\n`;
  const engine = (text: string): PolicyEngine =>
    new PolicyEngine({
      policy: policyFromText(text),
      checks: { run: () => Promise.resolve(undefined) },
      clock: new FakeClock(),
    });

  test('is what the posture of the target says', () => {
    expect(judgeWith().lineMode).toBe('keys');
    expect(judgeWith({ engine: engine(STRICT) }).lineMode).toBe('strict');
  });

  test('a session that began without it runs nothing more once the policy asks for it', async () => {
    const judge = judgeWith({ engine: engine(STRICT) });
    const late = await judge.line(LINE, [shell('ls')], 'keys');
    expect([late.effect, late.rule]).toEqual(['deny', 'line-mode']);
    expect((await judge.line(LINE, [shell('ls')], 'strict')).effect).toBe('allow');
    expect((await judge.line(LINE, [shell('ls')])).effect).toBe('allow');
  });

  test('an unlikely reading counts when a rule names it, and only then', async () => {
    const judge = judgeWith();
    const decide = async (text: string): Promise<string> =>
      (await judge.line(LINE, [shell('ls'), shell(text, 'named')], 'strict')).effect;
    expect(await decide('mkfs x')).toBe('deny');
    expect(await decide('rm x')).toBe('approve');
    expect(await decide('unheard-of')).toBe('allow');
  });
});
