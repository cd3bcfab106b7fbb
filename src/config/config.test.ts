import { describe, expect, test } from 'vitest';
import { configJsonSchema } from './config-schema.ts';
import { formatFinding } from './format-finding.ts';
import { initialConfigText } from './initial-config.ts';
import { type ConfigOutcome, configFrom } from './load-config.ts';
import { showConfig } from './show-config.ts';
import { parseYamlDocument } from './yaml-document.ts';

const DEFAULTS = { state: '/var/lib/heldline', run: '/run/heldline' };

function read(text: string): ConfigOutcome {
  const { document, findings } = parseYamlDocument('/etc/heldline/heldline.yaml', text);
  return document === null ? { config: null, findings } : configFrom(document, DEFAULTS);
}

describe('heldline.yaml', () => {
  test('an empty file means the defaults', () => {
    expect(read('').config).toEqual({
      file: '/etc/heldline/heldline.yaml',
      ssh: { listen: ['0.0.0.0'], port: 2222, hostName: 'localhost', suffix: '.gate', banner: null },
      signIn: { secondFactor: { kind: 'nobody' }, graceTime: 120_000 },
      paths: { state: '/var/lib/heldline', run: '/run/heldline', policy: '/etc/heldline/policy.d' },
      recording: {
        onFailure: 'freeze',
        freeze: 600_000,
        minFree: 268_435_456,
        maxPerUserHour: 2_147_483_648,
      },
      approval: { longestAccess: 28_800_000 },
      limits: {
        connectionsPerAddress: 64,
        preAuth: 100,
        channelsPerConnection: 32,
        sessionsPerUser: 64,
        holdsPerUser: 16,
      },
      mosh: { enabled: true, listen: ['0.0.0.0'], port: 2222, detached: 3_600_000, clipboard: false },
      notify: { giveUp: 3_600_000, receivers: [] },
      web: null,
      metrics: null,
      log: { level: 'info' },
      drain: 1_800_000,
    });
  });

  test('mosh listens where ssh does unless it is told otherwise', () => {
    expect(read('ssh: { listen: 127.0.0.1, port: 22 }\n').config?.mosh).toMatchObject({
      listen: ['127.0.0.1'],
      port: 22,
    });
    expect(read('mosh: { listen: ["::1", 10.0.0.1], port: 60001 }\n').config?.mosh).toMatchObject({
      listen: ['::1', '10.0.0.1'],
      port: 60_001,
    });
  });

  test('relative paths are relative to the file', () => {
    expect(read('paths: { state: state, run: ../run, policy: /p }\n').config?.paths).toEqual({
      state: '/etc/heldline/state',
      run: '/etc/run',
      policy: '/p',
    });
  });

  test.each([
    ['unknown key', 'shh: {}\n', '1:1 unknown key "shh"; did you mean "ssh"?'],
    [
      'unknown nested key',
      'mosh:\n  listen: 127.0.0.1\n  prot: 1\n',
      '3:3 mosh: unknown key "prot"; did you mean "port"?',
    ],
    ['not a port', 'ssh: { port: 70000 }\n', '1:14 ssh.port: '],
    ['not an address', 'ssh: { listen: localhost }\n', '1:16 ssh.listen: expected an IP address'],
    ['not a duration', 'drain: 5\n', '1:8 drain: expected string, found 5'],
    ['not a duration either', 'drain: "5 minutes"\n', '1:8 drain: expected a duration such as 90s'],
    ['not a size', 'recording: { min_free: 1GB }\n', '1:24 recording.min_free: expected a size such as'],
    [
      'wrong word',
      'recording: { on_failure: freez }\n',
      '1:26 recording.on_failure: found "freez"; allowed: freeze, end; did you mean "freeze"?',
    ],
    [
      'second factor',
      'sign_in: { second_factor: [admin] }\n',
      '1:27 sign_in.second_factor: expected nobody, everybody or { roles: [...] }',
    ],
    ['a list', '[]\n', '1:1 expected object, found []'],
  ])('%s', (_, text, message) => {
    const outcome = read(text);
    expect(outcome.config).toBeNull();
    expect(outcome.findings.map(formatFinding)).toEqual([
      expect.stringContaining(`/etc/heldline/heldline.yaml:${message}`),
    ]);
  });

  test('what has no effect is a warning', () => {
    expect(read('mosh: { enabled: false, port: 1 }\n').findings.map(formatFinding)).toEqual([
      '/etc/heldline/heldline.yaml:1:25 warning: mosh.port has no effect while mosh.enabled is false',
    ]);
  });

  test('what init writes spells out the defaults', () => {
    const text = initialConfigText({ hostName: 'b.example.com', port: 2022, state: 'state', run: 'run' });
    const written = read(text).config;
    const bare = read('ssh: { host_name: b.example.com, port: 2022 }\npaths: { state: state, run: run }\n').config;
    expect(written).toEqual(bare);
  });

  test('the schema for editors names every key', () => {
    const schema = JSON.stringify(configJsonSchema());
    for (const key of ['ssh', 'second_factor', 'max_per_user_hour', 'detached']) expect(schema).toContain(`"${key}"`);
  });

  test('the effective configuration can be shown', () => {
    const { config } = read('ssh: { banner: hello }\n');
    expect(config === null ? '' : showConfig(config)).toContain('banner: hello');
  });
});
