import { describe, expect, test } from 'vitest';
import { looksLikeContinuation, PromptContext, promptShape } from './prompt-context.ts';
import { shellState } from './shell-state.ts';
import { Statement } from './statement.ts';

describe('what of shell text is open', () => {
  test.each([
    ['echo a', 'nothing'],
    ["echo 'a", 'quote'],
    ['echo "a', 'quote'],
    ['echo "a \\" b', 'quote'],
    ['rm \\', 'backslash'],
    ['rm \\\n-rf x', 'nothing'],
    ["echo # it's fine", 'nothing'],
    ["echo a#'b", 'quote'],
    ['cat <<EOT', 'heredoc'],
    ['cat <<EOT\nline', 'heredoc'],
    ["cat <<'EOT'\nit's\nEOT", 'nothing'],
    ['cat <<-EOT\n\tx\n\tEOT', 'nothing'],
    ['cat <<< word', 'nothing'],
    ['for i in 1 2; do', 'compound'],
    ['for i in 1 2; do\necho $i', 'compound'],
    ['for i in 1 2; do\necho $i\ndone', 'nothing'],
    ['if true; then', 'compound'],
    ['( cd x', 'compound'],
    ['a |', 'compound'],
    ['a &&', 'compound'],
    ['a &', 'nothing'],
    ['f() {', 'compound'],
    ['f() {\nx\n}', 'nothing'],
  ])('%j is %s', (text, open) => {
    expect(shellState(text)).toBe(open);
  });
});

describe('prompts', () => {
  test.each([
    ['gate=# ', 'psql'],
    ['gate=> ', 'psql'],
    ['gate-# ', 'psql'],
    ["gate'# ", 'psql'],
    ['gate=*# ', 'psql'],
    ['mysql> ', 'mysql'],
    ['    -> ', 'mysql'],
    ['>>> ', 'repl'],
    ['... ', 'repl'],
    ['user@host:~$ ', 'unknown'],
    ['root@host:~# ', 'unknown'],
    ['bash-5.2# ', 'unknown'],
    ['user@host> ', 'unknown'],
  ])('%j looks like %s', (prompt, shape) => {
    expect(promptShape(prompt)).toBe(shape);
  });

  test.each([['> '], ['for> '], ['dquote> '], ['... '], ['db-# '], ['db(# '], ['    -> '], ['   ']])(
    '%j continues',
    (prompt) => {
      expect(looksLikeContinuation(prompt)).toBe(true);
    },
  );

  test('a client is believed when it was started, or no shell was ever there', () => {
    const fresh = new PromptContext();
    expect(fresh.contextsOf('db=# ')).toEqual(['psql']);
    const shell = new PromptContext();
    shell.executed('echo a', 'unknown');
    expect(shell.contextsOf('db=# ')).toEqual(['psql', 'shell']);
    shell.executed('sudo -u postgres psql db', 'unknown');
    expect(shell.contextsOf('db=# ')).toEqual(['psql']);
  });
});

describe('joining', () => {
  const texts = (statement: Statement, line: string): string[] =>
    statement.candidates(line, ['shell']).map((candidate) => candidate.text);

  test('a backslash line is judged only as the whole', () => {
    const statement = new Statement();
    statement.executed('rm \\', '$ ');
    expect(statement.continuedBy('> ')).toBe(true);
    expect(texts(statement, '-rf x')).toEqual(['rm -rf x']);
  });

  test('a line inside a compound is judged by itself too', () => {
    const statement = new Statement();
    statement.executed('for i in 1; do', '$ ');
    expect(texts(statement, 'rm -rf x')).toEqual(['for i in 1; do\nrm -rf x', 'rm -rf x']);
    expect(texts(statement, 'done')).toEqual(['for i in 1; do\ndone']);
  });

  test('when the line before was complete both are judged', () => {
    const statement = new Statement();
    statement.executed('echo a', '$ ');
    expect(texts(statement, 'rm -rf x')).toEqual(['echo a\nrm -rf x', 'rm -rf x']);
  });

  test('the same prompt or an interrupt begins anew', () => {
    const statement = new Statement();
    statement.executed('rm \\', '> ');
    expect(statement.continuedBy('> ')).toBe(false);
    statement.executed('rm \\', '$ ');
    statement.reset();
    expect(statement.continuedBy('> ')).toBe(false);
  });

  test('SQL is judged as the whole statement', () => {
    const statement = new Statement();
    statement.executed('DELETE FROM', 'db=# ');
    statement.executed('t', 'db-# ');
    expect(statement.candidates(';', ['psql'])).toEqual([{ text: 'DELETE FROM\nt\n;', context: 'psql' }]);
  });
});
