/** The self-test passes on what works, and fails on each thing that must not happen. */
import { describe, expect, test } from 'vitest';
import { DeskWorld } from '../../test/support/desk-world.ts';
import { MemoryAudit } from '../../test/support/memory-approvals.ts';
import type { ApprovalStore } from '../approval/ports.ts';
import { type SelfTestResult, selfTest } from './self-test.ts';

const BASTION = { hostName: 'bastion.test', hostKey: 'SHA256:host' };

class Bed {
  readonly world = new DeskWorld();
  readonly audit = new MemoryAudit();

  async run(change: (store: ApprovalStore) => Partial<ApprovalStore> = () => ({})): Promise<SelfTestResult> {
    const { memory, clock } = this.world;
    const store: ApprovalStore = {
      open: (request, limits) => memory.open(request, limits),
      advance: (next) => memory.advance(next),
      find: (uid) => memory.find(uid),
      findById: (id) => memory.findById(id),
      list: () => memory.list(),
      consume: (uid, binding, now) => memory.consume(uid, binding, now),
      expireUnused: (uid, ending, now) => memory.expireUnused(uid, ending, now),
      prune: (before, idsBefore) => memory.prune(before, idsBefore),
    };
    const changed = { ...store, ...change(store) };
    const running = selfTest({ store: changed, audit: this.audit, clock, bastion: BASTION, boot: 'boot-1' });
    const state = { over: false };
    const mark = (): void => {
      state.over = true;
    };
    running.then(mark, mark);
    for (let turn = 0; turn < 200 && !state.over; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (turn > 50) clock.advance(1000);
    }
    return running;
  }
}

describe('a self-test', () => {
  test('passes, is in the log under a name of its own, and is shown to nobody', async () => {
    const bed = new Bed();
    const told: string[] = [];
    bed.world.desk.onChange((request) => told.push(request.id));
    expect(await bed.run()).toEqual({ kind: 'passed' });
    expect(new Set(bed.audit.types())).toEqual(new Set(['selftest.step']));
    const steps = bed.audit.events.map(({ detail }) => detail?.['step']);
    expect(steps).toEqual(
      expect.arrayContaining(['command.held', 'approval.vote', 'command.released', 'approval.cancelled']),
    );
    expect(told).toEqual([]);
    expect(await bed.world.desk.list()).toEqual([]);
    const [kept] = await bed.world.memory.list();
    expect(kept).toMatchObject({ subject: 'self-test', state: 'released' });
    expect(await bed.world.desk.findById(kept?.id ?? '')).toBeNull();
  });

  test.each(['open', 'advance', 'consume'] as const)('fails when the store fails at %s', async (verb) => {
    for (const fault of [() => Promise.reject(new RangeError('broken')), () => new Promise<never>(() => {})]) {
      const bed = new Bed();
      expect((await bed.run(() => ({ [verb]: fault }))).kind).toBe('failed');
    }
  });

  test('fails when the audit log does', async () => {
    const bed = new Bed();
    bed.audit.before = () => Promise.reject(new RangeError('full'));
    expect((await bed.run()).kind).toBe('failed');
  });

  test('fails when the store lets nothing be consumed', async () => {
    const bed = new Bed();
    const result = await bed.run(() => ({ consume: () => Promise.resolve(false) }));
    expect(result).toMatchObject({ kind: 'failed', why: expect.stringContaining('not released') });
  });
});
