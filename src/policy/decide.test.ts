import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { policyFromText } from '../../test/support/policy-text.ts';
import { sha256Hex } from '../base/digest.ts';
import { type EvaluationContext, usedFacts } from '../model/decision.ts';
import type { CheckValue } from './conditions/condition.ts';
import { explanationText } from './explain.ts';
import { prepareSql } from './language/postgres-parser.ts';
import type { Policy } from './policy.ts';

beforeAll(prepareSql);

const AT = Date.parse('2026-11-20T10:00:00Z');
const ALLOWING = 'postures: [{ when: { any: true }, default: allow }]\n';

function context(change: Partial<EvaluationContext> = {}): EvaluationContext {
  return {
    context: 'shell',
    at: AT,
    user: { name: 'ana', roles: ['sre'] },
    target: { name: 'web1', labels: { env: 'prod' } },
    login: 'app',
    ...change,
  };
}

function effectOf(policy: Policy, line: string, change: Partial<EvaluationContext> = {}): string {
  return policy.decide(line, context(change)).effect;
}

describe('precedence', () => {
  const rule = (id: string, effect: string, more = ''): string =>
    `  - { id: ${id}, effect: ${effect}, match: { command: tool }${effect === 'approve' ? ', approval: self' : ''}${more} }\n`;

  test.each([
    ['nothing matches: the default', '', 'allow'],
    ['allow', rule('a', 'allow'), 'allow'],
    ['approve over allow', rule('a', 'allow') + rule('b', 'approve'), 'approve'],
    ['deny over approve', rule('a', 'approve') + rule('b', 'deny'), 'deny'],
    [
      'deny over all',
      rule('a', 'auto-approve') + rule('b', 'approve') + rule('c', 'deny') + rule('d', 'allow'),
      'deny',
    ],
    ['auto-approve answers approve', rule('a', 'approve') + rule('b', 'auto-approve'), 'auto-approve'],
    [
      'but not one that forbids it',
      rule('a', 'approve', ', auto_approvable: false') + rule('b', 'auto-approve'),
      'approve',
    ],
    [
      'nor one of several that forbids it',
      rule('a', 'approve') + rule('b', 'approve', ', auto_approvable: false') + rule('c', 'auto-approve'),
      'approve',
    ],
    ['auto-approve over allow', rule('a', 'allow') + rule('b', 'auto-approve'), 'auto-approve'],
  ])('%s', (_, rules, effect) => {
    const forwards = policyFromText(`${ALLOWING}rules:\n${rules || '  []'}`);
    expect(effectOf(forwards, 'tool x')).toBe(effect);
    const backwards = policyFromText(`${ALLOWING}rules:\n${rules.split('\n').reverse().join('\n') || '  []'}`);
    expect(effectOf(backwards, 'tool x')).toBe(effect);
  });

  test('a line is as strict as its strictest command', () => {
    const policy = policyFromText(
      `${ALLOWING}rules:\n${rule('a', 'approve')}  - { id: d, effect: deny, match: { command: bad } }\n`,
    );
    expect(effectOf(policy, 'ls; tool')).toBe('approve');
    expect(effectOf(policy, 'ls; tool; echo $(bad)')).toBe('deny');
    expect(effectOf(policy, 'ls')).toBe('allow');
  });

  test('one match must hold on one command', () => {
    const policy = policyFromText(
      `${ALLOWING}rules:\n  - { id: a, effect: deny, match: { command: tool, flags: [--force] } }\n`,
    );
    expect(effectOf(policy, 'tool; other --force')).toBe('allow');
    expect(effectOf(policy, 'tool --force')).toBe('deny');
  });

  test('an exception belongs to its rule only', () => {
    const policy = policyFromText(`${ALLOWING}approvals: { two: { stages: [{ who: { role: sre } }] } }
rules:
  - { id: strong, effect: approve, approval: two, match: { severity: ">=medium" }, except: { match: { catalogue: pkg.install } } }
  - { id: weak, effect: approve, approval: self, match: { severity: ">=medium" } }
`);
    expect(policy.decide('apt install x', context()).requirement?.names).toEqual(['self']);
    expect(policy.decide('rm -rf x', context()).requirement?.names).toEqual(['two', 'self']);
  });
});

