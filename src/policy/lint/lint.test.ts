import { describe, expect, test } from 'vitest';
import { documentFromText, findingsInText } from '../../../test/support/policy-text.ts';
import { lintStoredNames } from './store-lint.ts';
import type { StoredNames } from './stored-names.ts';

const POSTURE = 'postures: [{ when: { any: true }, default: allow }]\n';

/** The first line of each text is line 2 of the file. */
describe('what is wrong is said with its place', () => {
  test.each([
    ['unknown section', 'rulez: []\n', '2:1 unknown key "rulez"; did you mean "rules"? allowed: version, metadata,'],
    [
      'unknown key of a rule',
      'rules:\n  - { id: a, effct: deny }\n',
      '3:14 rules.0: unknown key "effct"; did you mean "effect"? allowed: id, effect,',
    ],
    [
      'wrong effect',
      'rules:\n  - id: a\n    effect: dney\n',
      '4:13 rules.0.effect: found "dney"; allowed: deny, approve, auto-approve, allow; did you mean "deny"?',
    ],
    ['missing key', 'rules:\n  - id: a\n', '3:5 rules.0: "effect" is missing'],
    ['wrong type', 'rules: yes\n', '2:8 rules: expected array, found "yes"'],
    ['users are not in files', 'roles: { sre: { users: [ana] } }\n', '2:17 roles.sre: unknown key "users"'],
    ['targets are not in files', 'targets: {}\n', '2:1 unknown key "targets"'],
    [
      'catalogue id',
      'rules:\n  - { id: a, effect: deny, match: { catalogue: fs.rm-rot } }\n',
      '3:48 unknown catalogue id "fs.rm-rot"; did you mean "fs.rm-root"?',
    ],
    [
      'catalogue glob',
      'rules:\n  - { id: a, effect: deny, match: { catalogue: "fz.*" } }\n',
      '3:48 no catalogue id matches "fz.*"',
    ],
    [
      'approval',
      'rules:\n  - { id: a, effect: approve, approval: secnd }\napprovals: { second: { stages: [{ who: { role: sre } }] } }\n',
      '3:41 unknown approval "secnd"; did you mean "second"? defined: self, second',
    ],
    [
      'urgency',
      'rules:\n  - { id: a, effect: deny, when: { urgency: hgh } }\n',
      '3:45 rules.0.when.urgency: found "hgh"; allowed: low, normal, high; did you mean "high"?',
    ],
    [
      'one of several urgencies',
      'rules:\n  - { id: a, effect: deny, when: { urgency: [high, asap] } }\n',
      '3:52 rules.0.when.urgency.1: found "asap"; allowed: low, normal, high',
    ],
    [
      'urgency of people',
      'access:\n  - { who: { urgency: high }, targets: { any: true } }\n',
      '3:14 access.0.who: unknown key "urgency"',
    ],
    [
      'approve without approval',
      'rules:\n  - { id: a, effect: approve }\n',
      '3:5 rule "a" says approve but not by whom; add approval: with one of self',
    ],
    [
      'approval of a deny',
      'rules:\n  - { id: a, effect: deny, approval: self }\n',
      '3:38 rule "a" has the effect deny, which takes no approval',
    ],
    [
      'network',
      'roaming:\n  - { when: { any: true }, networks: [10.0.0.0/33] }\n',
      '3:39 roaming.0.networks.0: expected an IP address or a network such as 10.0.0.0/8',
    ],
    [
      'what a new address means',
      'roaming:\n  - { when: { any: true }, on_move: freez }\n',
      '3:37 roaming.0.on_move: found "freez"; allowed: freeze, code; did you mean "freeze"?',
    ],
    ['roaming that says nothing', 'roaming:\n  - { when: { any: true } }\n', '3:5 roaming.0: says nothing; give it'],
    ['hard allow', 'rules:\n  - { id: a, effect: allow, hard: true }\n', '3:35 only a deny rule can be hard'],
    [
      'window',
      'rules:\n  - { id: a, effect: deny, when: { window: ofice } }\nwindows: { office: { days: [mon], from: "08:00", to: "18:00" } }\n',
      '3:44 unknown window "ofice"; did you mean "office"?',
    ],
    [
      'check',
      'rules:\n  - { id: a, effect: deny, when: { all: [{ check.freze: true }] } }\nchecks: { freeze: { exec: [x] } }\n',
      '3:57 unknown check "freze"; did you mean "freeze"?',
    ],
    [
      'condition key',
      'rules:\n  - { id: a, effect: deny, when: { rol: sre } }\n',
      '3:36 rules.0.when: unknown key "rol"; did you mean "role"?',
    ],
    [
      'empty when',
      'rules:\n  - { id: a, effect: deny, when: {} }\n',
      '3:34 rules.0.when: is empty; write { any: true } to match everything',
    ],
    [
      'context',
      'rules:\n  - { id: a, effect: deny, when: { context: shel } }\n',
      '3:45 unknown context "shel"; did you mean "shell"?',
    ],
    [
      'regular expression',
      'rules:\n  - { id: a, effect: deny, match: { regex: "rm (" } }\n',
      '3:44 "rm (" is not a valid regular expression',
    ],
    [
      'severity',
      'rules:\n  - { id: a, effect: deny, match: { severity: ">=hihg" } }\n',
      '3:47 unknown severity "hihg"; did you mean "high"?',
    ],
    [
      'request',
      'rules:\n  - { id: a, effect: deny, match: { request: sfpt } }\n',
      '3:46 unknown request "sfpt"; did you mean "sftp"?',
    ],
    [
      'digest',
      'rules:\n  - { id: a, effect: allow, match: { sha256: abc } }\n',
      '3:46 expected the SHA-256 of the text: 64 hexadecimal digits',
    ],
    [
      'zone',
      'windows:\n  night: { days: [mon], from: "22:00", to: "06:00", zone: Europe/Berln }\n',
      '3:59 unknown time zone "Europe/Berln"; did you mean "Europe/Berlin"? write it as in Europe/Berlin or UTC',
    ],
    [
      'zone of the settings',
      'settings: { time_zone: Mars }\n',
      '2:24 unknown time zone "Mars"; write it as in Europe/Berlin or UTC',
    ],
    [
      'city for a zone',
      'settings: { time_zone: berlin }\n',
      '2:24 unknown time zone "berlin"; did you mean "Europe/Berlin"?',
    ],
    [
      'empty window',
      'windows:\n  night: { days: [mon], from: "22:00", to: "22:00" }\n',
      '3:44 a window must end at another time than it starts',
    ],
    [
      'time of day',
      'windows:\n  night: { days: [mon], from: "8:00", to: "22:00" }\n',
      '3:31 windows.night.from: expected a time such as "08:00", in quotes',
    ],
    [
      'duration',
      'approvals:\n  a: { stages: [{ who: requester }], expires: 10min }\n',
      '3:47 approvals.a.expires: expected a duration such as',
    ],
    [
      'hook',
      'rules:\n  - { id: a, effect: approve, approval: self, after: { on: [zero], hook: restor } }\nhooks: { restore: { run: [/x] } }\n',
      '3:74 unknown hook "restor"; did you mean "restore"?',
    ],
    [
      'grant of what is not held',
      'rules:\n  - { id: a, effect: allow, match: { command: x }, grant: { scope: command, minutes: 5, max_uses: 2 } }\n',
      '3:59 only an approval can be remembered; "a" has the effect allow',
    ],
    [
      'hook by a name that is looked up',
      'hooks: { restore: { run: [restore] } }\n',
      '2:27 "restore" is looked up nowhere; give the whole path of the program',
    ],
    [
      'fact in a word of a hook',
      'hooks: { restore: { run: [/x, "{tarjet}"] } }\n',
      '2:31 a hook is not told "tarjet"; did you mean "target"?',
    ],
    [
      'fact in the environment of a hook',
      'hooks: { restore: { run: [/x], env: [PASSWORD] } }\n',
      '2:38 a hook is not told "PASSWORD"; it can be told TARGET, LOGIN, USER, REQUEST_ID, SESSION, RULE, STATUS',
    ],
    [
      'hook after what was never held',
      'rules:\n  - { id: a, effect: allow, match: { command: x }, after: { on: [zero], hook: h } }\nhooks: { h: { run: [/x] } }\n',
      '3:59 only what was held has an after; "a" has the effect allow',
    ],
    [
      'time of a hook',
      'rules:\n  - { id: a, effect: approve, approval: self, after: { on: [zero], hook: h, timeout: 2h } }\nhooks: { h: { run: [/x] } }\n',
      '3:86 a hook gets between 1 ms and 1 h',
    ],
    [
      'rule twice',
      'rules:\n  - { id: a, effect: deny, match: { command: x } }\n  - { id: a, effect: deny, match: { command: y } }\n',
      '4:11 rule "a" is defined twice; the first one is at policy.yaml:3',
    ],
    ['duplicate key', 'rules: []\nrules: []\n', '3:1 map keys must be unique'],
    ['tag', 'rules: !!seq []\n', '2:14 tags (tag:yaml.org,2002:seq) are not supported'],
    ['merge key', 'metadata: &m { name: x }\nroles:\n  a: { <<: *m }\n', '4:8 merge keys ("<<") are not supported'],
    ['key that is no text', 'roles: { 1: {} }\n', '2:10 keys must be plain text'],
    ['two documents', 'rules: []\n---\nrules: []\n', '1:1 more than one YAML document in one file'],
    [
      'too few people',
      'approvals:\n  a: { stages: [{ who: { users: [ana, bob] }, count: 3 }] }\n',
      '3:54 3 of 2 people can never be reached',
    ],
    [
      'two requesters',
      'approvals:\n  a: { stages: [{ who: requester, count: 2 }] }\n',
      '3:42 there is only one requester',
    ],
    [
      'escalation from nowhere',
      'approvals:\n  a: { mode: sequential, stages: [{ who: { role: x }, only_if: escalated }] }\n',
      '3:64 no stage before this one says on_timeout: escalate',
    ],
    [
      'ticket',
      'approvals:\n  a: { stages: [{ who: requester }], reason: { ticket: "(" } }\n',
      '3:56 "(" is not a valid regular expression',
    ],
    [
      'posture approval',
      'postures:\n  - { when: { any: true }, default: allow, opaque_approval: secnd }\n',
      '3:61 unknown approval "secnd"',
    ],
    [
      'access approval',
      'access:\n  - { who: { any: true }, targets: { any: true }, request: { approval: secnd } }\n',
      '3:72 unknown approval "secnd"',
    ],
    [
      'shipped id',
      'catalogue: { entries: [{ id: fs.rm-root, severity: low, why: x, match: { command: x } }] }\n',
      '2:30 "fs.rm-root" is a shipped entry',
    ],
    [
      'entry that asks for ids',
      'catalogue: { entries: [{ id: a.b, severity: low, why: x, match: { severity: high } }] }\n',
      'an entry cannot use "severity"',
    ],
    ['pack', 'catalogue: { packs: [core@2] }\n', '2:22 unknown catalogue pack "core@2"; did you mean "core@1"?'],
    ['severity of nothing', 'catalogue: { severity: { fs.x: low } }\n', '2:32 unknown catalogue id "fs.x"'],
    ['check without source', 'checks: { a: { timeout: 1s } }\n', '2:14 checks.a: needs exactly one of exec and http'],
    ['test that expects nothing', 'tests: [{ line: ls, expect: {} }]\n', '2:29 expects nothing, so it can never fail'],
    ['test of an unknown rule', 'tests: [{ line: ls, expect: { rule: x } }]\n', '2:37 unknown rule "x"'],
    [
      'test at a time without an offset',
      'tests: [{ line: ls, at: "2026-11-20T10:00", expect: { effect: allow } }]\n',
      '2:25 "2026-11-20T10:00" has no offset; write 2026-11-20T10:00+01:00 or 2026-11-20T10:00Z, or set time_zone:',
    ],
    [
      'test on a day',
      'settings: { time_zone: Europe/Berlin }\ntests: [{ line: ls, at: 2026-11-20, expect: { effect: allow } }]\n',
      '3:25 "2026-11-20" has no time of day; write it as 2026-11-20T10:00+01:00',
    ],
    [
      'time_zone of a window',
      'windows:\n  night: { days: [mon], from: "22:00", to: "06:00", time_zone: UTC }\n',
      '3:53 windows.night: unknown key "time_zone"; did you mean "zone"? allowed: days, from, to, zone',
    ],
    [
      'zone of the settings',
      'settings: { zone: UTC }\n',
      '2:13 settings: unknown key "zone"; did you mean "time_zone"?',
    ],
    [
      'no days',
      'windows:\n  n: { days: [], from: "22:00", to: "06:00" }\n',
      '3:14 windows.n.days: name at least one day',
    ],
    [
      'days as a span',
      'windows:\n  n: { days: mon-fri, from: "22:00", to: "06:00" }\n',
      '3:14 windows.n.days: found "mon-fri"; write [mon, tue, wed, thu, fri]',
    ],
    [
      'days as words',
      'windows:\n  n: { days: "Friday to Monday", from: "22:00", to: "06:00" }\n',
      'windows.n.days: found "Friday to Monday"; write [mon, fri, sat, sun]',
    ],
    [
      'days that are none',
      'windows:\n  n: { days: workdays, from: "22:00", to: "06:00" }\n',
      'windows.n.days: found "workdays"; write a list such as [mon, tue, wed, thu, fri]',
    ],
    [
      'a span among days',
      'windows:\n  n: { days: [mon-wed, Sunday, fry], from: "22:00", to: "06:00" }\n',
      '3:15 windows.n.days.0: found "mon-wed"; write mon, tue, wed',
    ],
    [
      'a word that is no day',
      'windows:\n  n: { days: [fry], from: "22:00", to: "06:00" }\n',
      '3:15 windows.n.days.0: found "fry"; allowed: mon, tue, wed, thu, fri, sat, sun; did you mean "fri"?',
    ],
    [
      'the end of the day',
      'windows:\n  n: { days: [mon], from: "08:00", to: "24:00" }\n',
      '3:40 windows.n.to: write "00:00" for midnight',
    ],
    ['missing days', 'windows:\n  n: { from: "08:00", to: "18:00" }\n', '3:3 windows.n: "days" is missing'],
    [
      'a role alone as approver',
      'approvals: { a: { stages: [{ who: sre }] } }\n',
      '2:35 approvals.a.stages.0.who: found "sre"; write { role: sre } or requester',
    ],
    [
      'a role alone in access',
      'access: [{ who: sre, targets: { any: true } }]\n',
      '2:17 access.0.who: found "sre"; write a selector such as { role: sre } or { label.env: prod }',
    ],
    [
      'the word for what one sees: hold',
      'rules: [{ id: a, effect: hold, match: { command: x } }]\n',
      '2:26 rules.0.effect: found "hold"; to hold a command: approve',
    ],
    [
      'the word for what one sees: block',
      'postures: [{ when: { any: true }, default: block }]\n',
      '2:44 postures.0.default: found "block"; to block a command: deny',
    ],
    [
      'labels as a map',
      'rules: [{ id: a, effect: deny, when: { label: { env: prod, tier: db } } }]\n',
      '2:47 rules.0.when.label: found {"env":"prod","tier":"db"}; write label.env: prod, label.tier: db',
    ],
    [
      'labels as a map in a selector',
      'postures: [{ when: { not: { label: { env: [prod, stage] } } }, default: allow }]\n',
      'write label.env: [prod, stage]',
    ],
    [
      'a check as a map',
      'rules: [{ id: a, effect: deny, when: { check: { freeze: true } } }]\n',
      'rules.0.when.check: found {"freeze":true}; write check.freeze: true',
    ],
    ['a label without a name', 'rules: [{ id: a, effect: deny, when: { label: prod } }]\n', 'write label.NAME: prod'],
    ['test at no time', 'tests: [{ line: ls, at: noon, expect: { effect: allow } }]\n', '2:25 "noon" is not a time'],
  ])('%s', (_, text, message) => {
    expect(findingsInText(text)).toContainEqual(expect.stringContaining(message));
  });

  test('an error means no policy, a warning does not', () => {
    expect(findingsInText(`${POSTURE}catalogue: { disable: [shell.nested] }\n`)).toEqual([
      'policy.yaml:3:24 warning: the entry "shell.nested" is switched off for every rule',
    ]);
  });

  test('a rule that can never decide', () => {
    const text =
      'rules:\n  - { id: a, effect: deny, match: { command: x } }\n  - { id: b, effect: allow, match: { command: x } }\n';
    expect(findingsInText(text)).toEqual([
      'policy.yaml:4:11 warning: rule "b" never decides: "a" (policy.yaml:3) always applies too and is stronger',
    ]);
  });
});

