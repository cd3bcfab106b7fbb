// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell syntax, not templates
import { describe, expect, test } from 'vitest';
import type { Analysis, Dialect, OpaqueReason } from '../analysis.ts';
import { analyse } from './analyse.ts';

const shell = (text: string, dialect: Dialect = 'bash'): Analysis => analyse(text, { context: 'shell', dialect });
const found = (analysis: Analysis): readonly string[] =>
  analysis.commands
    .filter((command) => !command.transparent && command.name !== '')
    .map((command) => command.argv.join(' '));

describe('limits (R1)', () => {
  test.each([
    ['x'.repeat(16 * 1024 + 1), 'tooLong'],
    ['a '.repeat(5000), 'tooLong'],
    ['a;'.repeat(5000), 'tooLong'],
    ['$('.repeat(5000), 'unparsable'],
    ['('.repeat(70), 'unparsable'],
    ['ls \u0007', 'unparsable'],
    ['ls \u001b[0m', 'unparsable'],
    ['ls\r', 'unparsable'],
    ['ls \ud800', 'unparsable'],
    ['ls \ufffd', 'unparsable'],
  ] as const)('%# ends at once as %s', (text, kind) => {
    const analysis = shell(text);
    expect(analysis[kind]).not.toBeNull();
    expect(analysis.commands).toEqual([]);
  });

  test('exec requests may be longer', () => {
    const text = `echo ${'x'.repeat(100_000)}`;
    expect(shell(text).tooLong).not.toBeNull();
    expect(analyse(text, { context: 'exec', dialect: 'bash' }).tooLong).toBeNull();
    expect(analyse('x'.repeat(256 * 1024 + 1), { context: 'exec', dialect: 'bash' }).tooLong).not.toBeNull();
  });

  test('bytes count, not characters', () => {
    expect(shell('é'.repeat(9000)).tooLong).not.toBeNull();
  });
});

describe('every simple command counts (R8)', () => {
  test.each([
    ['a; b && c || d & e', ['a', 'b', 'c', 'd', 'e']],
    ['a | b |& c', ['a', 'b', 'c']],
    ['! time -p a', ['a']],
    ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
    ['while a; do b; done; until c; do d; done', ['a', 'b', 'c', 'd']],
    ['for x in $(a); do b; done', ['a', 'b']],
    ['for ((i=$(a); i<2; i++)); do b; done', ['a', 'b']],
    ['select x in y; do b; done', ['b']],
    ['case $(a) in $(b)) c;; *) d;; esac', ['a', 'b', 'c', 'd']],
    ['{ a; }; (b)', ['a', 'b']],
    ['f() { a; }; function g { b; }', ['a', 'b']],
    ['coproc a', ['a']],
    ['[[ $(a) == b ]] && (( $(c) ))', ['a', 'c']],
    ['x=$(a) y=(`b` c) z[$(d)]=1', ['a', 'b', 'd']],
    ['echo "$(a "$(b)")" `c`', ['b', 'a $(b)', 'c', 'echo $(a "$(b)") `c`']],
    [
      'echo ${x:-$(a)} ${y[$(b)]} ${z/$(c)/d} $(( $(d) ))',
      ['a', 'b', 'c', 'd', 'echo ${x:-$(a)} ${y[$(b)]} ${z/$(c)/d} $(( $(d) ))'],
    ],
    ['diff <(a) >(b)', ['a', 'b', 'diff /dev/fd/63 /dev/fd/63']],
    ['cat <<E\n$(a)\nE', ['a', 'cat']],
    ["cat <<'E'\n$(a)\nE", ['cat']],
    ['cat > "$(a)" <<< `b`', ['a', 'b', 'cat']],
    ['{x,$(a)}', ['a', 'x $(a)']],
    ["echo '$(a)' \\$(b", []],
  ])('%s', (text, commands) => {
    const analysis = shell(text);
    if (commands.length > 0)
      expect(
        found(analysis)
          .filter((one) => one !== 'true')
          .sort(),
      ).toEqual([...commands].sort());
    else expect(analysis.unparsable ?? analysis.incomplete).not.toBeNull();
  });

  test('a redirect alone is a command without a name (R11)', () => {
    expect(shell('> /tmp/x').commands).toMatchObject([
      { name: '', redirs: [{ operator: '>', target: { text: '/tmp/x' } }] },
    ]);
  });

  test('redirects of a block reach the commands in it', () => {
    expect(shell('{ a; } > /tmp/x').commands[0]?.redirs).toMatchObject([{ operator: '>', target: { text: '/tmp/x' } }]);
  });
});

