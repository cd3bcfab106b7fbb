/** What a client with a key, but without manners, can do to us. */
import { describe, expect, test } from 'vitest';
import { SHUTDOWN, type TransportInstruction } from '../wire/instruction.ts';
import { Receiver } from './receiver.ts';

class Prefixes {
  readonly initial = 0;
  readonly arrived: number[] = [];

  apply(base: number, diff: Uint8Array): number | undefined {
    return diff[0] === 0xff ? undefined : base + diff.length;
  }

  newest({ number }: { number: number }): void {
    this.arrived.push(number);
  }
}

function step(oldNumber: number, newNumber: number, more: Partial<TransportInstruction> = {}): TransportInstruction {
  return { oldNumber, newNumber, ackNumber: 0, throwawayNumber: 0, diff: Buffer.from('x'), ...more };
}

describe('received states', () => {
  test('late ones are kept and acknowledged by nothing, repeated ones do nothing', () => {
    const prefixes = new Prefixes();
    const receiver = new Receiver(prefixes);
    expect(receiver.receive(step(0, 3), 0)).toBe('newest');
    expect(receiver.receive(step(0, 2), 0)).toBe('stored');
    expect(receiver.receive(step(0, 3), 0)).toBe('ignored');
    expect(receiver.receive(step(2, 4), 0)).toBe('newest');
    expect(receiver.ackNumber).toBe(4);
    expect(prefixes.arrived).toEqual([3, 4]);
  });

  test('a step from a state that is not held, or that does not decode, does nothing', () => {
    const receiver = new Receiver(new Prefixes());
    expect(receiver.receive(step(7, 8), 0)).toBe('ignored');
    expect(receiver.receive(step(0, 8, { diff: Buffer.from([0xff]) }), 0)).toBe('ignored');
    expect(receiver.ackNumber).toBe(0);
  });

  test('the base is looked up before old states are thrown away, and one state always stays', () => {
    const receiver = new Receiver(new Prefixes());
    receiver.receive(step(0, 1), 0);
    expect(receiver.receive(step(1, 2, { throwawayNumber: 2 }), 0)).toBe('newest');
    expect(receiver.heldCount).toBe(2);
    expect(receiver.receive(step(2, 3, { throwawayNumber: SHUTDOWN }), 0)).toBe('newest');
    expect(receiver.receive(step(0, 9), 0)).toBe('ignored');
    expect(receiver.receive(step(3, SHUTDOWN), 0)).toBe('newest');
    expect(receiver.peerEnded).toBe(true);
  });

  test('a flood of states that are never thrown away is bounded, and drips on', () => {
    const receiver = new Receiver(new Prefixes());
    for (let number = 1; number <= 5000; number += 1) receiver.receive(step(0, number), number);
    expect(receiver.heldCount).toBeLessThanOrEqual(1026);
    const before = receiver.heldCount;
    expect(receiver.receive(step(0, 6000), 17_000)).toBe('newest');
    expect(receiver.receive(step(0, 6001), 17_001)).toBe('ignored');
    expect(receiver.heldCount).toBe(before + 1);
    expect(receiver.receive(step(6000, 6002, { throwawayNumber: 6000 }), 17_002)).toBe('newest');
    expect(receiver.heldCount).toBe(2);
  });
});