describe('on_call', () => {
  const of = (stage: string, check: string): readonly string[] =>
    findingsInText(
      `checks: { rota: { exec: [/bin/rota], ${check} } }\napprovals: { a: { stages: [{ ${stage}, on_call: rota }] } }\nrules: [{ id: r, effect: approve, approval: a }]\n`,
    );
  const NAMES = 'parse: { type: names }';

  test.each<[string, string, string, readonly string[]]>([
    ['all of it', 'who: { role: sre }', `cache: 1m, ${NAMES}`, []],
    ['a check of another type', 'who: { role: sre }', 'cache: 1m', ['needs parse: { type: names }']],
    ['a long memory', 'who: { role: sre }', `cache: 2h, ${NAMES}`, ['1h at most']],
    ['the requester', 'who: requester', NAMES, ['name a group in who']],
  ])('%s', (_what, stage, check, parts) => {
    const found = of(stage, check);
    expect(found).toHaveLength(parts.length);
    for (const [index, part] of parts.entries()) expect(found[index]).toContain(part);
  });

  test('a check that there is not', () => {
    const text =
      'approvals: { a: { stages: [{ who: { role: sre }, on_call: rota }] } }\nrules: [{ id: r, effect: approve, approval: a }]\n';
    expect(findingsInText(text)[0]).toContain('unknown check "rota"');
  });
});

