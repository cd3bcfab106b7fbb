/**
 * The store as one text, for a backup: read beside a running daemon or without one, and put back later. What is
 * put back permits nothing that was permitted: grants are revoked, open requests are over, tokens are gone.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isEnded } from '../../approval/ports.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import type { Lockdown } from '../../model/lockdown.ts';
import { DurableJSONFile } from './durable-json-file.ts';
import { Journal, parseRecords } from './journal.ts';
import { checkSnapshot, mapsOf, replay, snapshotOf } from './snapshot.ts';
import type { Note, TableMaps } from './tables.ts';

const TRIES = 5;

/** Everything that is durable at this moment. @throws HeldlineError `store.damaged`, `store.schema`, `store.busy` */
export async function copyStore(directory: string): Promise<string> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await readFile(snapshotPath(directory), 'utf8');
    const journal = await readFile(journalPath(directory), 'utf8');
    // A snapshot that was written in between does not fit the journal that was read.
    if (before !== (await readFile(snapshotPath(directory), 'utf8'))) continue;
    const snapshot = checkSnapshot(JSON.parse(before));
    const maps = mapsOf(snapshot);
    const whole = journal.slice(0, journal.lastIndexOf('\n') + 1);
    const seq = replay(maps, snapshot.seq, parseRecords(journalPath(directory), whole));
    return JSON.stringify(snapshotOf(maps, seq));
  }
  throw new HeldlineError('store.busy', 'The store changes too fast to be copied; try again.', { kind: 'conflict' });
}

export interface PutBackOptions {
  /** ms since the epoch */
  readonly now: number;
  /** The new sequence is above this, so that an audit log that saw a later store goes on with it. */
  readonly above: number;
  /** A lockdown that stays in force whatever the copy says. */
  readonly lockdown: Lockdown | null;
}

export interface PutBackReport {
  readonly grantsRevoked: number;
  readonly requestsEnded: number;
}

/** Makes a store of a copy in a directory that has none. @throws HeldlineError `store.damaged`, `store.schema` */
export async function putStoreBack(directory: string, copy: string, options: PutBackOptions): Promise<PutBackReport> {
  const snapshot = checkSnapshot(JSON.parse(copy));
  const maps = mapsOf(snapshot);
  const grantsRevoked = revokeGrants(maps, options.now);
  const requestsEnded = endRequests(maps, options.now);
  // News of the time before the backup: told then, or too old to tell.
  maps.outbox.clear();
  // One that was removed since the backup must not come back.
  maps.tokens.clear();
  if (options.lockdown !== null) maps.lockdowns.set('current', options.lockdown);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await Journal.create(journalPath(directory));
  const file = new DurableJSONFile(snapshotPath(directory), checkSnapshot);
  await file.write(snapshotOf(maps, Math.max(snapshot.seq, options.above) + 1));
  return { grantsRevoked, requestsEnded };
}

/** The head of a node's audit log as the copy remembers it. */
export function auditHeadIn(copy: string, node: string): Note | null {
  return mapsOf(checkSnapshot(JSON.parse(copy))).notes.get(`audit-head/${node}`) ?? null;
}

function revokeGrants({ accessGrants, commandGrants, breakGlasses }: TableMaps, now: number): number {
  const active = [...accessGrants.values()].filter(({ state }) => state === 'active');
  for (const grant of active) {
    accessGrants.set(grant.uid, { ...grant, state: 'revoked', endedAt: now, endedBy: 'restore' });
  }
  const remembered = [...commandGrants.values()].filter(({ state }) => state === 'active');
  for (const grant of remembered) {
    const ended = { state: 'voided', endedAt: now, endedBy: null, ending: 'the state was restored' } as const;
    commandGrants.set(grant.uid, { ...grant, ...ended });
  }
  const open = [...breakGlasses.values()].filter(({ state }) => state === 'open');
  for (const one of open) {
    const ended = { state: 'ended', endedAt: now, ending: 'the state was restored' } as const;
    breakGlasses.set(one.uid, { ...one, ...ended });
  }
  return active.length + remembered.length + open.length;
}

function endRequests({ requests }: TableMaps, now: number): number {
  const open = [...requests.values()].filter(({ state }) => !isEnded(state));
  for (const request of open) {
    const ended = { state: 'expired', ending: 'the state was restored from a backup', decidedAt: now } as const;
    requests.set(request.statement.uid, { ...request, ...ended, version: request.version + 1 });
  }
  return open.length;
}

function snapshotPath(directory: string): string {
  return join(directory, 'snapshot.json');
}

function journalPath(directory: string): string {
  return join(directory, 'journal.ndjson');
}
