/** Time-boxed access in the embedded store. */
import type { AccessGrant, AccessGrantState, AccessGrantStore } from '../../approval/ports.ts';
import type { RequestId, RequestUid } from '../../model/names.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';

export class EmbeddedAccessGrantStore implements AccessGrantStore {
  readonly #database: EmbeddedDatabase;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  add(grant: AccessGrant): Promise<boolean> {
    return this.#database.transact((transaction) => {
      if (transaction.get('accessGrants', grant.uid) !== undefined) return false;
      transaction.put('accessGrants', grant.uid, grant);
      return true;
    });
  }

  async find(id: RequestId): Promise<AccessGrant | null> {
    return (await this.list()).filter((grant) => grant.id === id).at(-1) ?? null;
  }

  async list(): Promise<readonly AccessGrant[]> {
    return [...this.#database.all('accessGrants')].sort((a, b) => a.from - b.from);
  }

  end(uid: RequestUid, state: Exclude<AccessGrantState, 'active'>, by: string | null, at: number): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('accessGrants', uid);
      if (found?.state !== 'active') return false;
      transaction.put('accessGrants', uid, { ...found, state, endedAt: at, endedBy: by });
      return true;
    });
  }

  prune(before: number): Promise<void> {
    return this.#database.transact((transaction) => {
      for (const grant of transaction.all('accessGrants')) {
        if (grant.endedAt !== null && grant.endedAt < before) transaction.remove('accessGrants', grant.uid);
      }
    });
  }
}
