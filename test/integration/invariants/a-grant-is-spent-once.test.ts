/** Invariant 5: a grant names one session, channel, command and expiry, and spending it is a compare-and-set in the store. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Grant } from '../../../src/approval/grant.ts';
import type { ApprovalStore, ConsumeBinding } from '../../../src/approval/ports.ts';
import type { Digest, SessionId } from '../../../src/model/names.ts';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { DeskWorld } from '../../support/desk-world.ts';
import { GateBed } from '../../support/gate-bed.ts';
import { CODE } from '../../support/memory-approvals.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';

describe('A grant is spent once', () => {
  let folder: TempDir;
  let store: EmbeddedStore;

  beforeEach(async () => {
    folder = await tempDir({ name: 'store' });
    await EmbeddedStore.initialise(folder.at('store'));
    store = await EmbeddedStore.open({ directory: folder.at('store') });
  });
  afterEach(async () => {
    await store.close();
    await folder[Symbol.asyncDispose]();
  });

  /** Puts an approved request of a desk into the real store. */
  async function approved(approvals: ApprovalStore) {
    const world = new DeskWorld();
    const request = await world.open();
    await world.vote(request, 'alice');
    const held = await world.memory.find(request.statement.uid);
    if (held === null) throw new Error('the desk has no such request');
    await approvals.open(held, { quota: 10, reuseAfter: 0 });
    const { session, channel, expiresAt } = held.statement;
    const binding: ConsumeBinding = { session, channel, digest: held.digest, boot: held.boot, version: held.version };
    return { uid: held.statement.uid, binding, now: expiresAt - 1, late: expiresAt };
  }

  test('of fifty who ask the real store at once, one gets it; nobody after a restart', async () => {
    const { uid, binding, now } = await approved(store.approvals);
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.approvals.consume(uid, binding, now)));
    expect(answers.filter((answer) => answer)).toHaveLength(1);
    await store.close();
    store = await EmbeddedStore.open({ directory: folder.at('store') });
    expect(await store.approvals.consume(uid, binding, now)).toBe(false);
  });

  test.each<[string, Partial<ConsumeBinding>]>([
    ['another session', { session: 'other' as SessionId }],
    ['another channel', { channel: 7 }],
    ['another command', { digest: `sha256:${'0'.repeat(64)}` as Digest }],
    ['another run of the daemon', { boot: 'other' }],
    ['another state of the votes', { version: 99 }],
  ])('the real store refuses it to %s', async (_, change) => {
    const { uid, binding, now } = await approved(store.approvals);
    expect(await store.approvals.consume(uid, { ...binding, ...change }, now)).toBe(false);
    expect(await store.approvals.consume(uid, binding, now)).toBe(true);
  });

  test('the real store refuses it at the expiry', async () => {
    const { uid, binding, late } = await approved(store.approvals);
    expect(await store.approvals.consume(uid, binding, late)).toBe(false);
  });

  test('of twenty who ask the desk at once, one gets it', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    await world.vote(request, 'alice');
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => world.consume(request)));
    const granted = outcomes.flatMap((outcome) => (outcome.kind === 'granted' ? [outcome.grant] : []));
    expect(granted).toHaveLength(1);
    expect(granted.map((grant) => [grant.spend(), grant.spend(), grant.spend()])).toEqual([[true, false, false]]);
  });

  test('a store whose answer is unknown grants nothing, then or later', async () => {
    const world = new DeskWorld();
    const request = await world.open();
    await world.vote(request, 'alice');
    world.troubles.set('store.consume', 'throws');
    expect((await world.consume(request)).kind).toBe('refused');
    world.troubles.clear();
    expect((await world.consume(request)).kind).toBe('refused');
  });

  test('a line that was approved runs once, however often Enter is pressed', async () => {
    const bed = new GateBed();
    await bed.hold();
    await bed.enter(`${CODE}\r\r\r\r`, 2000);
    await bed.enter('\r\r', 1000);
    expect(bed.executed.filter((line) => line !== '')).toEqual(['rm -r old']);
    const grants = bed.released.map(({ basis }) => (basis.kind === 'granted' ? basis.grant : null));
    expect(grants).toHaveLength(1);
    expect(grants[0]).toBeInstanceOf(Grant);
    expect(grants[0]?.spend()).toBe(false);
  });
});
