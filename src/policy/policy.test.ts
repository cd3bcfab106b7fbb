import { beforeAll, describe, expect, test } from 'vitest';
import { policyFromText } from '../../test/support/policy-text.ts';
import type { EvaluationContext } from '../model/decision.ts';
import { diffPolicies } from './diff-policy.ts';
import { explanationJson, explanationText } from './explain.ts';
import { prepareSql } from './language/postgres-parser.ts';
import { replay } from './replay.ts';
import { runPolicyTests } from './test-policy.ts';

beforeAll(prepareSql);

const CONTEXT: EvaluationContext = {
  context: 'shell',
  at: 0,
  user: { name: 'ana', roles: ['sre'] },
  target: { name: 'w', labels: { env: 'prod' } },
};
const TEXT = `postures: [{ when: { any: true }, default: allow }]
approvals: { second: { stages: [{ who: { role: sre } }], expires: 10m } }
rules:
  - { id: destroy, effect: deny, match: { catalogue: fs.rm-root }, message: "Never." }
  - { id: high, effect: approve, approval: second, match: { severity: ">=high" }, except: { match: { catalogue: pkg.remove } } }
  - { id: night, effect: approve, approval: self, when: { user: bob } }
`;

describe('hash', () => {
  test('the same for the same policy, another for another', () => {
    expect(policyFromText(TEXT).hash).toBe(policyFromText(TEXT).hash);
    expect(policyFromText(TEXT).hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(policyFromText(TEXT).hash).not.toBe(policyFromText(TEXT.replace('10m', '11m')).hash);
  });

  test('does not depend on the order of keys, on tests or on comments', () => {
    const other = `${TEXT.replace('id: night, effect: approve', 'effect: approve, id: night')}# a comment\ntests: [{ line: ls, expect: { effect: allow } }]\n`;
    expect(policyFromText(other).hash).toBe(policyFromText(TEXT).hash);
  });
});

describe('explain', () => {
  const explain = (line: string): ReturnType<ReturnType<typeof policyFromText>['explain']> =>
    policyFromText(TEXT).explain(line, CONTEXT);

  test('JSON has the promised members', () => {
    const { decision, moment } = explain("sudo sh -c 'rm -rf build'");
    expect(explanationJson(decision, moment, null)).toEqual({
      v: 1,
      effect: 'approve',
      ids: ['fs.rm-recursive'],
      opaque: null,
      unparsable: false,
      incomplete: false,
      rule: 'high',
      requirement: expect.objectContaining({ names: ['second'], expires: 600_000 }),
      commands: expect.arrayContaining([
        { name: 'rm', argv: ['rm', '-rf', 'build'], via: ['sudo', 'sh -c'], ids: ['fs.rm-recursive'] },
      ]),
      facts: { possible: 'ignore' },
      break_glass: null,
      policy_hash: expect.stringMatching(/^sha256:/),
      at: '1970-01-01T00:00:00.000000Z',
      time_zone: 'UTC',
      windows: {},
    });
  });

  test('who, where and when is said, and which windows are open', () => {
    const policy = policyFromText(`${TEXT}settings: { time_zone: Europe/Berlin }
windows:
  office: { days: [fri], from: "08:00", to: "18:00" }
  tokyo: { days: [sat], from: "04:00", to: "05:00", zone: Asia/Tokyo }
`);
    const at = Date.parse('2026-11-20T20:00+01:00');
    const text = explanationText(policy.explain('ls', { ...CONTEXT, at }));
    expect(text).toContain('\nfor: target w (env=prod), user ana (sre)\n');
    expect(text).toContain(
      '\nat: Fri 2026-11-20 20:00 Europe/Berlin; window office: closed; window tokyo (Asia/Tokyo): open\n',
    );
    expect(explanationText(policy.explain('ls', { context: 'shell', at }))).toContain(
      '\nfor: a target (no labels), nobody in particular\n',
    );
    expect(explanationJson(policy.decide('ls', { ...CONTEXT, at }), policy.momentOf(at), null)).toMatchObject({
      at: '2026-11-20T19:00:00.000000Z',
      time_zone: 'Europe/Berlin',
      windows: { office: 'closed', tokyo: 'open' },
    });
  });

  test('every rule says whether it matches and why not', () => {
    expect(explain('rm -rf build').rules).toEqual([
      {
        id: 'destroy',
        effect: 'deny',
        applies: false,
        to: [],
        unknown: [],
        because: 'catalogue: saw fs.rm-recursive, wants fs.rm-root',
        origin: 'policy.yaml:5',
      },
      {
        id: 'high',
        effect: 'approve',
        applies: true,
        to: ['rm -rf build'],
        unknown: [],
        because: null,
        origin: 'policy.yaml:6',
      },
      {
        id: 'night',
        effect: 'approve',
        applies: false,
        to: [],
        unknown: [],
        because: 'user in bob is false',
        origin: 'policy.yaml:7',
      },
    ]);
    expect(explain('apt purge x').rules[1]).toMatchObject({ applies: false, because: 'except holds' });
  });

  test.each([
    ['{ command: nginx }', 'command: saw cd, wants nginx'],
    ['{ command: systemctl, subcommand: [stop, kill] }', 'subcommand: saw restart, app, wants stop | kill'],
    [
      '{ command: systemctl, operands: [nginx, nginx.service] }',
      'operands: saw restart (/etc/restart), app (/etc/app), wants',
    ],
    ['{ command: systemctl, operands: { every: [nginx], none: [x] } }', 'wants every of nginx and none of x'],
    ['{ command: systemctl, flags: -f|--force }', 'flags: saw --now, wants -f|--force'],
    ['{ all: [{ command: systemctl }, { via: su }] }', 'via: saw sudo, wants su'],
    ['{ command: systemctl, writes: /etc/x }', 'writes: saw none, wants /etc/x'],
    ['{ command: systemctl, severity: ">=high" }', 'severity: saw medium, wants >=high'],
    ['{ command: systemctl, regex: "^x" }', 'regex: saw systemctl restart app --now, wants ^x'],
    ['{ command: systemctl, readonly: true }', 'readonly: saw false, wants true'],
    ['{ not: { command: [systemctl, cd, sudo] } }', 'not: command systemctl | cd | sudo holds'],
    ['{ any: [{ command: a }, { command: b }] }', 'any: none of its 2 holds'],
    ['{ request: sftp }', 'request: saw a command, wants sftp'],
  ])('a match that fails names the member, what it saw and what it wants: %s', (match, because) => {
    const policy = policyFromText(`rules: [{ id: a, effect: deny, match: ${match} }]\n`);
    const { rules } = policy.explain('cd /etc; sudo systemctl restart app --now', CONTEXT);
    expect(rules[0]?.because).toContain(because);
  });

  test('a wrapper is not spoken of when there is a command in it', () => {
    const policy = policyFromText('rules: [{ id: a, effect: deny, match: { command: docker } }]\n');
    expect(policy.explain('sudo systemctl restart app', CONTEXT).rules[0]?.because).toContain('saw systemctl,');
  });

  test('a rule that matches because something is not known says what', () => {
    const policy = policyFromText(
      'rules: [{ id: a, effect: deny, when: { label.env: prod, not: { any: [{ label.tier: db }, { role: sre }] } } }]\n',
    );
    const nowhere = policy.explain('ls', { context: 'shell', at: 0, target: { name: 'w', labels: {} } });
    expect(explanationText(nowhere)).toContain('a  deny          matches ls (label.tier, role, label.env unknown)');
    const there = { name: 'w', labels: { env: 'prod', tier: 'web' } };
    const dev = { name: 'eve', roles: ['dev'] };
    const known = policy.explain('ls', { context: 'shell', at: 0, target: there, user: dev });
    expect(explanationText(known)).toContain('matches ls\n');
  });

  test('the text for people', () => {
    const text = explanationText(explain('sudo rm -rf build'));
    expect(text).toContain('approve, high: rule high (policy.yaml:6)');
    expect(text).toContain('needs: 1 of sre, not ana (code); expires in 10 min');
    expect(text).toContain('  rm -rf build  via sudo  [fs.rm-recursive]');
    expect(text).toContain('no: user in bob is false');
    expect(explanationText(explain('rm -rf /'))).toContain('why: Never. critical (fs.rm-root');
    expect(explanationText(explain('$CMD x'))).toContain('cannot be known: ');
  });

  test('what is shown moves no cursor', () => {
    const text = explanationText(explain("echo '\u202eabc' \u001b[2J"));
    expect(text.includes('\u202e') || text.includes('\u001b')).toBe(false);
  });
});

describe('tests beside the rules', () => {
  test('say what was expected and what came', () => {
    const policy = policyFromText(`${TEXT}tests:
  - { line: "rm -rf /", expect: { effect: deny, rule: destroy, ids: [fs.rm-root] } }
  - { lines: [ls, pwd], expect: { effect: deny, opaque: true, ids: [fs.rm-root], approval: second, rule: destroy } }
`);
    expect(
      runPolicyTests(policy, 0).map(({ line, text, failures }) => ({ line, text, failures: failures.length })),
    ).toEqual([
      { line: 9, text: 'rm -rf /', failures: 0 },
      { line: 10, text: 'ls', failures: 5 },
      { line: 10, text: 'pwd', failures: 5 },
    ]);
    expect(runPolicyTests(policy, 0)[1]?.failures).toContain('expected effect deny, got approve');
  });
});

describe('a test that fails', () => {
  const policy = policyFromText(`${TEXT}settings: { time_zone: Europe/Berlin }
windows: { office: { days: [fri], from: "08:00", to: "18:00" } }
tests:
  - { line: ls, at: 2026-11-20T20:00, labels: { env: prod }, user: ana, roles: [sre], expect: { rule: destroy } }
  - { line: rm -rf /, expect: { rule: null } }
`);

  test('says for whom, where and when', () => {
    expect(runPolicyTests(policy, 0).map(({ situation }) => situation)).toEqual([
      'a target (env=prod), user ana (sre), Fri 2026-11-20 20:00 Europe/Berlin; window office: closed',
      'a target (no labels), nobody in particular',
    ]);
  });

  test('says so when no rule decided, or none should have', () => {
    expect(runPolicyTests(policy, 0).flatMap(({ failures }) => failures)).toEqual([
      'expected rule destroy, got no rule',
      'expected no rule, got destroy',
    ]);
  });
});

describe('diff and replay', () => {
  const before = policyFromText(TEXT);

  test('diff names what changed', () => {
    const after = policyFromText(
      TEXT.replace('>=high', 'critical').replace('id: night', 'id: late').replace('10m', '5m'),
    );
    expect(diffPolicies(before, after)).toEqual([
      { section: 'approvals', name: 'second', change: 'changed' },
      { section: 'rules', name: 'high', change: 'changed' },
      { section: 'rules', name: 'late', change: 'added' },
      { section: 'rules', name: 'night', change: 'removed' },
    ]);
    expect(diffPolicies(before, before)).toEqual([]);
  });

  test('replay finds what became weaker', () => {
    const lines = ['ls', 'rm -rf build', 'rm -rf /'].map((text) => ({ text, context: CONTEXT }));
    const weaker = replay(before, policyFromText(TEXT.replace('>=high', 'critical')), lines);
    expect(weaker).toMatchObject({ lines: 3, weaker: 1 });
    expect(weaker.changes.map((change) => change.line.text)).toEqual(['rm -rf build']);
    expect([...weaker.counts]).toEqual([
      ['allow > allow', 1],
      ['approve > allow', 1],
      ['deny > deny', 1],
    ]);
    const self = replay(before, policyFromText(TEXT.replace('approval: second', 'approval: self')), lines);
    expect(self.weaker).toBe(1);
    expect(replay(before, policyFromText(TEXT.replace('>=high', '>=low')), lines).weaker).toBe(0);
  });
});
