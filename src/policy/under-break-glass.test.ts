/** What an open break-glass lifts, and what stays: a table of lines. */
import { describe, expect, test } from 'vitest';
import { policyFromText } from '../../test/support/policy-text.ts';
import type { Decision, EvaluationContext } from '../model/decision.ts';
import { explanationJson, explanationText } from './explain.ts';
import { breakGlassLines } from './under-break-glass.ts';

const POLICY = policyFromText(`postures:
  - { when: { label.env: locked }, default: deny }
  - { when: { label.env: vault }, default: approve }
  - { when: { any: true }, default: allow, on_opaque: approve, on_unparsable: deny }
approvals: { second: { stages: [{ who: { role: sre } }], reason: required } }
rules:
  - { id: never, effect: deny, hard: true, match: { command: mkfs } }
  - { id: kept, effect: deny, match: { command: fdisk } }
  - { id: frozen, effect: deny, match: { command: dd } }
  - { id: restarts, effect: approve, approval: second, match: { command: systemctl }, grant: { scope: command, minutes: 5, max_uses: 2 } }
  - { id: kept-hold, effect: approve, approval: second, match: { command: reboot } }
  - { id: sizes, effect: approve, approval: second, match: { command: dd, operands: ["bs=*"] } }
  - { id: sftp, effect: approve, approval: second, match: { request: sftp } }
  - { id: agent, effect: deny, match: { request: agent-forward } }
break_glass: { roles: [sre, lead], keeps: [kept, kept-hold], minutes: 20, notify: ["webhook:pager"] }
`);

function at(env: string, breakGlass: boolean): EvaluationContext {
  const where = { context: 'shell', target: { name: 't', labels: { env } }, at: 0 } as const;
  return breakGlass ? { ...where, breakGlass: true } : where;
}

const decide = (line: string, env = 'dev'): Decision => POLICY.decide(line, at(env, true));

describe('it lifts', () => {
  test.each<[string, string, readonly string[], string]>([
    ['what a rule holds', 'systemctl stop x', [], 'dev'],
    ['what a posture holds', 'ls', [], 'vault'],
    ['what cannot be known', '$X', [], 'dev'],
    ['what a rule denies', 'dd if=a of=b', ['frozen'], 'dev'],
    ['all of a line', 'dd if=a of=b; systemctl stop x', ['frozen'], 'dev'],
    ['what is denied and held at once', 'dd if=a of=b bs=1', ['frozen'], 'dev'],
  ])('%s', (_what, line, lifts, env) => {
    const decision = decide(line, env);
    expect(decision).toMatchObject({ effect: 'approve', breakGlass: { lifts } });
    expect(decision.grant).toBeUndefined();
    expect(POLICY.decide(line, at(env, false)).effect).toBe(lifts.length > 0 ? 'deny' : 'approve');
    expect(POLICY.decide(line, at(env, false)).breakGlass).toBeUndefined();
  });

  test('and what the line would have needed stays on record', () => {
    expect(decide('systemctl stop x').requirement?.names).toEqual(['second']);
    expect(decide('dd if=a of=b bs=1').requirement?.names).toEqual(['break-glass', 'second']);
    expect(decide('dd if=a of=b bs=1').reasons.map(({ rule }) => rule)).toEqual(['frozen', 'sizes']);
  });
});

describe('it leaves as it is', () => {
  test.each<[string, string, string]>([
    ['what is allowed', 'ls', 'dev'],
    ['a hard denial', 'mkfs /dev/sda', 'dev'],
    ['a denial that is kept', 'fdisk /dev/sda', 'dev'],
    ['a hold that is kept', 'reboot', 'dev'],
    ['a line of which a part is hard', 'dd if=a of=b; mkfs /dev/sda', 'dev'],
    ['a denied line of which a hold is kept', 'dd if=a of=b; reboot', 'dev'],
    ['what a posture denies', 'ls', 'locked'],
    ['what cannot be parsed where the posture denies that', 'ls )', 'dev'],
  ])('%s', (_what, line, env) => {
    expect(decide(line, env)).toEqual(POLICY.decide(line, at(env, false)));
  });

  test('everything when the policy has no such section', () => {
    const plain = policyFromText('rules: [{ id: a, effect: deny, match: { command: x } }]\n');
    expect(plain.decide('x', at('dev', true)).effect).toBe('deny');
    expect(breakGlassLines(plain.compiled)).toEqual([]);
    expect(plain.breakGlassOutlook('x', at('dev', false))).toBeNull();
  });
});

test('of channels it lifts what holds them and no denial', () => {
  const ask = (request: 'sftp' | 'agent-forward'): Decision => POLICY.decideChannel({ request }, at('dev', true));
  expect(ask('sftp')).toMatchObject({ effect: 'approve', breakGlass: { lifts: [] } });
  expect(ask('agent-forward')).toMatchObject({ effect: 'deny' });
  expect(ask('agent-forward').breakGlass).toBeUndefined();
});

describe('people are told', () => {
  test.each([
    ['systemctl stop x', 'break-glass: passes, for role sre or lead\n'],
    ['dd if=a of=b', 'break-glass: lifts frozen, so it passes, for role sre or lead\n'],
    ['mkfs /dev/sda', 'break-glass: does not help: rule never is hard\n'],
    ['reboot', 'break-glass: does not help: it keeps rule kept-hold\n'],
    ['ls )', 'break-glass: does not help: the posture denies it\n'],
  ])('by explain: %s', (line, words) => {
    expect(explanationText(POLICY.explain(line, at('dev', false)))).toContain(words);
  });

  test.each([
    ['systemctl stop x', { passes: true, roles: ['sre', 'lead'], lifts: [] }],
    ['dd if=a of=b', { passes: true, roles: ['sre', 'lead'], lifts: ['frozen'] }],
    ['mkfs /dev/sda', { passes: false, roles: ['sre', 'lead'], because: 'rule never is hard' }],
    ['reboot', { passes: false, roles: ['sre', 'lead'], because: 'it keeps rule kept-hold' }],
    ['ls', null],
  ])('by explain --json: %s', (line, outlook) => {
    const asked = at('dev', false);
    const shown = POLICY.breakGlassOutlook(line, asked);
    expect(explanationJson(POLICY.decide(line, asked), POLICY.momentOf(0), shown).break_glass).toEqual(outlook);
  });

  test('by explain, nothing about what is allowed', () => {
    expect(explanationText(POLICY.explain('ls', at('dev', false)))).not.toContain('break-glass');
  });

  test('by check', () => {
    expect(breakGlassLines(POLICY.compiled)).toEqual([
      'break-glass: role sre or lead for 20 min, by totp; told besides: pager',
      '  stays: never, kept, kept-hold; denials that it lifts: frozen',
    ]);
  });
});
