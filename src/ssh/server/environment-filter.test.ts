import { describe, expect, test } from 'vitest';
import { EnvironmentFilter } from './environment-filter.ts';

function filtered(...variables: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const filter = new EnvironmentFilter();
  for (const [name, value] of variables) filter.add(name, value);
  return filter.variables;
}

describe('the environment of a client', () => {
  test('terminal and language pass', () => {
    expect(filtered(['TERM', 'xterm'], ['LANG', 'C'], ['LC_ALL', 'de_DE.UTF-8'])).toEqual({
      TERM: 'xterm',
      LANG: 'C',
      LC_ALL: 'de_DE.UTF-8',
    });
  });

  test.each([
    'LD_PRELOAD',
    'PATH',
    'BASH_ENV',
    'GIT_PROTOCOL',
    'LC_',
    'LC_a',
    'XLANG',
    'LANGUAGE',
    '__proto__',
    'LANG\n',
    'SSH_AUTH_SOCK',
  ])('%j does not', (name) => {
    expect(filtered([name, 'x'])).toEqual({});
  });

  test('values that no variable can have do not pass', () => {
    expect(filtered(['LANG', 'a\0b'], ['TERM', 'x'.repeat(1025)])).toEqual({});
  });

  test('the last value counts, and there is an end to their number', () => {
    const many = Array.from({ length: 100 }, (_, i) => [`LC_A${i}`, 'x'] as const);
    const result = filtered(...many, ['LC_A0', 'y']);
    expect(Object.keys(result).length).toBe(32);
    expect(result['LC_A0']).toBe('y');
  });
});
