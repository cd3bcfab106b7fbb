import { describe, expect, test } from 'vitest';
import type { Word, WordPiece } from '../analysis.ts';
import { baseName, normalisePath } from './path-normal-form.ts';
import { compilePathSet, matchPath } from './path-pattern.ts';

/** `*`, `?`, `[…]` are globs and `$x` is dynamic, as in an unquoted word. */
function word(text: string): Word {
  const pieces = Array.from(
    text.matchAll(/(?<glob>\*+|\?|\[[^\]]*\])|(?<dynamic>\$\w+)|(?:[^*?[$])+/gu),
    (found): WordPiece => {
      const kind =
        found.groups?.['glob'] !== undefined ? 'glob' : found.groups?.['dynamic'] !== undefined ? 'dynamic' : 'literal';
      return { kind, text: found[0] };
    },
  );
  const kind = pieces.some((piece) => piece.kind === 'dynamic')
    ? 'dynamic'
    : pieces.some((piece) => piece.kind === 'glob')
      ? 'glob'
      : 'static';
  return { text, kind, pieces: kind === 'static' ? null : pieces, quoted: false };
}

describe('normalisePath', () => {
  test.each([
    ['//etc', '/etc'],
    ['/usr/./', '/usr'],
    ['/etc/../etc/', '/etc'],
    ['/../..', '/'],
    ['/', '/'],
    ['a//b/./c/..', 'a/b'],
    ['../x', '../x'],
    ['./', '.'],
    ['~/../x', '~/../x'],
    ['~/a/../b/', '~/b'],
  ])('%s is %s', (path, normal) => {
    expect(normalisePath(path, null)).toBe(normal);
  });

  test('resolves against a known directory only', () => {
    expect(normalisePath('../shadow', '/etc/ssh')).toBe('/etc/shadow');
    expect(normalisePath('/x', '/etc')).toBe('/x');
    expect(normalisePath('~/x', '/etc')).toBe('~/x');
  });

  test('the base name is that of the normal form', () => {
    expect(baseName('/usr/bin/../bin/rm')).toBe('rm');
    expect(baseName('rm')).toBe('rm');
  });
});

describe('matchPath', () => {
  const system = compilePathSet(['/etc/**', '/usr/{bin,sbin}/**']);
  const keys = compilePathSet(['**/.ssh/id_*', '**/*.pem']);

  test.each([
    ['/etc/shadow', 'yes'],
    ['/etc', 'yes'],
    ['/etcetera', 'no'],
    ['/tmp/../etc/passwd', 'yes'],
    ['/usr/bin/ls', 'yes'],
    ['/usr/lib/x', 'no'],
    ['/e*c/shadow', 'yes'],
    ['/*', 'yes'],
    ['/tmp/*', 'no'],
    ['/?tc/x', 'yes'],
    ['/[ae]tc/x', 'yes'],
    ['/[ab]tc/x', 'no'],
    ['$dir/x', 'possible'],
    ['/tmp/$x', 'no'],
    ['/e$x', 'possible'],
    ['/tmp/$x/../../etc/y', 'possible'],
    ['etc/x', 'no'],
  ])('%s against system files: %s', (text, match) => {
    expect(matchPath(system, word(text), null)).toBe(match);
  });

  test.each([
    ['~/.ssh/id_rsa', 'yes'],
    ['/home/a/.ssh/id_ed25519', 'yes'],
    ['~/.ssh/*', 'yes'],
    ['x.pem', 'yes'],
    ['*.pem', 'yes'],
    ['*', 'no'],
    ['logs/*', 'no'],
    ['*.txt', 'no'],
  ])('%s against keys: %s', (text, match) => {
    expect(matchPath(keys, word(text), null)).toBe(match);
  });

  test('a glob does not produce a hidden name', () => {
    expect(matchPath(compilePathSet(['~/.netrc']), word('~/*'), null)).toBe('no');
    expect(matchPath(compilePathSet(['~/.netrc']), word('~/.*'), null)).toBe('yes');
  });

  test('relative words meet absolute patterns in a known directory', () => {
    expect(matchPath(system, word('shadow'), '/etc')).toBe('yes');
    expect(matchPath(system, word('../etc/*'), '/tmp')).toBe('yes');
  });

  test('an escaped wildcard is text', () => {
    const set = compilePathSet(['/a\\*b']);
    expect(matchPath(set, { text: '/a*b', kind: 'static', pieces: null, quoted: true }, null)).toBe('yes');
    expect(matchPath(set, word('/axb'), null)).toBe('no');
  });

  test('an empty set matches nothing', () => {
    expect(matchPath(compilePathSet([]), word('$x'), null)).toBe('no');
  });

  test('hostile patterns end quickly', () => {
    const set = compilePathSet([`/${'*a'.repeat(20)}`]);
    expect(matchPath(set, word(`/${'*b'.repeat(200)}`), null)).toBe('no');
  });
});
