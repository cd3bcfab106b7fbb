/** Policy files from disk to decisions: reader, compiler and engine together. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadPolicy } from '../../../src/app/policy-files.ts';
import { formatFinding } from '../../../src/config/format-finding.ts';
import { initialConfigText, initialPolicyText } from '../../../src/config/initial-config.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { readPolicyDirectory, readSourceFile } from '../../../src/config/source-file.ts';
import { compilePolicy } from '../../../src/policy/compile-policy.ts';
import { prepareSql } from '../../../src/policy/language/postgres-parser.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import { runPolicyTests } from '../../../src/policy/test-policy.ts';

const PRESET = new URL('../../../config/presets/strict.yaml', import.meta.url);
const FIXTURE = new URL('../../fixtures/policy/complete.yaml', import.meta.url);
const made: string[] = [];

beforeAll(prepareSql);

afterEach(async () => {
  await Promise.all(made.splice(0).map((directory) => rm(directory, { recursive: true })));
});

async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'heldline-policy-'));
  made.push(directory);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true });
    await writeFile(join(directory, name), text, { mode: 0o600 });
  }
  return directory;
}

async function policyFrom(files: Readonly<Record<string, string>>): Promise<Policy> {
  const read = await readPolicyDirectory(await directoryWith(files));
  expect(read.findings.map(formatFinding)).toEqual([]);
  const outcome = compilePolicy(read.documents);
  expect(outcome.findings.filter((finding) => finding.severity === 'error').map(formatFinding)).toEqual([]);
  if (outcome.policy === null) throw new TypeError('no policy');
  return outcome.policy;
}

function failuresOf(policy: Policy): readonly string[] {
  const now = Date.parse('2026-11-20T10:00+01:00');
  return runPolicyTests(policy, now).flatMap((result) =>
    result.failures.map((failure) => `${result.text}: ${failure}`),
  );
}

describe('policy files', () => {
  test('the complete example loads and its own tests pass', async () => {
    const policy = await policyFrom({ '10.yaml': await readFile(FIXTURE, 'utf8') });
    expect(policy.compiled.tests).toHaveLength(2);
    expect(failuresOf(policy)).toEqual([]);
  });

  test.each([
    ['10-defaults.yaml', initialPolicyText, 'no-tampering'],
    ['strict', () => readFile(PRESET, 'utf8'), 'tampering'],
  ])('no break-glass opens what guards the evidence in %s', async (_name, text, rule) => {
    const withGlass = `${(await text()).replace(/^tests:[\s\S]*/m, '')}\nbreak_glass: { roles: [admin] }\n`;
    const policy = await policyFrom({ 'policy.yaml': withGlass });
    const context = { context: 'shell', at: 0, target: { name: 't', labels: {} }, breakGlass: true } as const;
    for (const line of ['rm /var/log/auth.log', 'auditctl -D', 'history -c', 'pkill heldline', 'reboot; history -c'])
      expect([line, policy.decide(line, context)]).toMatchObject([line, { effect: 'deny', rule }]);
    expect(policy.decide('reboot', context)).toMatchObject({ effect: 'approve', breakGlass: { lifts: [] } });
  });

  test('what init writes loads without a warning and its own tests pass', async () => {
    const directory = await directoryWith({
      'heldline.yaml': initialConfigText({ hostName: 'bastion.example.com', port: 2222, state: 'state', run: 'run' }),
      'policy.d/10-defaults.yaml': initialPolicyText(),
    });
    const loaded = await loadConfig(join(directory, 'heldline.yaml'), { state: '/nowhere', run: '/nowhere' });
    expect(loaded.findings).toEqual([]);
    expect(loaded.config?.paths).toEqual({
      state: join(directory, 'state'),
      run: join(directory, 'run'),
      policy: join(directory, 'policy.d'),
    });
    const read = await readPolicyDirectory(loaded.config?.paths.policy ?? '');
    const outcome = compilePolicy(read.documents);
    expect([...read.findings, ...outcome.findings].map(formatFinding)).toEqual([]);
    expect(outcome.policy === null ? ['no policy'] : failuresOf(outcome.policy)).toEqual([]);
  });

  test('files are read in the order of their names, as one policy', async () => {
    const policy = await policyFrom({
      '20-b.yaml': 'version: 1\npostures: [{ when: { any: true }, default: deny }]\n',
      '10-a.yaml': 'version: 1\npostures: [{ when: { label.env: dev }, default: allow }]\n',
      '.hidden.yaml': 'nonsense: true\n',
    });
    expect(policy.postureFor({ env: 'dev' }).default.effect).toBe('allow');
    expect(policy.postureFor({}).default.effect).toBe('deny');
  });

  test('layering: only the first file may relax', async () => {
    const read = await readPolicyDirectory(
      await directoryWith({
        '10-ground.yaml':
          'version: 1\nsettings: { layering: additive }\nrules: [{ id: ok, effect: allow, match: { command: ls } }]\n',
        '20-team.yaml':
          'version: 1\ncatalogue: { disable: [shell.nested] }\nrules:\n  - { id: no, effect: deny, match: { command: rm } }\n  - { id: lax, effect: allow, match: { command: rm } }\n',
      }),
    );
    const errors = compilePolicy(read.documents).findings.filter((finding) => finding.severity === 'error');
    expect(errors.map(formatFinding)).toEqual([
      expect.stringMatching(/20-team.yaml:5:\d+ rule "lax" relaxes \(allow\); with layering: additive/),
      expect.stringMatching(/20-team.yaml:2:\d+ switching entries off relaxes; with layering: additive/),
    ]);
  });

  test('names of people who do not exist are warnings, once there are people', async () => {
    const directory = await directoryWith({
      '10.yaml': 'version: 1\naccess: [{ who: { role: sr }, targets: { any: true } }]\n',
    });
    const found = await loadPolicy(directory, { users: [{ name: 'ana', roles: ['sre'], keyTypes: [] }], targets: [] });
    expect(found.policy).not.toBeNull();
    expect(found.findings.map((finding) => `${finding.severity}: ${finding.message}`)).toEqual([
      'warning: nobody holds the role "sr"; did you mean "sre"?',
    ]);
    expect((await loadPolicy(directory, { users: [], targets: [] })).findings).toEqual([]);
  });

  test('a file that others can write is refused', async () => {
    const directory = await directoryWith({ '10.yaml': 'version: 1\n' });
    await chmod(join(directory, '10.yaml'), 0o660);
    const read = await readPolicyDirectory(directory);
    expect(read.documents).toEqual([]);
    expect(read.findings.map((finding) => finding.message)).toEqual([
      expect.stringContaining('is writable by its group or by everybody (mode 0660)'),
    ]);
  });

  test('bytes that are not UTF-8 are refused', async () => {
    const directory = await directoryWith({});
    await writeFile(join(directory, 'x.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]), { mode: 0o600 });
    const read = await readSourceFile(join(directory, 'x.yaml'));
    expect(read.findings.map((finding) => finding.message)).toEqual(['is not valid UTF-8 text']);
  });

  test('an empty directory and a missing one are findings', async () => {
    const directory = await directoryWith({});
    expect((await readPolicyDirectory(directory)).findings).toHaveLength(1);
    expect((await readPolicyDirectory(join(directory, 'missing'))).findings).toHaveLength(1);
  });

  test('a file in place of the directory is told from it', async () => {
    const directory = await directoryWith({ '10.yaml': 'version: 1\n' });
    const { documents, findings } = await readPolicyDirectory(join(directory, '10.yaml'));
    expect(documents).toEqual([]);
    expect(findings.map((finding) => finding.message)).toEqual([
      `is a file; all files of a directory are one policy, so give the directory: ${directory}`,
    ]);
  });

  describe('the samples in config/', () => {
    const sample = async (name: string): Promise<string> =>
      readFile(new URL(`../../../config/${name}`, import.meta.url), 'utf8');

    test('heldline.yaml and 10-defaults.yaml are what init writes', async () => {
      const written = initialConfigText({
        hostName: 'bastion.example.com',
        port: 2222,
        state: '/var/lib/heldline',
        run: '/run/heldline',
      });
      expect(await sample('heldline.yaml')).toBe(written);
      expect(await sample('policy.d/10-defaults.yaml')).toBe(initialPolicyText());
    });

    test('policy.d loads as one policy and its tests pass', async () => {
      const policy = await policyFrom({
        // Its own tests name no user and no checks, which the rules of the second file ask for.
        '10-defaults.yaml': (await sample('policy.d/10-defaults.yaml')).replace(/^tests:[\s\S]*/m, ''),
        '20-production.yaml': await sample('policy.d/20-production.yaml'),
      });
      expect(policy.compiled.tests.length).toBeGreaterThan(4);
      expect(failuresOf(policy)).toEqual([]);
    });

    test.each([
      ['relaxed', { 'rm -rf x': 'allow', reboot: 'approve', $CMD: 'allow', 'ls )': 'approve' }],
      ['standard', { 'rm -rf x': 'approve', 'apt install x': 'allow', $CMD: 'approve', ls: 'allow' }],
      ['strict', { 'apt install x': 'approve', 'history -c': 'deny', $CMD: 'approve', ls: 'allow' }],
    ])('preset %s', async (name, expected) => {
      const policy = await policyFrom({ 'preset.yaml': await sample(`presets/${name}.yaml`) });
      const target = { name: 'web1', labels: { env: 'prod' } };
      const decided = Object.keys(expected).map((line) => [
        line,
        policy.decide(line, { context: 'shell', at: 0, target }).effect,
      ]);
      expect(Object.fromEntries(decided)).toEqual(expected);
    });
  });
});
