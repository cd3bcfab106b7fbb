/** The policy tools as an administrator has them: a directory that `heldline init` wrote, and no daemon. */
import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heldline } from '../support/bastion.ts';
import { type ProgramResult, runOrFail, runProgram } from '../support/run-program.ts';
import { makeSshKey } from '../support/ssh-keys.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

let folder: TempDir;

beforeAll(async () => {
  folder = await tempDir({ name: 'policy' });
  const key = await makeSshKey(folder.path, 'alice-key');
  const place = ['--dir', folder.at('bastion'), '--host-name', '127.0.0.1', '--port', '2222'];
  const who = ['--admin', 'alice', '--admin-key-file', `${key.file}.pub`];
  await runOrFail(process.execPath, [heldline, 'init', ...place, ...who, '--no-input']);
});
afterAll(() => folder[Symbol.asyncDispose]());

function policy(words: readonly string[], input = ''): Promise<ProgramResult> {
  const config = folder.at('bastion', 'heldline.yaml');
  return runProgram(process.execPath, [heldline, '-c', config, 'policy', ...words], { input });
}

describe('explain', () => {
  test('says who, where and when it was asked about', async () => {
    const words = ['--user', 'alice', '--label', 'env=prod', '--at', '2026-11-20T20:00+01:00'];
    const { code, text } = await policy(['explain', ...words, '--', 'rm -rf /srv/app']);
    expect(code).toBe(0);
    expect(text).toContain(
      '\nfor: a target (env=prod), user alice (admin, sre, auditor)\nat: Fri 2026-11-20 19:00 UTC\n',
    );
  });

  test('a name that is not stored is not found, and described it needs no store', async () => {
    const unknown = await policy(['explain', '--target', 'web1', '--', 'ls']);
    expect(unknown).toMatchObject({ code: 3, text: '' });
    expect(unknown.errorText).toMatch(/^heldline: there is no target "web1"; none is stored\n/);
    const nobody = await policy(['explain', '--user', 'bob', '--', 'ls']);
    expect(nobody).toMatchObject({ code: 3, errorText: expect.stringContaining('no user "bob"; known: alice') });
    const described = await policy([
      'explain',
      '--user',
      'bob',
      '--role',
      'dev',
      '--target',
      'web1',
      '--label',
      'env=prod',
      '--',
      'ls',
    ]);
    expect(described.code).toBe(0);
    expect(described.text).toContain('for: target web1 (env=prod), user bob (dev)');
    expect(described.text).toContain('access: bob has no access to web1: no rule under access: gives it');
  });

  test('a time without an offset is refused when the policy names no zone', async () => {
    const { code, errorText } = await policy(['explain', '--at', '2026-11-20T10:00', '--', 'ls']);
    expect(code).toBe(2);
    expect(errorText).toContain('--at: "2026-11-20T10:00" has no offset; write 2026-11-20T10:00+01:00 or');
  });

  test('a question about somebody unknown gets an error in its place', async () => {
    const questions = [{ line: 'ls' }, { line: 'ls', user: 'bob' }, { line: 'rm -rf /', user: 'alice' }];
    const input = questions.map((one) => `${JSON.stringify(one)}\n`).join('');
    const { text } = await policy(['explain', '--json', '--stdin'], input);
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      { v: 1, effect: 'allow', time_zone: 'UTC' },
      { v: 1, error: expect.stringContaining('there is no user "bob"') },
      { v: 1, effect: 'deny' },
    ]);
  });
});

describe('check', () => {
  test('warns of approvals that cannot be given, and fails for it with --strict', async () => {
    const expected = 'only alice holds "admin"; alice\'s own requests can never be approved';
    const lax = await policy(['check']);
    expect(lax).toMatchObject({ code: 0, errorText: expect.stringContaining(expected) });
    const strict = await policy(['check', '--strict']);
    expect(strict).toMatchObject({ code: 7, errorText: expect.stringContaining('--strict takes no warning') });
  });
});

describe('test', () => {
  beforeAll(async () => {
    const tests = Array.from(
      { length: 2000 },
      () => '  - { line: ls, at: 2026-11-20T20:00, expect: { rule: never } }\n',
    );
    const rules = 'rules: [{ id: never, effect: deny, match: { command: never } }]\n';
    await mkdir(folder.at('failing'));
    const text = `version: 1\nsettings: { time_zone: Europe/Berlin }\n${rules}tests:\n${tests.join('')}`;
    await writeFile(folder.at('failing', '10.yaml'), text, { mode: 0o600 });
  });

  test('a failure says for whom and when, and what came instead', async () => {
    const { code, text } = await policy(['test', folder.at('failing')]);
    expect(code).toBe(7);
    expect(text.split('\n')[0]).toBe(
      `${folder.at('failing', '10.yaml')}:5 ls [a target (no labels), nobody in particular, ` +
        'Fri 2026-11-20 20:00 Europe/Berlin]: expected rule never, got no rule',
    );
  });

  test('a reader that has seen enough makes no success of it', async () => {
    const pipeline = 'set -o pipefail; "$0" "$1" policy test "$2" | head -1';
    const words = ['-c', pipeline, process.execPath, heldline, folder.at('failing')];
    const { code, text } = await runProgram('bash', words);
    expect(text.split('\n')).toHaveLength(2);
    expect(code).toBe(7);
  });
});

describe('catalogue', () => {
  test('lists every id, and tells all about one', async () => {
    const all = await policy(['catalogue']);
    expect(all).toMatchObject({ code: 0, errorText: '' });
    expect(all.text).toMatch(/^ID +SEVERITY +WHY\n/);
    expect(all.text).toMatch(/^svc\.restart +medium +A restart interrupts users/m);
    const one = await policy(['catalogue', 'svc.restart']);
    expect(one.text).toContain('svc.restart, medium\nwhy: A restart');
    expect(one.text).toContain('matches:\n  systemctl restart nginx\n');
    expect(one.text).toContain('in a rule: match: { catalogue: svc.restart }');
  });

  test('as JSON, one object a line', async () => {
    const { text } = await policy(['catalogue', '--json', 'fs.rm-root']);
    expect(JSON.parse(text)).toMatchObject({ v: 1, id: 'fs.rm-root', severity: 'critical' });
  });

  test('an id that is not there is not found', async () => {
    expect(await policy(['catalogue', 'svc.restrat'])).toMatchObject({
      code: 3,
      errorText: expect.stringContaining('there is no catalogue entry "svc.restrat"; did you mean "svc.restart"?'),
    });
  });

  test('needs no configuration', async () => {
    const words = [heldline, '-c', folder.at('none.yaml'), 'policy', 'catalogue', 'svc.restart'];
    const { code, text, errorText } = await runProgram(process.execPath, words);
    expect(code).toBe(0);
    expect(text).toContain('svc.restart, medium');
    expect(errorText).toContain('heldline: only what is shipped, because there is no configuration at');
  });
});
