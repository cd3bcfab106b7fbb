/** News of requests that have not been delivered yet, in the embedded store. */
import type { HeldRequest } from '../../approval/ports.ts';
import type { Announcer, OutboxEntry, OutboxStore } from '../../notify/ports.ts';
import type { EmbeddedDatabase, Transaction } from './embedded-database.ts';

export class EmbeddedOutboxStore implements OutboxStore {
  readonly #database: EmbeddedDatabase;
  #announcer: Announcer = () => [];

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  announceWith(announcer: Announcer): void {
    this.#announcer = announcer;
  }

  async list(): Promise<readonly OutboxEntry[]> {
    return [...this.#database.all('outbox')].sort((a, b) => a.number - b.number);
  }

  remove(ids: readonly string[]): Promise<void> {
    return this.#database.transact((transaction) => {
      for (const id of ids) transaction.remove('outbox', id);
    });
  }

  /** Puts in what this change gives to tell; called by the store of requests in the transaction of the change. */
  put(transaction: Transaction, before: HeldRequest | null, after: HeldRequest): void {
    const drafts = this.#announcer(before, after);
    if (drafts.length === 0) return;
    const last = Math.max(0, ...transaction.all('outbox').map(({ number }) => number));
    for (const [index, draft] of drafts.entries()) {
      transaction.put('outbox', draft.id, { ...draft, number: last + 1 + index });
    }
  }
}
