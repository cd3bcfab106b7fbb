import { describe, expect, test } from 'vitest';
import { isNetwork, Networks } from './networks.ts';

describe('networks', () => {
  test.each<[string, string, boolean]>([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::/32', '192.0.2.1', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', 'local', false],
    ['0.0.0.0/0', '', false],
    ['fe80::/10', 'fe80::1%eth0', true],
  ])('%s and %s: %s', (network, address, has) => {
    expect(new Networks([network]).has(address)).toBe(has);
  });

  test.each(['10.0.0.0/33', '10.0.0/8', '::/129', 'host', '10.0.0.0/', '1.2.3.4/-1', ''])('"%s" is none', (text) => {
    expect(isNetwork(text)).toBe(false);
    expect(() => new Networks([text])).toThrow(TypeError);
  });
});
