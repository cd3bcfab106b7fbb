import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isName } from '../../model/names.ts';
import { parseLogin, parseSignInName } from './sign-in-name.ts';

describe('the name of a sign-in', () => {
  test.each([
    ['alice', { door: 'console', user: 'alice' }],
    ['alice@db1', { door: 'direct', user: 'alice', target: 'db1', login: null }],
    ['alice+db1', { door: 'direct', user: 'alice', target: 'db1', login: null }],
    ['alice@root@db1', { door: 'direct', user: 'alice', target: 'db1', login: 'root' }],
    ['alice+root+db1', { door: 'direct', user: 'alice', target: 'db1', login: 'root' }],
    ['alice+root@db1', { door: 'direct', user: 'alice', target: 'db1', login: 'root' }],
    ['alice@auto@db1', { door: 'direct', user: 'alice', target: 'db1', login: null }],
    ['_svc@web-1.eu', { door: 'direct', user: '_svc', target: 'web-1.eu', login: null }],
  ])('%s', (text, expected) => {
    expect(parseSignInName(text)).toEqual(expected);
  });

  test.each([
    '',
    '@',
    'alice@',
    '@db1',
    'alice@@db1',
    'a@b@c@d',
    'Alice',
    'alice@DB1',
    'alice%db1',
    'alice:db1',
    'alice db1',
    'alice@db1\n',
    'alice\0',
    '1alice',
    `alice@${'x'.repeat(33)}`,
    'ali\u0441e',
  ])('%j is refused', (text) => {
    expect(parseSignInName(text)).toBeNull();
  });

  test('whatever is accepted consists of names and says nothing more than was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '@', '+', '.', '-', 'A', '\u0430') }), (text) => {
        const name = parseSignInName(text);
        if (name === null) return;
        const parts =
          name.door === 'console'
            ? [name.user]
            : [name.user, ...(name.login === null ? [] : [name.login]), name.target];
        expect(parts.every(isName)).toBe(true);
        expect(parts.join('@')).toBe(text.replaceAll('+', '@'));
      }),
    );
  });

  test('auto stands for the default login', () => {
    expect([parseLogin('auto'), parseLogin('root')]).toEqual([null, 'root']);
  });
});
