/** Tokens of the HTTP API in the embedded store. */
import type { ApiToken, TokenStore } from '../../identity/ports.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';

export class EmbeddedTokenStore implements TokenStore {
  readonly #database: EmbeddedDatabase;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  async find(id: string): Promise<ApiToken | null> {
    return this.#database.get('tokens', id) ?? null;
  }

  async list(): Promise<readonly ApiToken[]> {
    return [...this.#database.all('tokens')].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  add(token: ApiToken, quota: number): Promise<'added' | 'exists' | 'no-such-user' | 'too-many'> {
    return this.#database.transact((transaction) => {
      if (transaction.get('users', token.user)?.disabled !== false) return 'no-such-user';
      const all = transaction.all('tokens');
      if (all.some(({ id, name }) => name === token.name || id === token.id)) return 'exists';
      if (all.filter(({ user }) => user === token.user).length >= quota) return 'too-many';
      transaction.put('tokens', token.id, token);
      return 'added';
    });
  }

  remove(id: string): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('tokens', id) !== undefined;
      transaction.remove('tokens', id);
      return found;
    });
  }

  countWrongCode(id: string, outcome: 'wrong' | 'right'): Promise<number | null> {
    return this.#database.transact((transaction) => {
      const token = transaction.get('tokens', id);
      if (token === undefined) return null;
      const wrongCodes = outcome === 'right' ? 0 : token.wrongCodes + 1;
      if (wrongCodes !== token.wrongCodes) transaction.put('tokens', id, { ...token, wrongCodes });
      return wrongCodes;
    });
  }
}