describe('break_glass', () => {
  const of = (text: string): readonly string[] =>
    findingsInText(`rules:\n  - { id: a, effect: approve, approval: self }\nbreak_glass: { ${text} }\n`);

  test.each<[string, string, string]>([
    [
      'keeps what there is not',
      'roles: [sre], keeps: [b]',
      'policy.yaml:4:38 unknown rule "b"; did you mean "a"? defined: a',
    ],
    [
      'no time for a review',
      'roles: [sre], review_within: 0s',
      'policy.yaml:4:45 nobody can review anything in no time',
    ],
  ])('%s', (_what, text, finding) => {
    expect(of(text)).toEqual([finding]);
  });

  test('all of it', () => {
    const text =
      'roles: [sre], factor: totp, reason: { min_length: 30 }, minutes: 30, keeps: [a], notify: ["webhook:pager"]';
    expect(of(text)).toEqual([]);
  });
});

test('verify needs a security key, and no way around it', () => {
  const text = `approvals:
  a: { stages: [{ who: { role: x }, factor: sk-signature, verify: true }] }
  b: { stages: [{ who: { role: x }, factor: { any_of: [totp, sk-signature] }, verify: true }] }
  c: { stages: [{ who: { role: x }, verify: true }] }
  d: { stages: [{ who: { role: x }, factor: { any_of: [signature, sk-signature] }, verify: true }] }
`;
  expect(findingsInText(text).filter((found) => !found.includes('warning'))).toEqual([
    'policy.yaml:5:45 only a security key can verify: add factor sk-signature',
    'policy.yaml:6:92 a key without a PIN can give factor signature; take it out, or verify',
  ]);
});