describe('operands', () => {
  const policy = policyFromText(`${ALLOWING}rules:
  - { id: any, effect: deny, match: { command: a, operands: [nginx, '/etc/*'] } }
  - { id: every, effect: deny, match: { command: b, operands: { every: [nginx, nginx.service] } } }
  - { id: none, effect: deny, match: { command: c, operands: { none: [nginx] } } }
`);

  test.each([
    ['a nginx', 'deny'],
    ['cd /data && a nginx', 'deny'],
    ['(cd /; a nginx)', 'deny'],
    ["sh -c 'cd /data; a nginx'", 'deny'],
    ['cd /etc; a passwd', 'deny'],
    ['cd /data; a passwd', 'allow'],
    ['cd /data; b nginx nginx.service', 'deny'],
    ['cd /data; b nginx other', 'allow'],
    ['cd /data; c nginx', 'allow'],
    ['cd /data; c other', 'deny'],
  ])('%s: %s', (line, effect) => {
    expect(effectOf(policy, line)).toBe(effect);
  });
});

describe('postures', () => {
  test('none holds: everything needs approval, an empty line does not', () => {
    const policy = policyFromText('');
    expect(policy.decide('ls', context())).toMatchObject({
      effect: 'approve',
      rule: null,
      requirement: { names: ['self'] },
    });
    expect(effectOf(policy, '')).toBe('allow');
    expect(effectOf(policy, '# only a comment')).toBe('allow');
  });

  test('the first that holds is taken', () => {
    const policy = policyFromText(`postures:
  - { when: { label.env: prod }, default: deny }
  - { when: { any: true }, default: allow }
`);
    expect(effectOf(policy, 'ls')).toBe('deny');
    expect(effectOf(policy, 'ls', { target: { name: 'x', labels: { env: 'dev' } } })).toBe('allow');
    expect(effectOf(policy, 'ls', { target: { name: 'x', labels: {} } })).toBe('allow');
  });

  test.each([
    ['opaque', '$CMD x', 'on_opaque', 'meta.opaque'],
    ['unparsable', 'ls )', 'on_unparsable', 'meta.unparsable'],
    ['too long', `echo ${'x'.repeat(20_000)}`, 'on_too_long', 'meta.too-long'],
  ])('%s: approve when the posture says nothing, else what it says', (_, line, key, id) => {
    expect(policyFromText(ALLOWING).decide(line, context())).toMatchObject({ effect: 'approve', ids: [id] });
    for (const effect of ['allow', 'deny']) {
      expect(
        effectOf(policyFromText(`postures: [{ when: { any: true }, default: allow, ${key}: ${effect} }]\n`), line),
      ).toBe(effect);
    }
  });

  test('*_approval names the requirement', () => {
    const policy = policyFromText(`postures: [{ when: { any: true }, default: allow, opaque_approval: two }]
approvals: { two: { stages: [{ who: { role: sre }, count: 2 }] } }
`);
    expect(policy.decide('$CMD', context()).requirement).toMatchObject({ names: ['two'], stages: [{ count: 2 }] });
  });

  test('an unreadable line is opaque, whatever its best reading', () => {
    const decision = policyFromText(ALLOWING).decide('ls', context({ unreadable: 'the screen did not settle' }));
    expect(decision).toMatchObject({ effect: 'approve', opaque: 'the screen did not settle', ids: ['meta.opaque'] });
  });

  test('an allow rule is no leave for what could not be read, unless it names it', () => {
    const wide = policyFromText(`${ALLOWING}rules: [{ id: a, effect: allow }]\n`);
    expect(effectOf(wide, '$CMD')).toBe('approve');
    const named = policyFromText(`${ALLOWING}rules: [{ id: a, effect: allow, match: { catalogue: meta.opaque } }]\n`);
    expect(effectOf(named, '$CMD')).toBe('allow');
  });

  test('a known long text passes by its digest', () => {
    const line = `echo ${'x'.repeat(20_000)}`;
    const rules = (digest: string): string =>
      `${ALLOWING}rules: [{ id: a, effect: allow, match: { catalogue: meta.too-long, sha256: "${digest}" } }]\n`;
    expect(effectOf(policyFromText(rules(sha256Hex(line))), line)).toBe('allow');
    expect(effectOf(policyFromText(rules(sha256Hex(`${line} `))), line)).toBe('approve');
  });
});

