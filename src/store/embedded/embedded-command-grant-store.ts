/** Remembered approvals in the embedded store; their uses are spent by `EmbeddedApprovalStore`. */
import type { CommandGrant, CommandGrantStore, GrantEnd } from '../../approval/grant-ports.ts';
import type { RequestUid } from '../../model/names.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';

export class EmbeddedCommandGrantStore implements CommandGrantStore {
  readonly #database: EmbeddedDatabase;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  add(grant: CommandGrant): Promise<boolean> {
    return this.#database.transact((transaction) => {
      if (transaction.get('commandGrants', grant.uid) !== undefined) return false;
      transaction.put('commandGrants', grant.uid, grant);
      return true;
    });
  }

  async find(uid: RequestUid): Promise<CommandGrant | null> {
    return this.#database.get('commandGrants', uid) ?? null;
  }

  async list(): Promise<readonly CommandGrant[]> {
    return [...this.#database.all('commandGrants')].sort((a, b) => a.from - b.from);
  }

  end(uid: RequestUid, { state, by, why, at }: GrantEnd): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('commandGrants', uid);
      if (found?.state !== 'active') return false;
      transaction.put('commandGrants', uid, { ...found, state, endedAt: at, endedBy: by, ending: why });
      return true;
    });
  }

  prune(before: number): Promise<void> {
    return this.#database.transact((transaction) => {
      for (const grant of transaction.all('commandGrants')) {
        if (grant.endedAt !== null && grant.endedAt < before) transaction.remove('commandGrants', grant.uid);
      }
    });
  }
}
