import { describe, expect, test } from 'vitest';
import { parseJumpDestination } from './jump-destination.ts';

describe('the destination of a jump', () => {
  test.each([
    ['db1.gate', 'db1'],
    ['DB1.GATE', 'db1'],
    ['db1', 'db1'],
    ['web.eu.gate', 'web.eu'],
    ['db1.gate.gate', 'db1.gate'],
  ])('%s is %s', (host, target) => {
    expect(parseJumpDestination(host, 22, '.gate')).toBe(target);
  });

  test.each([
    '10.0.0.1',
    '::1',
    '.gate',
    '',
    'a b',
    'db1.gate\n',
    '127.0.0.1.gate',
    '/run/socket',
    `${'x'.repeat(40)}.gate`,
  ])('%j is refused', (host) => {
    expect(parseJumpDestination(host, 22, '.gate')).toBeNull();
  });

  test.each([0, 21, 80, 2222, 65535])('port %d is refused', (port) => {
    expect(parseJumpDestination('db1.gate', port, '.gate')).toBeNull();
  });

  test('without a suffix, names are taken as they are', () => {
    expect(parseJumpDestination('db1.gate', 22, '')).toBe('db1.gate');
  });
});
