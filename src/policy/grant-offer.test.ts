/** What an approval may be remembered for: a table of lines and rules; doubt of any kind means not at all. */
import { describe, expect, test } from 'vitest';
import { documentFromText } from '../../test/support/policy-text.ts';
import type { CommandContext } from '../model/command-line.ts';
import type { Decision } from '../model/decision.ts';
import { termsInWords } from '../model/grant-terms.ts';
import { compilePolicy } from './compile-policy.ts';
import { plainWords, standsFor } from './plain-words.ts';

const POLICY = `version: 1
postures: [{ when: { label.env: vault }, default: approve }, { when: { any: true }, default: allow, on_opaque: approve }]
rules:
  - { id: restarts, effect: approve, approval: self, match: { command: systemctl, subcommand: [restart], operands: ["nginx*", "php*-fpm"] }, grant: { scope: pattern, minutes: 15, max_uses: 5 } }
  - { id: removes, effect: approve, approval: self, match: { command: rm }, grant: { scope: command, minutes: 30, max_uses: 3 } }
  - { id: makes, effect: approve, approval: self, match: { command: mkdir }, grant: { scope: session, minutes: 60, max_uses: 20 } }
  - { id: cleans, effect: approve, approval: self, match: { command: rm, path: ["/srv/cache/*"] }, grant: { scope: pattern, minutes: 10, max_uses: 9 } }
  - { id: copies, effect: approve, approval: self, match: { command: cp }, grant: none }
  - { id: moves, effect: approve, approval: self, match: { command: mv } }
  - { id: secrets, effect: deny, match: { command: rm, path: [/etc/shadow] } }
  - { id: as-root, effect: approve, approval: self, match: { command: sudo }, grant: { scope: command, minutes: 5, max_uses: 1 } }
`;

const { policy, findings } = compilePolicy([documentFromText(POLICY)]);

function decide(line: string, context: CommandContext = 'shell', env = 'dev'): Decision {
  if (policy === null) throw new TypeError(JSON.stringify(findings));
  return policy.decide(line, { context, target: { name: 'web1', labels: { env } }, at: 0 });
}

function offer(line: string, context?: CommandContext, env?: string): string | null {
  const { grant } = decide(line, context, env);
  return grant === undefined ? null : termsInWords(grant, line);
}

describe('is offered', () => {
  test.each([
    ['rm -r old', 'exactly "rm -r old" for 30 min, at most 3 times'],
    // Of two rules the narrower scope, the shorter time, the fewer uses.
    ['rm -r /srv/cache/x', 'exactly "rm -r /srv/cache/x" for 10 min, at most 3 times'],
    ['sudo rm -r old', 'exactly "sudo rm -r old" for 5 min, once'],
    ['ls; rm -r old', 'exactly "ls; rm -r old" for 30 min, at most 3 times'],
    ['systemctl restart nginx', '"systemctl restart nginx*" for 15 min, at most 5 times'],
    ['systemctl  restart\tnginx.service', '"systemctl restart nginx*" for 15 min, at most 5 times'],
    ['systemctl restart php8.2-fpm', '"systemctl restart php*-fpm" for 15 min, at most 5 times'],
    ['systemctl --no-block restart nginx', '"systemctl --no-block restart nginx*" for 15 min, at most 5 times'],
    ['mkdir a', 'whatever the rules makes hold in this session for 60 min, at most 20 times'],
    // The narrowest of both, and still only in the session that one of them says.
    ['mkdir a && rm -r b', 'exactly "mkdir a && rm -r b" in this session for 30 min, at most 3 times'],
  ])('%s', (line, words) => {
    expect(offer(line)).toBe(words);
    expect(offer(line, 'exec')).toBe(words);
  });

  test('what one pass takes is the number of held commands', () => {
    expect(decide('mkdir a; mkdir b; ls').grant).toMatchObject({ cost: 2, rules: ['makes'] });
    expect(decide('mkdir a && rm -r b').grant).toMatchObject({ cost: 2, rules: ['makes', 'removes'] });
  });
});

