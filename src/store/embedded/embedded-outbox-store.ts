/** News that have not been delivered yet, in the embedded store. */
import type { Announcer, Change, OutboxEntry, OutboxStore } from '../../notify/ports.ts';
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

  /** Puts in what this change gives to tell; called in the transaction of the change. */
  put(transaction: Transaction, change: Change): void {
    const drafts = this.#announcer(change);
    if (drafts.length === 0) return;
    const last = Math.max(0, ...transaction.all('outbox').map(({ number }) => number));
    for (const [index, draft] of drafts.entries()) {
      transaction.put('outbox', draft.id, { ...draft, number: last + 1 + index });
    }
  }
}