describe('people', () => {
  const text = `version: 1
access: [{ who: { role: sre }, targets: { any: true } }]
approvals: { two: { stages: [{ who: { users: [ana, bbo] }, count: 2 }] } }
rules: [{ id: a, effect: approve, approval: two, when: { not: { role: leads } } }]
`;

  test('roles that nobody holds and users that do not exist are warnings', () => {
    const users = [
      { name: 'ana', roles: ['sre', 'lead'], keyTypes: [] },
      { name: 'bob', roles: [], keyTypes: [] },
    ];
    const found = lintStoredNames([documentFromText(text)], { users, targets: [] });
    expect(found.map((finding) => `${finding.severity} ${finding.position.line} ${finding.message}`)).toEqual([
      'warning 4 nobody holds the role "leads"; did you mean "lead"?',
      'warning 3 there is no user "bbo"; did you mean "bob"?',
      'warning 3 needs 2 approvers, but 1 can be reached',
      'warning 4 no line held by "a" can ever be released: nobody can give "two"',
    ]);
  });

  /** What is found about `lines` when these people are stored. */
  function found(lines: string, users: StoredNames['users']): readonly string[] {
    const documents = [documentFromText(`version: 1\n${lines}`)];
    return lintStoredNames(documents, { users, targets: [] }).map(({ message }) => message);
  }

  const ana = { name: 'ana', roles: ['sre'], keyTypes: [] };
  const bob = { name: 'bob', roles: ['sre'], keyTypes: ['ssh-ed25519'] };
  const eve = { name: 'eve', roles: ['dev'], keyTypes: [] };
  const APPROVAL = 'approvals: { second: { stages: [{ who: { role: sre } }] } }\n';

  test.each([
    ['totp', 0],
    ['signature', 1],
    ['sk-signature', 2],
    ['{ any_of: [totp, sk-signature] }', 0],
  ])('that nobody has the keys for factor %s is a warning', (factor, warnings) => {
    const stages = [1, 2].map((count) => `{ who: { role: sre }, count: ${count}, factor: ${factor} }`).join(', ');
    const messages = found(`approvals: { signed: { stages: [${stages}] } }\n`, [ana, bob]);
    expect(messages.filter((message) => message.includes('a key for it can be reached'))).toHaveLength(warnings);
  });

  test('everything that is held for an approval that nobody can give', () => {
    const lines = `${APPROVAL}rules: [{ id: restarts, effect: approve, approval: second, match: { command: x } }]
postures: [{ when: { any: true }, default: allow, opaque_approval: second }]
access: [{ who: { any: true }, targets: { any: true }, request: { approval: second } }]
`;
    const hopeless = [
      'nobody holds the role "sre"',
      'needs 1 approver, but 0 can be reached',
      'no line held by "restarts" can ever be released: nobody can give "second"',
      'no line held by it can ever be released: nobody can give "second"',
      'no access that is asked for here can ever be given: nobody can give "second"',
    ];
    expect(found(lines, [eve])).toEqual(hopeless);
    expect(found(lines, [{ ...ana, disabled: true }])).toEqual(hopeless.slice(1));
    expect(found(lines, [ana, bob])).toEqual([]);
  });

  test.each([
    [APPROVAL, [ana, eve], 'only ana holds "sre"; ana\'s own requests can never be approved'],
    [
      APPROVAL.replace('{ role: sre }', '{ user: [ana, eve] }').replace('} }] }', '}, count: 2 }] }'),
      [ana, eve],
      'only ana and eve can approve here; the own requests of each can never be approved',
    ],
    [
      APPROVAL.replace('} }]', '}, factor: signature }]'),
      [ana, bob],
      "only bob can approve here; bob's own requests can never be approved",
    ],
  ])('approvers who are just enough: %#', (lines, users, message) => {
    expect(found(lines, users)).toEqual([message]);
  });

  test('a stage that another one stands in for is not hopeless', () => {
    const lines = `approvals:
  chain:
    mode: sequential
    stages: [{ who: { user: eve }, count: 2, timeout: 1m, on_timeout: escalate }, { who: { role: sre }, only_if: escalated }]
rules: [{ id: a, effect: approve, approval: chain, match: { command: x } }]
`;
    expect(found(lines, [ana, bob, eve])).toEqual(['needs 2 approvers, but 1 can be reached']);
  });
});

