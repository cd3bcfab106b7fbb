import { describe, expect, test } from 'vitest';
import type { Lockdown } from '../model/lockdown.ts';
import { Clearance } from './clearance.ts';
import { denial } from './denial.ts';
import type { TargetLeg, UserLeg } from './ports.ts';
import { StreamGate } from './stream-gate.ts';

function setUp() {
  const passed: string[] = [];
  const listeners = new Set<(lockdown: Lockdown | null) => void>();
  const lockdown = {
    current: null as Lockdown | null,
    onChange: (listener: (now: Lockdown | null) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const set = (now: Lockdown | null): void => {
    lockdown.current = now;
    for (const listener of listeners) listener(now);
  };
  const target: TargetLeg = {
    attach: () => {},
    write: (clearance) => {
      passed.push(Buffer.from(clearance.bytes).toString());
      return true;
    },
    endInput: () => passed.push('END'),
    resize: () => {},
    signal: () => {},
    pauseOutput: () => {},
    resumeOutput: () => {},
    close: () => {},
  };
  const flow: string[] = [];
  const user: UserLeg = {
    door: 'direct',
    presence: 'attached',
    attach: () => {},
    write: () => true,
    writeError: () => true,
    pauseInput: () => flow.push('pause'),
    resumeInput: () => flow.push('resume'),
    roundTrip: undefined,
    finish: () => Promise.resolve(),
    close: () => {},
  };
  const allowed = { ...denial('test', '', 'sha256:0'), effect: 'allow' as const };
  const clear = (bytes: Uint8Array): Clearance => Clearance.forAllowed(bytes, allowed);
  const gate = new StreamGate({ user, target, clear, lockdown, onUserFull: () => {} });
  return { gate, passed, flow, set, listeners };
}

describe('data of an admitted command', () => {
  test('waits during a lockdown, in order with its end, and passes afterwards', () => {
    const { gate, passed, flow, set } = setUp();
    gate.input(Buffer.from('one'));
    set({ since: 0, by: 'root', reason: 'incident' });
    gate.input(Buffer.from('two'));
    gate.targetDrained();
    gate.inputEnd();
    expect(passed).toEqual(['one']);
    expect(flow).toEqual(['pause']);
    set(null);
    expect(passed).toEqual(['one', 'two', 'END']);
    expect(flow).toEqual(['pause', 'resume']);
  });

  test('waits while it is frozen, also when a lockdown is lifted meanwhile, and passes in order afterwards', () => {
    const { gate, passed, set } = setUp();
    gate.halt();
    gate.input(Buffer.from('one'));
    set({ since: 0, by: 'root', reason: 'incident' });
    set(null);
    gate.targetDrained();
    gate.inputEnd();
    expect(passed).toEqual([]);
    gate.resume();
    expect(passed).toEqual(['one', 'END']);
  });

  test('never passes once the channel is closed', () => {
    const { gate, passed, set, listeners } = setUp();
    set({ since: 0, by: 'root', reason: 'incident' });
    gate.input(Buffer.from('two'));
    gate.close();
    set(null);
    expect(passed).toEqual([]);
    expect(listeners.size).toBe(0);
  });
});