describe('incomplete lines', () => {
  const policy = policyFromText(ALLOWING);

  test('a shell asks for more, so nothing runs yet', () => {
    expect(policy.decide('echo "abc', context())).toMatchObject({ effect: 'allow', incomplete: true });
  });

  test('what was found still counts', () => {
    const strict = policyFromText(`${ALLOWING}rules: [{ id: a, effect: deny, match: { severity: ">=high" } }]\n`);
    expect(strict.decide('rm -rf x; echo "abc', context())).toMatchObject({ effect: 'deny', incomplete: true });
  });

  test('a command that was sent whole is judged as unparsable', () => {
    expect(effectOf(policy, 'echo "abc', { context: 'exec' })).toBe('approve');
  });
});

describe('three-valued conditions', () => {
  const rule = (effect: string, when: string, except = ''): Policy =>
    policyFromText(`${ALLOWING.replace('allow', effect === 'allow' || effect === 'auto-approve' ? 'deny' : 'allow')}checks: { freeze: { exec: [/bin/x] } }
rules: [{ id: a, effect: ${effect}${effect === 'approve' ? ', approval: self' : ''}, when: ${when}${except} }]
`);
  const decideWith = (policy: Policy, checks: Readonly<Record<string, CheckValue>>): string =>
    policy.decide('ls', context(), new Map(Object.entries(checks))).effect;

  test.each([
    ['deny', { freeze: true }, 'deny'],
    ['deny', { freeze: false }, 'allow'],
    ['deny', {}, 'deny'],
    ['approve', {}, 'approve'],
    ['approve', { freeze: false }, 'allow'],
    ['allow', { freeze: true }, 'allow'],
    ['allow', { freeze: false }, 'deny'],
    ['allow', {}, 'deny'],
  ])('%s with checks %j: %s', (effect, checks, expected) => {
    expect(decideWith(rule(effect, '{ check.freeze: true }'), checks)).toBe(expected);
  });

  test.each([
    ['not of unknown is unknown', '{ not: { check.freeze: true } }'],
    ['true and unknown is unknown', '{ all: [{ any: true }, { check.freeze: true }] }'],
    ['false or unknown is unknown', '{ any: [{ user: nobody }, { check.freeze: true }] }'],
    ['a label that is missing is unknown', '{ label.tier: db }'],
    ['not of a missing label is unknown', '{ not: { label.tier: db } }'],
  ])('%s', (_, when) => {
    expect(decideWith(rule('deny', when), {})).toBe('deny');
    expect(decideWith(rule('allow', when), {})).toBe('deny');
  });

  test.each([
    ['false and unknown is false', '{ all: [{ user: nobody }, { check.freeze: true }] }', 'allow'],
    ['true or unknown is true', '{ any: [{ user: ana }, { check.freeze: true }] }', 'deny'],
  ])('%s', (_, when, expected) => {
    expect(decideWith(rule('deny', when), {})).toBe(expected);
  });

  test('an exception that is unknown does not except from a deny, but does from an allow', () => {
    expect(decideWith(rule('deny', '{ any: true }', ', except: { when: { check.freeze: true } }'), {})).toBe('deny');
    expect(
      decideWith(rule('deny', '{ any: true }', ', except: { when: { check.freeze: true } }'), { freeze: true }),
    ).toBe('allow');
    expect(decideWith(rule('allow', '{ any: true }', ', except: { when: { check.freeze: true } }'), {})).toBe('deny');
  });
});

describe('requirements', () => {
  test('several rules: every stage, the shortest expiry, the strictest reason', () => {
    const policy = policyFromText(`${ALLOWING}approvals:
  two: { stages: [{ who: { role: sre }, count: 2 }], expires: 10m, reason: { min_length: 10 } }
  dba: { stages: [{ who: { role: dba } }, { who: { role: sre }, count: 2 }], expires: 5m, reason: required }
rules:
  - { id: a, effect: approve, approval: two, match: { command: tool } }
  - { id: b, effect: approve, approval: dba, match: { command: tool } }
  - { id: c, effect: approve, approval: self, match: { command: tool } }
`);
    expect(policy.decide('tool', context()).requirement).toMatchObject({
      names: ['two', 'dba', 'self'],
      stages: [
        { who: 'requester' },
        { who: { kind: 'role', roles: ['sre'] }, count: 2 },
        { who: { kind: 'role', roles: ['dba'] } },
      ],
      expires: 120_000,
      reason: { required: true, minLength: 10 },
    });
  });

  test('the strictest command alone decides what is needed', () => {
    const policy = policyFromText(`${ALLOWING}rules:
  - { id: d, effect: deny, match: { command: bad } }
  - { id: a, effect: approve, approval: self, match: { command: tool } }
`);
    expect(policy.decide('bad; tool', context())).toMatchObject({ effect: 'deny', rule: 'd', requirement: null });
  });
});