describe('labels', () => {
  const targets = [
    { name: 'web1', labels: { env: 'prod' } },
    { name: 'dev1', labels: { env: 'dev', tier: 'db' } },
  ];

  test.each([
    ['a wrong value', 'prdo', 'no target has label.env=prdo; known: prod, dev'],
    ['one value of several that is there', '[test, dev]', null],
    ['a wrong value beside a right one', '[prdo, dev]', 'no target has label.env=prdo; known: prod, dev'],
    ['none of several', '[qa, sandbox]', 'no target has label.env=qa or sandbox; known: prod, dev'],
  ])('%s', (_, value, message) => {
    const text = `version: 1
rules: [{ id: a, effect: deny, when: { all: [{ not: { label.env: ${value} } }] }, except: { when: { label.env: ${value} } } }]
postures: [{ when: { label.env: ${value} }, default: allow }]
access: [{ who: { any: true }, targets: { any: [{ label.env: ${value} }] } }]
`;
    const found = lintStoredNames([documentFromText(text)], { users: [], targets });
    expect(found.map((finding) => finding.message)).toEqual(message === null ? [] : [message]);
    expect(lintStoredNames([documentFromText(text)], { users: [], targets: [] })).toEqual([]);
  });

  test('a label of roaming', () => {
    const text = 'version: 1\nroaming: [{ when: { label.env: prdo }, on_move: freeze }]\n';
    const found = lintStoredNames([documentFromText(text)], { users: [], targets });
    expect(found.map(({ message }) => message)).toEqual(['no target has label.env=prdo; known: prod, dev']);
  });

  test('a name that no target has', () => {
    const text = 'version: 1\nrules: [{ id: a, effect: deny, when: { label.teir: db } }]\n';
    const found = lintStoredNames([documentFromText(text)], { users: [], targets });
    expect(found).toEqual([
      expect.objectContaining({
        position: { line: 2, column: 52 },
        severity: 'warning',
        message: 'no target has the label "teir"; did you mean "tier"?',
      }),
    ]);
  });
});

