/** The lockdown switch in the embedded store. */
import type { LockdownStore } from '../../approval/lockdown.ts';
import type { Lockdown } from '../../model/lockdown.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';

const ID = 'current';

export class EmbeddedLockdownStore implements LockdownStore {
  readonly #database: EmbeddedDatabase;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  get current(): Lockdown | null {
    return this.#database.get('lockdowns', ID) ?? null;
  }

  set(lockdown: Lockdown | null): Promise<void> {
    return this.#database.transact((transaction) => {
      if (lockdown === null) transaction.remove('lockdowns', ID);
      else transaction.put('lockdowns', ID, lockdown);
    });
  }
}