describe('text known at run time only', () => {
  const text =
    'postures: [{ when: { any: true }, default: allow }]\nrules: [{ id: a, effect: deny, match: { catalogue: fs.rm-root } }]\n';

  test('counts on targets of high criticality, or when the policy says so', () => {
    const line = 'rm -rf "$DIR"';
    expect(effectOf(policyFromText(text), line)).toBe('allow');
    expect(effectOf(policyFromText(text), line, { target: { name: 'x', labels: { criticality: 'high' } } })).toBe(
      'deny',
    );
    expect(effectOf(policyFromText(`settings: { possible: match }\n${text}`), line)).toBe('deny');
  });
});

describe('channel requests', () => {
  const policy = policyFromText(ALLOWING);

  test('sftp goes with access, forwarding does not', () => {
    expect(policy.decideChannel({ request: 'sftp' }, context()).effect).toBe('allow');
    for (const request of ['forward.local', 'forward.remote', 'agent-forward', 'x11', 'subsystem'] as const) {
      expect(policy.decideChannel({ request }, context())).toMatchObject({ effect: 'deny', rule: null });
    }
  });

  test('rules decide otherwise', () => {
    const ruled = policyFromText(`${ALLOWING}rules:
  - { id: no-files, effect: deny, when: { role: contractor }, match: { request: sftp } }
  - { id: tunnels, effect: allow, when: { role: sre }, match: { request: [forward.local, "subsystem:netconf"] } }
`);
    expect(
      ruled.decideChannel({ request: 'sftp' }, context({ user: { name: 'x', roles: ['contractor'] } })).effect,
    ).toBe('deny');
    expect(ruled.decideChannel({ request: 'forward.local' }, context()).effect).toBe('allow');
    expect(ruled.decideChannel({ request: 'forward.local' }, context({ user: { name: 'x', roles: [] } })).effect).toBe(
      'deny',
    );
    expect(ruled.decideChannel({ request: 'subsystem', detail: 'netconf' }, context()).effect).toBe('allow');
    expect(ruled.decideChannel({ request: 'subsystem', detail: 'other' }, context()).effect).toBe('deny');
  });

  test('a rule about commands says nothing about requests', () => {
    const ruled = policyFromText(`${ALLOWING}rules: [{ id: a, effect: deny, match: { severity: ">=info" } }]\n`);
    expect(ruled.decideChannel({ request: 'sftp' }, context()).effect).toBe('allow');
  });
});

describe('read-only lines', () => {
  const policy = policyFromText(`${ALLOWING}rules: [{ id: a, effect: deny, match: { not: { readonly: true } } }]\n`);

  test.each([
    ['ls -la /etc', 'allow'],
    ['systemctl status nginx | head', 'allow'],
    ['sudo journalctl -u nginx', 'allow'],
    ['git log --oneline', 'allow'],
    ['kubectl get pods -A', 'allow'],
    ['cat x 2>/dev/null', 'allow'],
    ['psql -c "select 1"', 'allow'],
    ['psql -c "select pg_terminate_backend(1)"', 'deny'],
    ['cat x > y', 'deny'],
    ['rm x', 'deny'],
    ['ls; touch x', 'deny'],
    ['cat /etc/shadow', 'deny'],
    ['kubectl get secret x -o yaml', 'deny'],
    ['find . -delete', 'deny'],
    ['$CMD', 'deny'],
    ['journalctl --rotate', 'deny'],
    ['sort -o x x', 'deny'],
  ])('%s: %s', (line, effect) => {
    expect(effectOf(policy, line)).toBe(effect);
  });
});

