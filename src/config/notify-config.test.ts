import { describe, expect, test } from 'vitest';
import { formatFinding } from './format-finding.ts';
import { type ConfigOutcome, configFrom } from './load-config.ts';
import { parseYamlDocument } from './yaml-document.ts';

function read(text: string): ConfigOutcome {
  const { document, findings } = parseYamlDocument('/etc/heldline/heldline.yaml', text);
  const defaults = { state: '/s', run: '/r' };
  return document === null ? { config: null, findings } : configFrom(document, defaults);
}

/** One receiver, called ops, in flow style: columns start after what stands here. */
const ops = (text: string): string => `notify: { receivers: { ops: { ${text} } } }\n`;

describe('notify', () => {
  test('a receiver of every form', () => {
    const { config } = read(`notify:
  command: first-word
  give_up: 2h
  receivers:
    hook: { form: json, url: "https://hook.example/in?x=1", secret_file: secrets/hook }
    ops: { form: slack, url_file: /run/secrets/slack, asks: [sre], labels: { env: prod, team: [a, b] } }
    lan: { form: mattermost, url_file: m, secret_file: s, targets: ["db*"], severity: high, command: none }
    office: { form: teams, url_file: t, events: [decided], own: true }
    gamers: { form: discord, url_file: d }
    phone: { form: ntfy, url: "http://127.0.0.1:8080/topic", token_file: n }
    post: { form: mail, from: heldline@example.com, to: [ops@example.com, "a+b@example.com"] }
`);
    expect(config?.notify.giveUp).toBe(7_200_000);
    expect(config?.notify.receivers).toMatchObject([
      {
        name: 'hook',
        events: ['asked', 'decided'],
        asks: null,
        severity: null,
        own: false,
        command: 'first-word',
        targets: { kind: 'all', of: [] },
        way: {
          kind: 'http',
          form: 'json',
          url: { kind: 'given', url: 'https://hook.example/in?x=1' },
          secretFile: '/etc/heldline/secrets/hook',
          tokenFile: null,
        },
      },
      {
        asks: ['sre'],
        targets: {
          of: [
            { kind: 'label', key: 'env', values: ['prod'] },
            { kind: 'label', key: 'team', values: ['a', 'b'] },
          ],
        },
        way: { form: 'slack', url: { kind: 'file', path: '/run/secrets/slack' }, secretFile: null },
      },
      { targets: { of: [{ kind: 'targets', names: ['db*'] }] }, severity: 'high', command: 'none' },
      { events: ['decided'], own: true },
      { way: { form: 'discord' } },
      { way: { form: 'ntfy', tokenFile: '/etc/heldline/n' } },
      { way: { kind: 'mail', program: '/usr/sbin/sendmail', to: ['ops@example.com', 'a+b@example.com'] } },
    ]);
  });

  test.each([
    ['unknown form', ops('form: irc'), '1:37 notify.receivers.ops.form: allowed: json, slack'],
    ['unknown key', ops('form: slack, url_file: u, colour: red'), 'unknown key "colour"'],
    ['a key of another form', ops('form: slack, url_file: u, to: a@b.c'), 'unknown key "to"'],
    ['the URL of a chat', ops('form: slack, url: "https://h.example/x"'), '"url_file" is missing'],
    ['an unsigned webhook', ops('form: json, url: "https://h.example/x"'), '"secret_file" is missing'],
    ['no URL', ops('form: json, secret_file: s'), 'needs either url or url_file'],
    ['two URLs', ops('form: ntfy, url: "https://h.example/x", url_file: u'), 'needs either url or url_file'],
    ['a secret in the file', ops('form: json, url_file: u, secret: whsec_x'), 'unknown key "secret"'],
    ['a password in the URL', ops('form: ntfy, url: "https://a:b@h.example/x"'), 'must not hold a name or a password'],
    ['in the clear', ops('form: ntfy, url: "http://10.0.0.1/x"'), 'use https'],
    ['no URL at all', ops('form: ntfy, url: "file:///etc/passwd"'), 'expected a URL such as https'],
    ['an option as an address', ops('form: mail, from: a@b.c, to: "-oQ/tmp@x"'), 'expected an address'],
    ['two addresses in one', ops('form: mail, from: a@b.c, to: "a@b.c, d@e.f"'), 'expected an address'],
    ['a relative program', ops('form: mail, from: a@b.c, to: a@b.c, sendmail: sendmail'), 'the absolute path'],
    ['unknown event', ops('form: slack, url_file: u, events: [asks]'), 'did you mean "asked"?'],
    ['bad name', 'notify: { receivers: { Ops: { form: slack, url_file: u } } }\n', 'notify.receivers.Ops'],
    ['not a duration', 'notify: { give_up: 1 }\n', '1:20 notify.give_up: expected string'],
  ])('%s is refused', (_what, text, message) => {
    const { config, findings } = read(text);
    expect(config).toBeNull();
    expect(findings.map(formatFinding).join('\n')).toMatch(/^\/etc\/heldline\/heldline\.yaml:1:\d+ /);
    expect(findings.map(formatFinding).join('\n')).toContain(message);
  });
});