describe('words (R7)', () => {
  test.each([
    ['r\\m -r\\f /', 'rm -rf /'],
    ['\'r\'m "-rf" /', 'rm -rf /'],
    ["$'\\x72\\x6d' -rf $'\\057'", 'rm -rf /'],
    ['$"rm" x', 'rm x'],
    ['{rm,-rf,/var}', 'rm -rf /var'],
    ['rm {a,b{1..3}} {01..03} {c..a}', 'rm a b1 b2 b3 01 02 03 c b a'],
    ["rm '{a,b}' \\{a,b}", 'rm {a,b} {a,b}'],
    ['x=rm; $x -rf /', 'rm -rf /'],
    ["x='rm -rf /'; $x", 'rm -rf /'],
    ['x=a; x+=b; echo $x', 'echo ab'],
    ['x=1 && echo ${x}', 'echo 1'],
    ['export D=/etc; rm "$D/x"', 'rm /etc/x'],
    ['rm $HOME/x "$HOME"', 'rm ~/x ~'],
    ['rm "~/x"', 'rm ./~/x'],
    ['rm e\u0301', 'rm \u00e9'],
  ])('%s', (text, command) => {
    expect(found(shell(text)).at(-1)).toBe(command);
  });

  test.each([
    'if a; then x=rm; fi; echo $x',
    'a && x=rm; echo $x',
    '(x=rm); echo $x',
    'x=rm | a; echo $x',
    'x=rm; read x; echo $x',
    'x=rm; eval "$y"; echo $x',
    'x=rm; f() { x=ls; }; f; echo $x',
    'x=rm; while a; do echo $x; x=b; done',
    'x=$(a); echo $x',
    'x=rm echo $x',
  ])('is not known after: %s', (text) => {
    const echo = shell(text).commands.find((command) => command.name === 'echo');
    expect(echo?.args.at(-1)).toMatchObject({ text: '$x', kind: 'dynamic' });
  });

  test('a loop over fixed values is read for each', () => {
    expect(found(shell('for d in /etc /usr; do rm -rf $d; done'))).toEqual(['rm -rf /etc', 'rm -rf /usr']);
  });

  test('globs and dynamic parts are kept apart', () => {
    const words = shell('rm /e*c/"$x" "*"').commands[0]?.args;
    expect(words?.map((word) => word.kind)).toEqual(['dynamic', 'static']);
    expect(words?.[0]?.pieces?.map((piece) => piece.kind)).toEqual(['literal', 'glob', 'literal', 'dynamic']);
  });

  test('too many words from braces stay one dynamic word', () => {
    expect(shell('echo {1..1000}').commands[0]?.args).toMatchObject([{ kind: 'dynamic' }]);
  });

  test('cd makes the directory known for what follows', () => {
    expect(shell('cd /etc && cat shadow').commands.at(-1)?.cwd).toBe('/etc');
    expect(shell('a || cd /etc; cat shadow').commands.at(-1)?.cwd).toBeNull();
    expect(analyse('cat x', { context: 'shell', dialect: 'bash', cwd: '/srv' }).commands[0]?.cwd).toBe('/srv');
  });
});

