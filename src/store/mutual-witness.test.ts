import { generateKeyPairSync } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuditLog } from '../audit/audit-log.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { createSigner } from '../base/signing.ts';
import { EmbeddedStore } from './embedded/embedded-store.ts';
import { MutualWitness, refuseRolledBackStore } from './mutual-witness.ts';

const { privateKey } = generateKeyPairSync('ed25519');

let root: string;
let clock: FakeClock;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldline-witness-'));
  clock = new FakeClock();
  await EmbeddedStore.initialise(join(root, 'store'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

/** One run of a daemon: opens both halves as they demand of each other, works, closes. */
async function run(
  work: (store: EmbeddedStore, witness: MutualWitness, audit: AuditLog) => Promise<void>,
): Promise<void> {
  const store = await EmbeddedStore.open({ directory: join(root, 'store') });
  try {
    const expected = store.auditHead('n1');
    const audit = await AuditLog.open({
      directory: join(root, 'audit'),
      node: { id: 'n1', boot: 'b', version: '0' },
      clock,
      signer: createSigner(privateKey),
      onListenerFailure: (failure) => expect.unreachable(String(failure)),
      ...(expected === null ? {} : { expected }),
    });
    try {
      await refuseRolledBackStore(store.sequence, join(root, 'audit'));
      await work(store, new MutualWitness({ store, audit, node: 'n1', clock }), audit);
    } finally {
      await audit.close();
    }
  } finally {
    await store.close();
  }
}

function change(store: EmbeddedStore): Promise<void> {
  return store.factors.dropWord('nobody');
}

async function day(store: EmbeddedStore, witness: MutualWitness, audit: AuditLog): Promise<void> {
  await change(store);
  await audit.append({ type: 'node.started' });
  await witness.note();
  await change(store);
  await witness.witness();
  await witness.note();
}

test('both halves of one run go on, however often', async () => {
  for (let i = 0; i < 3; i++) await run(day);
});

test.each([
  ['store', 'store.rolled-back'],
  ['audit', 'audit.rolled-back'],
])('an older %s alone refuses to start', async (half, code) => {
  await run(day);
  await cp(join(root, half), join(root, 'old'), { recursive: true });
  await run(day);
  await rm(join(root, half), { recursive: true });
  await cp(join(root, 'old'), join(root, half), { recursive: true });
  await expect(run(day)).rejects.toMatchObject({ code });
});

test('both halves from one backup start', async () => {
  await run(day);
  await cp(root, `${root}-old`, { recursive: true });
  await run(day);
  await rm(root, { recursive: true });
  await cp(`${root}-old`, root, { recursive: true });
  await rm(`${root}-old`, { recursive: true });
  await run(day);
});

test('an idle daemon writes neither on, a busy one the log once a minute', async () => {
  await run(async (store, witness, audit) => {
    await witness.note();
    await change(store);
    for (let i = 0; i < 50; i++) {
      clock.advance(20_000);
      await witness.note();
    }
    const quiet = [store.sequence, audit.head.seq];
    for (let i = 0; i < 50; i++) {
      clock.advance(20_000);
      await witness.note();
    }
    expect([store.sequence, audit.head.seq]).toEqual(quiet);
    for (let i = 0; i < 6; i++) {
      clock.advance(20_000);
      await change(store);
      await witness.note();
    }
    // Two of ours in two minutes, and for each a checkpoint of the log's own.
    const written = audit.head.seq - (quiet[1] ?? 0);
    expect(written).toBeGreaterThanOrEqual(2);
    expect(written).toBeLessThanOrEqual(4);
  });
});
