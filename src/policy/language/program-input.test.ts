import { describe, expect, test } from 'vitest';
import { analyseProgramInput } from './program-input.ts';

const commands = (text: string): string[] =>
  analyseProgramInput(text, 'bash').commands.map(({ argv }) => argv.join(' '));
const reasons = (text: string): string[] => analyseProgramInput(text, 'bash').opaque.map(({ reason }) => reason);

describe('a line for an unknown program', () => {
  test.each([
    ['rm -rf /srv/a', 'rm -rf /srv/a'],
    ['import os; os.system("rm -rf /srv/a")', 'rm -rf /srv/a'],
    ["subprocess.run(['rm', '-rf', '/srv/a'])", 'rm -rf /srv/a'],
    ["require('child_process').execSync('rm -rf /srv/a')", 'rm -rf /srv/a'],
    ['puts `rm -rf /srv/a`', 'rm -rf /srv/a'],
  ])('%s holds a command', (text, command) => {
    expect(commands(text)).toContain(command);
  });

  test.each([
    'y',
    'import os',
    'x = [1, 2, 3]',
    'def f(a):',
    "print('hello')",
    '$x = 5;',
    'const a = { b: 1 }',
    ':wq',
    "it's",
    ')(',
  ])('%s raises no doubt', (text) => {
    const { opaque, unparsable, incomplete } = analyseProgramInput(text, 'bash');
    expect({ opaque, unparsable, incomplete }).toEqual({ opaque: [], unparsable: null, incomplete: null });
  });

  test.each(['os.system(cmd)', 'eval(input())', 'subprocess.run(args)', 'child_process.exec(x)', 'exec(code)'])(
    '%s runs what it does not show',
    (text) => {
      expect(reasons(text)).toEqual(['code']);
    },
  );
});