describe('never throws', () => {
  const policy = policyFromText(
    `${ALLOWING}rules: [{ id: a, effect: approve, approval: self, match: { severity: ">=high" } }]\n`,
  );
  const fragment = fc.constantFrom(
    'rm',
    ' -rf ',
    '/',
    '$(',
    ')',
    '`',
    '"',
    "'",
    '|',
    '&&',
    ';',
    '\n',
    '<<E',
    '${x:-',
    '}',
    '{a,b}',
    '*',
    '[',
    ']',
    '\\',
    'sudo ',
    'sh -c ',
    "$'",
    '>',
    '<(',
    '!',
    '=',
    '~',
    '#',
    ' ',
  );

  test('on random fragments in every context', () => {
    fc.assert(
      fc.property(
        fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join('')),
        fc.constantFrom('shell' as const, 'exec' as const, 'psql' as const, 'mysql' as const, 'repl' as const),
        (line, kind) => {
          const decision = policy.decide(line, context({ context: kind }));
          expect(decision.facts['failed']).toBeUndefined();
          expect(decision.requirement !== null).toBe(decision.effect === 'approve');
        },
      ),
      { numRuns: 1500 },
    );
  }, 60_000);

  test('on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (line) => {
        expect(policy.decide(line, context()).facts['failed']).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  test('a fault inside ends in deny', () => {
    const broken = {
      ...context(),
      target: { name: 'x', labels: JSON.parse('null') as Readonly<Record<string, string>> },
    };
    expect(policy.decide('ls', broken)).toMatchObject({ effect: 'deny', facts: { failed: true } });
  });
});

describe('urgency, as the requester says it', () => {
  const policy =
    policyFromText(`${ALLOWING}approvals: { board: { stages: [{ who: { role: lead } }] }, on-call: { stages: [{ who: { role: sre } }] } }
rules:
  - { id: usual, effect: approve, approval: board, match: { command: tool }, except: { when: { urgency: high } } }
  - { id: urgent, effect: approve, approval: on-call, when: { urgency: [high] }, match: { command: tool } }
  - { id: calm, effect: allow, when: { urgency: [low, normal] }, match: { command: mkfs } }
  - { id: disks, effect: deny, when: { urgency: high }, match: { command: mkfs } }
`);
  const asked = (urgency?: 'low' | 'normal' | 'high' | 'unknown'): readonly string[] =>
    policy.decide('tool x', context(urgency === undefined ? {} : { urgency })).requirement?.names ?? [];

  test.each([
    ['nothing', undefined, ['board']],
    ['that it is normal', 'normal', ['board']],
    ['that it is urgent', 'high', ['on-call']],
    ['that it can wait', 'low', ['board']],
    ['something that nobody understands: everything that could be asked', 'unknown', ['board', 'on-call']],
  ] as const)('%s', (_what, urgency, names) => {
    expect([...asked(urgency)].sort()).toEqual(names);
  });

  test('unknown opens nothing and closes what it may', () => {
    expect(effectOf(policy, 'mkfs /dev/sdb1', { urgency: 'low' })).toBe('allow');
    expect(effectOf(policy, 'mkfs /dev/sdb1', { urgency: 'unknown' })).toBe('deny');
    const opening = policyFromText(
      `postures: [{ when: { any: true }, default: deny }]\nrules: [{ id: calm, effect: allow, when: { urgency: [low, normal] }, match: { command: tool } }]\n`,
    );
    expect(effectOf(opening, 'tool x')).toBe('allow');
    expect(effectOf(opening, 'tool x', { urgency: 'unknown' })).toBe('deny');
  });

  test('what it was asked about is on record, and explained', () => {
    const decision = policy.decide('tool x', context({ urgency: 'high' }));
    expect(usedFacts(decision)).toEqual({ 'urgency in high': 'true' });
    const text = explanationText(policy.explain('tool x', context({ urgency: 'high' })));
    expect(text).toContain('\nfor: target web1 (env=prod), user ana (sre), urgency high\n');
    expect(text).toMatch(/usual +approve +no: except holds/);
    expect(explanationText(policy.explain('tool x', context()))).toMatch(
      /urgent +approve +no: urgency in high is false/,
    );
    const unknown = explanationText(policy.explain('tool x', context({ urgency: 'unknown' })));
    expect(unknown).toMatch(/urgent +approve +matches tool x \(urgency unknown\)/);
  });
});