describe('what cannot be known', () => {
  test.each<[string, OpaqueReason]>([
    ['$CMD -rf /', 'command-name'],
    ['/b?n/rm x', 'command-name'],
    ['"$(which rm)" x', 'command-name'],
    ['rm$IFS-rf', 'command-name'],
    ['eval "$x"', 'eval'],
    ['bash -c "$x"', 'eval'],
    ['ssh host "rm $x"', 'eval'],
    ['cat x | sh', 'stdin'],
    ['sh < x', 'stdin'],
    ['bash <<E\n$x\nE', 'stdin'],
    ['sh x.sh', 'script'],
    ['. ./env', 'script'],
    ['source env', 'script'],
    ['python3 -c x', 'code'],
    ['perl -ne x', 'code'],
    ['node x.js', 'code'],
    ['php < x', 'stdin'],
    ['!!', 'history'],
    ['sudo !!', 'history'],
    ['echo "!x"', 'history'],
    ['^a^b', 'history'],
    ['echo $\\\n{x}', 'continuation'],
    ["let 'a[$(x)]=1'", 're-expansion'],
    ["test -v 'a[$(x)]'", 're-expansion'],
    ["[[ 'a[$(x)]' -eq 1 ]]", 're-expansion'],
    ["printf -v 'a[`x`]' y", 're-expansion'],
    ["read 'a[$(x)]'", 're-expansion'],
    ["declare 'a[$(x)]=1'", 're-expansion'],
    ["a='b[$(x)]'; (( a ))", 're-expansion'],
    ['echo ${x@P}', 're-expansion'],
    ["PS4='$(x)'", 're-expansion'],
    ['PROMPT_COMMAND=x', 're-expansion'],
    ['crontab -e', 'editor'],
    ['visudo', 'editor'],
    ['psql -f x.sql', 'sql'],
    [`${'sudo '.repeat(20)}id`, 'nesting'],
  ])('%s: %s', (text, reason) => {
    const parts = shell(text).opaque;
    expect(parts.map((part) => part.reason)).toContain(reason);
    expect(parts.every((part) => part.detail.endsWith('.'))).toBe(true);
  });

  test.each(['ls )', 'fi', 'ls ;; ls', 'a | | b', 'cat <'])('%s is unparsable', (text) => {
    expect(shell(text).unparsable).not.toBeNull();
  });

  test('what was recovered is still there (R2)', () => {
    expect(found(shell('rm -rf /x )'))).toEqual(['rm -rf /x']);
  });

  test.each([
    'echo "a',
    "echo 'a",
    'echo $(a',
    '{ a',
    'a |',
    'a &&',
    'if a',
    'cat <<E\na',
    'a \\',
    'f() {',
    'echo `a',
    '[[ a',
  ])('%s is incomplete (R4)', (text) => {
    expect(shell(text)).toMatchObject({ unparsable: null, incomplete: expect.any(String) });
  });

  test.each([
    'echo hi!',
    'echo "hi!"',
    '[ ! -f x ]',
    "echo '!x'",
    'echo \\!x',
    'ls [!a]*',
    'echo $!',
    'echo ok # !x',
    'a != b',
  ])('%s is no history expansion', (text) => {
    expect(shell(text).opaque).toEqual([]);
  });

  test('sh and exec requests have no history', () => {
    expect(shell('!!', 'sh').opaque).toEqual([]);
    expect(analyse('echo !x', { context: 'exec', dialect: 'bash' }).opaque).toEqual([]);
  });
});

describe('dialects (R6)', () => {
  test('zsh reads what stands behind # unless it was told otherwise', () => {
    expect(found(shell('echo ok # rm -rf /', 'zsh'))).toContain('rm -rf /');
    expect(found(shell('echo ok # rm -rf /'))).toEqual(['echo ok']);
  });

  test('zsh knows precommand modifiers and =name', () => {
    expect(found(shell('noglob rm -rf /', 'zsh'))).toEqual(['rm -rf /']);
    expect(shell('=rm -rf /', 'zsh').commands[0]?.name).toBe('rm');
  });

  test('a glob qualifier that runs code is opaque in zsh', () => {
    expect(shell("ls *(e:'x':)", 'zsh').opaque.map((part) => part.reason)).toContain('dialect');
  });

  test.each(['fish', 'unknown'] as const)('%s is marked', (dialect) => {
    expect(shell('ls', dialect).dialectUnsure).toBe(true);
  });
});

describe('structural facts', () => {
  test.each([
    ['bash', 'nested-shell'],
    ['python3', 'nested-shell'],
    ['sudo -i', 'root-shell'],
    ['sudo bash', 'root-shell'],
    ['su -', 'root-shell'],
    ['sudo su - bob', 'root-shell'],
    ['cat x | bash', 'stdin-not-static'],
    ['curl x | sudo bash -s -- -y', 'remote-script'],
    ['bash <(curl x)', 'remote-script'],
    ['sh -c "$(wget -qO- x)"', 'remote-script'],
    ['source <(curl x)', 'remote-script'],
    ['eval "$(curl x)"', 'remote-script'],
    [':(){ :|:& };:', 'fork-bomb'],
    ['f() { f & f; }; f', 'fork-bomb'],
    ['psql < x.sql', 'sql-file'],
  ] as const)('%s: %s', (text, fact) => {
    expect(shell(text).commands.flatMap((command) => command.facts)).toContain(fact);
  });

  test.each([
    'bash --version',
    'python3 --version',
    'sudo -l',
    'su --help',
    'sudo id',
    'echo ls | sh',
    'f() { echo hi; }; f',
    'curl x | jq .',
  ])('%s has none', (text) => {
    expect(
      shell(text)
        .commands.flatMap((command) => command.facts)
        .filter((fact) => fact !== 'definition'),
    ).toEqual([]);
  });
});
