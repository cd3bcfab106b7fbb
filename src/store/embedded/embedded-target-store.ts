/** Targets in the embedded store. */
import { isDeepStrictEqual } from 'node:util';
import type { Target } from '../../model/target.ts';
import type { TargetStore } from '../../target/ports.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';

export class EmbeddedTargetStore implements TargetStore {
  readonly #database: EmbeddedDatabase;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  async find(name: string): Promise<Target | null> {
    return this.#database.get('targets', name) ?? null;
  }

  async list(): Promise<readonly Target[]> {
    return [...this.#database.all('targets')].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  add(target: Target): Promise<'added' | 'exists'> {
    return this.#database.transact((transaction) => {
      if (transaction.get('targets', target.name) !== undefined) return 'exists';
      transaction.put('targets', target.name, target);
      return 'added';
    });
  }

  replace(previous: Target, next: Target): Promise<'replaced' | 'changed-meanwhile' | 'no-such-target'> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('targets', previous.name);
      if (found === undefined) return 'no-such-target';
      if (!isDeepStrictEqual(found, previous)) return 'changed-meanwhile';
      transaction.put('targets', previous.name, { ...next, name: previous.name });
      return 'replaced';
    });
  }

  remove(name: string): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('targets', name) !== undefined;
      transaction.remove('targets', name);
      return found;
    });
  }
}