describe('what is never used', () => {
  const DEFINED = `windows: { office: { days: [mon], from: "08:00", to: "18:00" } }
checks: { freeze: { exec: [x] } }
approvals: { self: { stages: [{ who: requester }] }, second: { stages: [{ who: { role: sre } }] } }
`;

  test('is a warning where it is defined', () => {
    expect(findingsInText(DEFINED)).toEqual([
      'policy.yaml:2:20 warning: the window "office" is not used: no rule asks for it',
      'policy.yaml:3:19 warning: the check "freeze" is not used: no rule asks for it',
      'policy.yaml:4:62 warning: the approval "second" is not used: nothing is held for it',
    ]);
  });

  test.each([
    'rules: [{ id: a, effect: approve, approval: second, when: { all: [{ not: { window: [office] } }, { check.freeze: true }] } }]',
    `rules: [{ id: a, effect: deny, except: { when: { window: office, check.freeze: true } } }]
postures: [{ when: { any: true }, default: allow, opaque_approval: second }]`,
    `rules: [{ id: a, effect: deny, when: { any: [{ window: office }, { check.freeze: false }] } }]
access: [{ who: { any: true }, targets: { any: true }, request: { approval: second } }]`,
  ])('used: %#', (lines) => {
    expect(findingsInText(`${DEFINED}${lines}\n`)).toEqual([]);
  });
});

