/**
 * `heldline restore`: puts a backup back where no daemon runs. What was there is moved aside, never deleted; an
 * audit log that goes on from the backup is kept, for evidence is not rolled back. Nothing that was permitted when
 * the backup was made is permitted afterwards.
 */
import { access, appendFile, mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AuditLog } from '../../audit/audit-log.ts';
import { readAudit } from '../../audit/read.ts';
import type { Clock } from '../../base/clock.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { randomHex } from '../../base/ids.ts';
import { createSigner } from '../../base/signing.ts';
import type { Config } from '../../config/config.ts';
import { auditHeadIn, type PutBackReport, putStoreBack } from '../../store/embedded/copy-store.ts';
import { OwnershipLock } from '../../store/embedded/ownership-lock.ts';
import { lastWitnessed } from '../../store/mutual-witness.ts';
import { peekLockdown } from '../inventory.ts';
import { readKeys } from '../key-files.ts';
import { NODE, type StateLayout, stateLayout } from '../open-state.ts';
import { VERSION } from '../version.ts';
import { type ArchiveHeader, checkArchive, readArchive } from './archive.ts';

export interface RestoreParts {
  /** The backup. */
  readonly file: string;
  /** Where the configuration is, or is written from the backup when there is none. */
  readonly configFile: string;
  readonly readConfig: () => Promise<Config>;
  readonly clock: Clock;
  /** Account of the operating system, for the log. */
  readonly account: string;
}

export interface RestoreReport extends PutBackReport {
  readonly createdAt: string;
  /** What was there and lies aside now. */
  readonly movedAside: readonly string[];
}

/** @throws HeldlineError `backup.damaged`, `store.owned` (kind conflict) while a daemon runs */
export async function restore(parts: RestoreParts): Promise<RestoreReport> {
  const header = await checkArchive(parts.file);
  if (!(await exists(parts.configFile))) await restoreConfig(parts);
  const { paths } = await parts.readConfig();
  const layout = stateLayout(paths.state);
  const lock = (await exists(layout.store)) ? await OwnershipLock.acquire(layout.store) : null;
  try {
    return await replaceState(parts, { header, layout, policy: paths.policy });
  } finally {
    await lock?.release();
  }
}

interface Place {
  readonly header: ArchiveHeader;
  readonly layout: StateLayout;
  /** Directory of the policy files. */
  readonly policy: string;
}

async function replaceState(parts: RestoreParts, { header, layout, policy }: Place): Promise<RestoreReport> {
  const copy = await storeCopy(parts.file);
  const lockdown = await peekLockdown(layout.store);
  const keepsLog = await containsHead(layout.audit, auditHeadIn(copy, NODE));
  const replaced = [layout.store, layout.keys, policy, ...(keepsLog ? [] : [layout.audit])];
  const movedAside = await moveAside(replaced, parts.clock.now());
  const folders = {
    policy,
    keys: layout.keys,
    policies: layout.policies,
    ...(keepsLog ? {} : { audit: layout.audit }),
  };
  await writeFiles(parts.file, folders);
  await mkdir(layout.recordings, { recursive: true, mode: 0o700 });
  await mkdir(layout.audit, { recursive: true, mode: 0o700 });
  const above = (await lastWitnessed(layout.audit)) ?? 0;
  const report = await putStoreBack(layout.store, copy, { now: parts.clock.now(), above, lockdown });
  await writeDown(parts, layout, { ...report, created_at: header.created_at });
  return { ...report, createdAt: header.created_at, movedAside };
}

async function restoreConfig({ file, configFile }: RestoreParts): Promise<void> {
  await mkdir(dirname(configFile), { recursive: true, mode: 0o700 });
  for await (const { path, data } of readArchive(file)) {
    if (path.startsWith('config/')) await appendFile(configFile, data, { mode: 0o600 });
  }
}

async function storeCopy(file: string): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const { path, data } of readArchive(file)) if (path === 'store/snapshot.json') pieces.push(data);
  if (pieces.length > 0) return Buffer.concat(pieces).toString('utf8');
  throw new HeldlineError('backup.damaged', `there is no store in ${file}`, { kind: 'check-failed' });
}

/** Whether the log on the disk goes on from the head that the backup's store remembers. */
async function containsHead(directory: string, head: { seq: number; hash: string } | null): Promise<boolean> {
  if (!(await exists(directory))) return false;
  for await (const entry of readAudit(directory)) {
    if (head === null) return true;
    if (entry.kind === 'event' && entry.event.seq === head.seq) return entry.event.hash === head.hash;
  }
  return false;
}

async function moveAside(paths: readonly string[], now: number): Promise<string[]> {
  const stamp = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
  const moved: string[] = [];
  for (const path of paths) {
    if (!(await exists(path))) continue;
    const aside = `${path}.before-restore-${stamp}-${randomHex(2)}`;
    await rename(path, aside);
    moved.push(aside);
  }
  return moved;
}

/** Everything but the store, of the wanted folders; policies that are there already are the same by their names. */
async function writeFiles(file: string, folders: Readonly<Record<string, string>>): Promise<void> {
  const skipped = new Set<string>();
  const begun = new Set<string>();
  for await (const { path, data } of readArchive(file)) {
    const directory = folders[dirname(path)];
    if (directory === undefined || skipped.has(path)) continue;
    const target = join(directory, basename(path));
    if (!begun.has(path) && (await exists(target))) {
      skipped.add(path);
      continue;
    }
    begun.add(path);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await appendFile(target, data, { mode: 0o600 });
  }
}

async function writeDown(
  { clock, account, file }: RestoreParts,
  layout: StateLayout,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  const signer = createSigner((await readKeys(layout.keys)).signing);
  const node = { id: NODE, boot: randomHex(8), version: VERSION };
  const log = await AuditLog.open({ directory: layout.audit, node, clock, signer, onListenerFailure: () => {} });
  try {
    await log.append({ type: 'store.restored', actor: { user: account }, detail: { file: basename(file), ...detail } });
  } finally {
    await log.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
