import { describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { Lockdown } from '../model/lockdown.ts';
import { LockdownSwitch } from './lockdown.ts';

function setUp(stored: Lockdown | null = null) {
  const log: AuditDraft[] = [];
  const store = {
    current: stored,
    broken: false,
    set: (next: Lockdown | null) => {
      if (store.broken) return Promise.reject(new HeldlineError('store.unavailable', 'the disk is full'));
      store.current = next;
      return Promise.resolve();
    },
  };
  const audit = { append: (draft: AuditDraft) => Promise.resolve(log.push(draft)) };
  const make = () => new LockdownSwitch({ store, audit, clock: new FakeClock(), onListenerFailure: () => {} });
  return { log, store, make };
}

describe('a lockdown', () => {
  test('is in force at once, durable, and in the log; lifting it is too', async () => {
    const { log, store, make } = setUp();
    const lockdown = make();
    const told: (Lockdown | null)[] = [];
    lockdown.onChange((now) => told.push(now));
    const done = lockdown.on('root', 'incident 88');
    expect(lockdown.current).toMatchObject({ by: 'root', reason: 'incident 88' });
    await done;
    expect(make().current).toEqual(lockdown.current);
    await lockdown.off('root');
    expect(store.current).toBeNull();
    expect(told.map((one) => one?.reason ?? null)).toEqual(['incident 88', null]);
    expect(log.map(({ type, reason }) => [type, reason])).toEqual([
      ['lockdown.on', 'incident 88'],
      ['lockdown.off', 'incident 88'],
    ]);
  });

  test('holds even if it cannot be stored, and is not lifted if that cannot be stored', async () => {
    const { store, make } = setUp();
    const lockdown = make();
    store.broken = true;
    await expect(lockdown.on('root', 'x')).rejects.toThrow('disk');
    expect(lockdown.current).not.toBeNull();
    await expect(lockdown.off('root')).rejects.toThrow('disk');
    expect(lockdown.current).not.toBeNull();
  });

  test('that is not there cannot be lifted', async () => {
    await expect(setUp().make().off('root')).rejects.toMatchObject({ code: 'lockdown.off', kind: 'conflict' });
  });
});