describe('a rule that can never match', () => {
  const WINDOWS = `windows:
  office: { days: [mon], from: "08:00", to: "18:00" }
  night: { days: [mon], from: "22:00", to: "06:00" }
rules:
  - { id: used, effect: deny, when: { window: [office, night] }, match: { command: x } }
`;

  test.each([
    ['{ window: office, not: { window: office } }', ': window must be office and must not be'],
    [
      '{ all: [{ window: [office, night] }, { not: { window: [night, office] } }] }',
      ': window must be office or night',
    ],
    ['{ role: sre, not: { role: [sre, dev] } }', ': role must be sre and must not be'],
    ['{ context: shell, all: [{ context: [psql, mysql] }] }', ': context must be psql or mysql and shell at once'],
    [
      '{ all: [{ label.env: prod }, { label.env: dev }] }',
      ' where label.env is known: label.env must be prod and dev at once',
    ],
  ])('%s', (when, why) => {
    const found = findingsInText(`${WINDOWS}  - { id: a, effect: deny, when: ${when}, match: { command: y } }\n`);
    expect(found).toEqual([expect.stringContaining(`policy.yaml:7:34 warning: rule "a" can never match${why}`)]);
  });

  test.each([
    '{ window: office, not: { window: night } }',
    '{ window: [office, night], not: { window: night } }',
    '{ all: [{ role: sre }, { role: dev }] }',
    '{ any: [{ label.env: prod }, { label.env: dev }] }',
    '{ all: [{ label.env: [prod, dev] }, { label.env: [dev, test] }] }',
    '{ label.env: prod, not: { label.env: prod, role: sre } }',
  ])('not so: %s', (when) => {
    expect(findingsInText(`${WINDOWS}  - { id: a, effect: deny, when: ${when}, match: { command: y } }\n`)).toEqual([]);
  });
});

