import { describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { addressKey, RateLimit } from './rate-limit.ts';

describe('a limit', () => {
  test('lets a burst through, then as many as drip in', () => {
    const clock = new FakeClock();
    const limit = new RateLimit({ burst: 3, perMinute: 6 }, clock);
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([0, 0, 0, 10_000]);
    expect(limit.take('b')).toBe(0);
    clock.advance(4000);
    expect(limit.take('a')).toBeCloseTo(6000);
    clock.advance(6000);
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 10_000]);
    clock.advance(3_600_000);
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([0, 0, 0, 10_000]);
  });

  test('forgets the key that was idle longest when there are too many', () => {
    const limit = new RateLimit({ burst: 1, perMinute: 1 }, new FakeClock());
    limit.take('first');
    limit.take('second');
    for (let i = 0; i < 9998; i += 1) limit.take(`other-${i}`);
    expect(limit.take('first')).toBeGreaterThan(0);
    limit.take('one more');
    expect(limit.take('first')).toBeGreaterThan(0);
    expect(limit.take('second')).toBe(0);
  });
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2:ffff::1', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', ':0:0:0'],
])('%s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