describe('is not offered', () => {
  test.each([
    ['what is allowed', 'ls'],
    ['what is denied', 'rm /etc/shadow'],
    ['a rule that says none', 'cp a b'],
    ['a rule that says nothing', 'mv a b'],
    ['a line of which one rule says none', 'rm -r a; cp a b'],
    ['a variable', 'rm -r $OLD'],
    ['a substitution', 'rm -r "$(cat list)"'],
    ['a wildcard', 'rm -r *'],
    ['operands that are not shown', 'cat list | xargs rm -r'],
    ['something opaque beside it', 'rm -r old; eval "$X"'],
    ['a line that cannot be parsed', 'rm -r old )'],
    ['a line that is not complete', 'rm -r "old'],
    ['a pattern of more than plain words: an operator', 'systemctl restart nginx; ls'],
    ['a pattern of more than plain words: a loop', 'for i in 1 2 3; do systemctl restart nginx; done'],
    ['a pattern of more than plain words: a quote', 'systemctl restart "nginx"'],
    ['a pattern of more than plain words: a redirection', 'systemctl restart nginx > log'],
    ['a pattern of more than plain words: in the background', 'systemctl restart nginx &'],
    ['a pattern of more than plain words: an assignment', 'X=1 systemctl restart nginx'],
    ['a pattern of more than plain words: a second line', 'systemctl restart nginx\nls'],
  ])('%s', (_, line) => {
    expect(offer(line)).toBeNull();
  });

  test('what only the posture holds', () => {
    expect(offer('ls', 'shell', 'vault')).toBeNull();
    expect(offer('rm -r old; ls', 'shell', 'vault')).toBeNull();
  });

  test('a line that could not be read with certainty', () => {
    const asked = { context: 'shell', at: 0, unreadable: 'late output', target: { name: 'web1', labels: {} } } as const;
    expect(policy?.decide('rm -r old', asked)).toMatchObject({
      effect: 'approve',
      ids: ['fs.rm-recursive', 'meta.opaque'],
    });
    expect(policy?.decide('rm -r old', asked).grant).toBeUndefined();
  });
});

describe('a pattern', () => {
  const same = (a: string, b: string): boolean => JSON.stringify(decide(a).grant) === JSON.stringify(decide(b).grant);

  test.each([
    ['another operand of the same glob', 'systemctl restart nginx-ingress', true],
    ['another glob of the same rule', 'systemctl restart php8-fpm', false],
    ['another option', 'systemctl --now restart nginx', false],
    ['another machine', 'systemctl -H db1 restart nginx', false],
    ['one operand more', 'systemctl restart nginx sshd', false],
    ['two operands of the glob', 'systemctl restart nginx nginx2', false],
    ['another sub-command', 'systemctl stop nginx', false],
    ['as another account', 'sudo -u app systemctl restart nginx', false],
    ['another path to the program', '/tmp/systemctl restart nginx', false],
  ])('of `systemctl restart nginx`: %s', (_, line, covered) => {
    expect(same('systemctl restart nginx', line)).toBe(covered);
  });

  test('leaves the value of an option as it is', () => {
    const grant = decide('systemctl -p nginx restart nginx').grant;
    expect(grant?.words?.map((word) => word.text).join(' ')).toBe('systemctl -p nginx restart nginx*');
  });
});

describe('a word stands for a glob', () => {
  test.each([
    ['nginx*', 'nginx', true],
    ['nginx*', 'nginx-x', true],
    ['nginx*', 'apache', false],
    ['*', '--root=/', false],
    ['/srv/app/*', '/srv/app/x', true],
    ['/srv/app/*', '/srv/app/../../etc', false],
    ['/srv/app/*', '/srv/app/..', false],
    ['/srv/app/*', '/srv/app//x', false],
    ['/srv/app/*', '/srv/app/./x', false],
    ['/srv/app/*', '/srv/app/x/y', false],
    ['/srv/app/**', '/srv/app/x/y', true],
    ['**', '~root', false],
    ['*', 'a b', false],
    ['*', 'a;b', false],
  ])('%s and %s: %j', (glob, word, fits) => {
    expect(standsFor(glob, word)).toBe(fits);
  });
});

test.each<[string, readonly string[] | null]>([
  ['rm -r old', ['rm', '-r', 'old']],
  ['  rm   -r\told ', ['rm', '-r', 'old']],
  ['', null],
  ...[...'\'"\\$`*?[]{}()<>|&;!#~^=\n\r\u00a0\u202eé'].map((odd): [string, null] => [`rm a${odd}b`, null]),
])('the plain words of %j are %j', (text, words) => {
  expect(plainWords(text)).toEqual(words);
});