describe('urgency, which everybody may say of their own', () => {
  const of = (rule: string): readonly string[] =>
    findingsInText(`${POSTURE}rules:\n  - { id: a, match: { command: x }, ${rule} }\n`).filter((one) =>
      one.includes('urgency'),
    );

  test.each([
    ['asks more of the urgent', 'effect: approve, approval: self, when: { urgency: high }'],
    ['denies the urgent', 'effect: deny, when: { label.env: prod, urgency: high }'],
    ['allows those who say nothing', 'effect: allow, when: { urgency: normal }'],
    ['allows all but the urgent', 'effect: allow, when: { not: { urgency: high } }'],
    ['has an exception for those who say nothing', 'effect: allow, except: { when: { urgency: high } }'],
    ['says the same either way', 'effect: deny, when: { any: [{ urgency: high }, { not: { urgency: high } }] }'],
    ['does not ask', 'effect: deny, when: { label.env: prod }'],
  ])('nothing to say of a rule that %s', (_what, rule) => {
    expect(of(rule)).toEqual([]);
  });

  test.each([
    [
      'holds all but the urgent',
      'effect: approve, approval: self, when: { not: { urgency: high } }',
      'does not hold',
      'high',
    ],
    [
      'holds those who say nothing',
      'effect: approve, approval: self, when: { urgency: normal }',
      'does not hold',
      'low or high',
    ],
    ['has an exception', 'effect: deny, except: { when: { label.env: dev, urgency: high } }', 'does not deny', 'high'],
    [
      'hides it well',
      'effect: deny, when: { any: [{ label.env: dev }, { all: [{ label.env: prod }, { not: { urgency: low } }] }] }',
      'does not deny',
      'low',
    ],
  ])('a warning about one that %s', (_what, rule, less, said) => {
    expect(of(rule)).toEqual([
      expect.stringContaining(`warning: rule "a" ${less} what people say is of urgency ${said},`),
    ]);
  });

  test.each([
    ['allows the urgent', 'effect: allow, when: { role: sre, check.incident: true, urgency: high }'],
    ['approves for them', 'effect: auto-approve, when: { urgency: high }'],
    ['has an exception', 'effect: allow, except: { when: { not: { urgency: high } } }'],
  ])('an error in one that %s', (_what, rule) => {
    expect(of(`${rule}`)).toEqual([
      expect.stringMatching(
        /^policy\.yaml:4:\d+ rule "a" lets pass what people say is of urgency .*high, and everybody may say so/,
      ),
    ]);
  });

  test.each(['deny', 'approve'])(
    'a warning about an own approval for the urgent where the default is %s',
    (posture) => {
      const text = `${POSTURE.replace('allow', posture)}rules:\n  - { id: a, match: { command: x }, effect: approve, approval: self, when: { urgency: high } }\n`;
      expect(findingsInText(text)).toContainEqual(
        expect.stringContaining('warning: rule "a" asks for its own approval, not'),
      );
    },
  );

  test('many facts are not tried out: every mention counts', () => {
    const labels = Array.from({ length: 12 }, (_, index) => `label.l${index}: x`).join(', ');
    expect(of(`effect: deny, when: { ${labels}, urgency: high }`)).toHaveLength(1);
  });
});
