import { describe, expect, test } from 'vitest';
import { ClientInput } from './client-input.ts';
import { CursorKeys } from './cursor-keys.ts';
import { EchoAck } from './echo-ack.ts';
import { RoamAllowance } from './roam-allowance.ts';
import { PathTiming } from './transport/path-timing.ts';
import { encodeUserMessage } from './wire/user-message.ts';

function keys(text: string): Buffer {
  return encodeUserMessage([{ kind: 'keys', bytes: Buffer.from(text) }]);
}

describe('input', () => {
  test('overlapping repetitions from older states neither lose nor double a key', () => {
    let typed = '';
    const input = new ClientInput({
      take: (inputs) => {
        for (const one of inputs) if (one.kind === 'keys') typed += one.bytes.toString();
      },
    });
    const zero = input.initial;
    input.newest({ base: zero, state: { length: 2 }, diff: keys('ab'), number: 1 });
    input.newest({ base: zero, state: { length: 4 }, diff: keys('abcd'), number: 3 });
    input.newest({ base: { length: 2 }, state: { length: 5 }, diff: keys('cde'), number: 4 });
    input.newest({ base: { length: 5 }, state: { length: 5 }, diff: Buffer.alloc(0), number: 5 });
    expect(typed).toBe('abcde');
  });

  test('sizes are brought into bounds', () => {
    const sizes: unknown[] = [];
    const input = new ClientInput({ take: (inputs) => sizes.push(...inputs) });
    const diff = encodeUserMessage([
      { kind: 'resize', cols: 0, rows: 1 },
      { kind: 'resize', cols: Number.POSITIVE_INFINITY, rows: 100_000 },
    ]);
    input.newest({ base: input.initial, state: { length: 2 }, diff, number: 1 });
    expect(sizes).toEqual([
      { kind: 'resize', cols: 2, rows: 2 },
      { kind: 'resize', cols: 500, rows: 300 },
    ]);
  });
});

describe('cursor keys', () => {
  test.each([
    ['\x1bOA\x1bOD', false, '\x1b[A\x1b[D'],
    ['\x1bOA', true, '\x1bOA'],
    ['\x1bOP\x1bOM', false, '\x1bOP\x1bOM'],
    ['\x1b\x1bOB', false, '\x1b\x1b[B'],
    ['O\x1b[A', false, 'O\x1b[A'],
  ])('%j, application mode %s', (typed, application, wanted) => {
    expect(new CursorKeys().translate(Buffer.from(typed), application).toString()).toBe(wanted);
    const bytewise = new CursorKeys();
    const out = [...Buffer.from(typed)].map((byte) => bytewise.translate(Buffer.from([byte]), application).toString());
    expect(out.join('')).toBe(wanted);
  });
});

describe('echo ack', () => {
  test('comes 50 ms after the keys were handed over, and never goes back', () => {
    const echo = new EchoAck();
    echo.delivered(3, 1000);
    echo.delivered(5, 1020);
    expect(echo.value(1049)).toBe(0);
    expect(echo.dueAt).toBe(1050);
    expect(echo.value(1050)).toBe(3);
    expect(echo.value(1070)).toBe(5);
    expect(echo.dueAt).toBe(Number.POSITIVE_INFINITY);
    echo.delivered(Number.POSITIVE_INFINITY, 1100);
    expect(echo.value(9999)).toBe(5);
  });
});

describe('path timing', () => {
  test('the first sample sets, later ones smooth, the time-out stays in bounds', () => {
    const timing = new PathTiming();
    expect([timing.roundTrip, timing.smoothed, timing.timeout]).toEqual([undefined, 1000, 1000]);
    timing.heard(0xffff, 900, 1000);
    expect([timing.roundTrip, timing.timeout]).toEqual([100, 300]);
    timing.heard(0xffff, 1000, 1020);
    expect(timing.roundTrip).toBe(90);
    for (let now = 2000; now < 4000; now += 10) timing.heard(0xffff, now, now + 1);
    expect(timing.timeout).toBe(50);
  });

  test('timestamps wrap and never say nothing', () => {
    const timing = new PathTiming();
    expect(timing.stamp(0xffff)).toEqual({ timestamp: 0, reply: 0xffff });
    timing.heard(65_530, 0xffff, 10_000);
    expect(timing.stamp(10_020).reply).toBe(14);
    expect(timing.stamp(10_030).reply).toBe(0xffff);
    timing.heard(5, 0xffff, 20_000);
    expect(timing.stamp(21_001).reply).toBe(0xffff);
    timing.heard(0xffff, 65_500, 65_536 + 64);
    expect(timing.roundTrip).toBe(100);
  });
});

describe('a new address', () => {
  test('gets ten datagrams a round trip until a later state is acknowledged', () => {
    const allowance = new RoamAllowance();
    expect(Array.from({ length: 50 }, () => allowance.allows(1200, 0, 100)).every(Boolean)).toBe(true);
    allowance.roamed(7, 60, 1000);
    const sent = (now: number): number =>
      Array.from({ length: 50 }, () => allowance.allows(1200, now, 100)).filter(Boolean).length;
    expect(sent(1000)).toBe(10);
    expect(sent(1050)).toBe(0);
    expect(sent(1100)).toBe(10);
    allowance.received(60, 7);
    expect(sent(1110)).toBe(0);
    allowance.received(60, 8);
    expect(sent(1110)).toBe(50);
  });

  test('gets three times what it sent when that is more', () => {
    const allowance = new RoamAllowance();
    allowance.roamed(7, 8000, 0);
    expect(Array.from({ length: 50 }, () => allowance.allows(1200, 0, 100)).filter(Boolean).length).toBe(20);
  });
});
