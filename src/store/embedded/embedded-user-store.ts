/** People in the embedded store. */
import { type Change, mayCounterBe, type UserStore } from '../../identity/ports.ts';
import type { User, UserKey } from '../../model/user.ts';
import type { EmbeddedDatabase, Transaction } from './embedded-database.ts';

export class EmbeddedUserStore implements UserStore {
  readonly #database: EmbeddedDatabase;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  async find(name: string): Promise<User | null> {
    return this.#database.get('users', name) ?? null;
  }

  async list(): Promise<readonly User[]> {
    return byName(this.#database.all('users'));
  }

  async ownerOf(blob: string): Promise<string | null> {
    return ownerOf(this.#database.all('users'), blob);
  }

  add(user: User): Promise<'added' | 'exists' | 'key-taken'> {
    return this.#database.transact((transaction) => {
      if (transaction.get('users', user.name) !== undefined) return 'exists';
      if (user.keys.some((key) => isTaken(transaction, key))) return 'key-taken';
      transaction.put('users', user.name, user);
      return 'added';
    });
  }

  addKey(name: string, key: UserKey): Promise<'added' | 'no-such-user' | 'key-taken'> {
    return this.#database.transact((transaction) => {
      const user = transaction.get('users', name);
      if (user === undefined) return 'no-such-user';
      if (isTaken(transaction, key)) return 'key-taken';
      transaction.put('users', name, { ...user, keys: [...user.keys, key] });
      return 'added';
    });
  }

  removeKey(name: string, fingerprint: string): Promise<boolean> {
    return this.#change(name, (user) => {
      const keys = user.keys.filter((key) => key.fingerprint !== fingerprint);
      return keys.length === user.keys.length ? null : { ...user, keys };
    });
  }

  raiseKeyCounter(name: string, fingerprint: string, counter: number): Promise<'raised' | 'went-back' | 'gone'> {
    return this.#database.transact((transaction) => {
      const user = transaction.get('users', name);
      const key = user?.keys.find((one) => one.fingerprint === fingerprint);
      if (user === undefined || key === undefined) return 'gone';
      if (!mayCounterBe(counter, key.counter)) return 'went-back';
      const keys = user.keys.map((one) => (one === key ? { ...key, counter } : one));
      transaction.put('users', name, { ...user, keys });
      return 'raised';
    });
  }

  setDisabled(name: string, disabled: boolean, change: Change): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const user = transaction.get('users', name);
      if (user === undefined) return false;
      if (disabled) removeTokens(transaction, name);
      const touched = disabled ? {} : changedBy(change);
      transaction.put('users', name, { ...user, disabled, ...touched });
      return true;
    });
  }

  setRoles(name: string, roles: readonly string[], change: Change): Promise<boolean> {
    return this.#change(name, (user) => ({ ...user, roles, ...changedBy(change) }));
  }

  setPhrase(name: string, phrase: string): Promise<boolean> {
    return this.#change(name, (user) => ({ ...user, phrase }));
  }

  remove(name: string): Promise<boolean> {
    return this.#database.transact((transaction) => {
      if (transaction.get('users', name) === undefined) return false;
      transaction.remove('users', name);
      transaction.remove('factors', name);
      transaction.remove('enrolments', name);
      transaction.remove('words', name);
      removeTokens(transaction, name);
      return true;
    });
  }

  #change(name: string, change: (user: User) => User | null): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const user = transaction.get('users', name);
      const changed = user === undefined ? null : change(user);
      if (changed === null) return false;
      transaction.put('users', name, changed);
      return true;
    });
  }
}

function removeTokens(transaction: Transaction, user: string): void {
  const own = transaction.all('tokens').filter((token) => token.user === user);
  for (const token of own) transaction.remove('tokens', token.id);
}

function changedBy(change: Change): { rolesChangedAt: number; rolesChangedBy: string } {
  return { rolesChangedAt: change.at, rolesChangedBy: change.by };
}

function isTaken(transaction: Transaction, key: UserKey): boolean {
  return ownerOf(transaction.all('users'), key.blob) !== null;
}

function ownerOf(users: readonly User[], blob: string): string | null {
  return users.find((user) => user.keys.some((key) => key.blob === blob))?.name ?? null;
}

function byName(users: readonly User[]): readonly User[] {
  return [...users].sort((a, b) => (a.name < b.name ? -1 : 1));
}
