/**
 * Held requests and the short ids they are called by, in the embedded store. News of a change go into the outbox in
 * the same transaction, so that neither is there without the other.
 */
import { afterPass } from '../../approval/break-glass-ports.ts';
import { afterUse } from '../../approval/grant-ports.ts';
import {
  type ApprovalStore,
  type ConsumeBinding,
  type HeldRequest,
  isEnded,
  type OpenLimits,
} from '../../approval/ports.ts';
import type { RequestId, RequestUid } from '../../model/names.ts';
import type { EmbeddedDatabase, Transaction } from './embedded-database.ts';
import type { EmbeddedOutboxStore } from './embedded-outbox-store.ts';

export class EmbeddedApprovalStore implements ApprovalStore {
  readonly #database: EmbeddedDatabase;
  readonly #outbox: EmbeddedOutboxStore;

  constructor(database: EmbeddedDatabase, outbox: EmbeddedOutboxStore) {
    this.#database = database;
    this.#outbox = outbox;
  }

  open(request: HeldRequest, limits: OpenLimits): Promise<'opened' | 'id-taken' | 'too-many'> {
    return this.#database.transact((transaction) => {
      const { user } = request.statement;
      if (openOnesOf(transaction, user) >= limits.quota) return 'too-many';
      if (!takeShortId(transaction, request.id, request.createdAt, limits.reuseAfter)) {
        return 'id-taken';
      }
      this.#put(transaction, null, request);
      return 'opened';
    });
  }

  async find(uid: RequestUid): Promise<HeldRequest | null> {
    return this.#database.get('requests', uid) ?? null;
  }

  async findById(id: RequestId): Promise<HeldRequest | null> {
    const found = this.#database.all('requests').filter((request) => request.id === id);
    return found.sort((a, b) => b.createdAt - a.createdAt)[0] ?? null;
  }

  async list(): Promise<readonly HeldRequest[]> {
    return [...this.#database.all('requests')].sort((a, b) => a.createdAt - b.createdAt);
  }

  advance(next: HeldRequest): Promise<'advanced' | 'changed-meanwhile' | 'gone'> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('requests', next.statement.uid);
      if (found === undefined) return 'gone';
      if (found.version !== next.version - 1 || isEnded(found.state)) return 'changed-meanwhile';
      this.#put(transaction, found, next);
      return 'advanced';
    });
  }

  consume(uid: RequestUid, binding: ConsumeBinding, now: number): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('requests', uid);
      if (found === undefined || !mayConsume(found, binding, now)) return false;
      if (found.byGrant !== undefined && !spendUse(transaction, found.byGrant.uid, found, now)) return false;
      if (found.byBreakGlass !== undefined && !countPass(transaction, found.byBreakGlass.uid, found, now)) return false;
      this.#put(transaction, found, { ...found, state: 'released', version: found.version + 1 });
      return true;
    });
  }

  expireUnused(uid: RequestUid, ending: string, now: number): Promise<void> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('requests', uid);
      if (found?.state !== 'released') return;
      const expired = { ...found, state: 'expired' as const, ending, decidedAt: now, version: found.version + 1 };
      this.#put(transaction, found, expired);
    });
  }

  prune(before: number, idsBefore: number): Promise<number> {
    return this.#database.transact((transaction) => {
      const old = transaction.all('requests').filter((request) => isOld(request, before));
      for (const request of old) transaction.remove('requests', request.statement.uid);
      for (const id of this.#staleIds(transaction, idsBefore)) transaction.remove('shortIds', id);
      return old.length;
    });
  }

  #put(transaction: Transaction, before: HeldRequest | null, after: HeldRequest): void {
    transaction.put('requests', after.statement.uid, after);
    this.#outbox.put(transaction, { kind: 'request', before, after });
  }

  #staleIds(transaction: Transaction, before: number): readonly string[] {
    return transaction
      .all('shortIds')
      .filter((use) => use.usedAt < before)
      .map((use) => use.id);
  }
}

/** Notes the use of a short id; false when it was used within `reuseAfter` ms. */
function takeShortId(transaction: Transaction, id: string, now: number, reuseAfter: number): boolean {
  const use = transaction.get('shortIds', id);
  if (use !== undefined && now - use.usedAt < reuseAfter) return false;
  transaction.put('shortIds', id, { id, usedAt: now });
  return true;
}

function openOnesOf(transaction: Transaction, user: string): number {
  const all = transaction.all('requests');
  return all.filter((request) => request.statement.user === user && !isEnded(request.state)).length;
}

function mayConsume(found: HeldRequest, binding: ConsumeBinding, now: number): boolean {
  return (
    found.state === 'approved' &&
    found.version === binding.version &&
    found.boot === binding.boot &&
    found.digest === binding.digest &&
    found.statement.session === binding.session &&
    found.statement.channel === binding.channel &&
    now < found.statement.expiresAt
  );
}

/** In the transaction of the request that passes: a use is spent with it or not at all. */
function spendUse(transaction: Transaction, uid: RequestUid, pass: HeldRequest, now: number): boolean {
  const grant = transaction.get('commandGrants', uid);
  const next = grant === undefined ? null : afterUse(grant, pass, now);
  if (next !== null) transaction.put('commandGrants', uid, next);
  return next !== null;
}

/** In the transaction of the request that passes. */
function countPass(transaction: Transaction, uid: RequestUid, pass: HeldRequest, now: number): boolean {
  const open = transaction.get('breakGlasses', uid);
  const next = open === undefined ? null : afterPass(open, pass, now);
  if (next !== null) transaction.put('breakGlasses', uid, next);
  return next !== null;
}

function isOld(request: HeldRequest, before: number): boolean {
  return isEnded(request.state) && (request.decidedAt ?? request.createdAt) < before;
}
