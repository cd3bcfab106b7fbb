/** Opens everything that lies under the state directory, in the one order that is safe, and closes it again. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import { randomHex } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { createSigner, type Signer } from '../base/signing.ts';
import { SealingKey } from '../identity/sealing-key.ts';
import { Sealer } from '../recording/sealer.ts';
import { EmbeddedStore } from '../store/embedded/embedded-store.ts';
import { MutualWitness, refuseRolledBackStore } from '../store/mutual-witness.ts';
import { createKeys, type OwnKeys, readKeys } from './key-files.ts';
import { VERSION } from './version.ts';

/** Where things lie under the state directory. */
export interface StateLayout {
  readonly store: string;
  readonly keys: string;
  readonly sealingKey: string;
  readonly recordings: string;
  readonly audit: string;
  readonly policies: string;
}

/** One daemon's state, owned until `close`. */
export interface State {
  readonly layout: StateLayout;
  readonly node: { readonly id: string; readonly boot: string; readonly version: string };
  readonly store: EmbeddedStore;
  readonly keys: OwnKeys;
  readonly sealing: SealingKey;
  readonly signer: Signer;
  readonly audit: AuditLog;
  readonly sealer: Sealer;
  /** Store and audit log remember each other through it. */
  readonly witness: MutualWitness;
  close(): Promise<void>;
}

/** The only node there is; several nodes need another store. */
export const NODE = 'main';

export function stateLayout(directory: string): StateLayout {
  const keys = join(directory, 'keys');
  return {
    store: join(directory, 'store'),
    keys,
    sealingKey: join(keys, 'sealing.key'),
    recordings: join(directory, 'recordings'),
    audit: join(directory, 'audit', NODE),
    policies: join(directory, 'policies'),
  };
}

/** Makes an empty state with new keys. @throws HeldlineError when there is one already */
export async function initialiseState(directory: string, hostName: string): Promise<void> {
  const layout = stateLayout(directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await EmbeddedStore.initialise(layout.store);
  await createKeys(layout.keys, hostName);
  SealingKey.create(layout.sealingKey);
  for (const path of [layout.recordings, layout.audit, layout.policies])
    await mkdir(path, { recursive: true, mode: 0o700 });
}

/**
 * Takes ownership of the state and opens it.
 * @throws HeldlineError when another daemon owns it, when something is missing or damaged, or when store and
 * audit log do not belong together
 */
export async function openState(directory: string, clock: Clock, logger: Logger): Promise<State> {
  const layout = stateLayout(directory);
  const reportListener = (failure: unknown): void =>
    logger.error('a listener failed', { failure: describeFailure(failure) });
  const store = await EmbeddedStore.open({ directory: layout.store });
  try {
    const keys = await readKeys(layout.keys);
    const sealing = SealingKey.open(layout.sealingKey);
    const signer = createSigner(keys.signing);
    const node = { id: NODE, boot: randomHex(8), version: VERSION };
    const expected = store.auditHead(NODE);
    const log = { directory: layout.audit, node, clock, signer, onListenerFailure: reportListener };
    const audit = await AuditLog.open(expected === null ? log : { ...log, expected });
    await refuseRolledBackStore(store.sequence, layout.audit);
    const witness = new MutualWitness({ store, audit, node: NODE, clock });
    const sealer = await Sealer.open(layout.recordings, NODE, signer);
    return {
      layout,
      node,
      store,
      keys,
      sealing,
      signer,
      audit,
      sealer,
      witness,
      close: () => closeState(store, audit, witness),
    };
  } catch (failure) {
    await store.close();
    throw failure;
  }
}

async function closeState(store: EmbeddedStore, audit: AuditLog, witness: MutualWitness): Promise<void> {
  await witness.witness();
  await audit.close();
  await store.noteAuditHead(NODE, audit.head);
  await store.close();
}
