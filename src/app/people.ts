/** People as approvals and access see them: as of now, with everything that somebody else may have made of them. */
import type { People, Person } from '../approval/ports.ts';
import { tokenFingerprint } from '../identity/api-tokens.ts';
import type { ApiToken, FactorStore, TokenStore, TotpFactor, UserStore } from '../identity/ports.ts';
import type { User } from '../model/user.ts';

export interface PeopleStores {
  readonly users: UserStore;
  readonly factors: FactorStore;
  readonly tokens: TokenStore;
}

/** The stores of identity behind the port of approval. */
export class StoredPeople implements People {
  readonly #stores: PeopleStores;

  constructor(stores: PeopleStores) {
    this.#stores = stores;
  }

  async find(name: string): Promise<Person | null> {
    const { users, factors, tokens } = this.#stores;
    const user = await users.find(name);
    return user === null ? null : personOf(user, await factors.find(name), await tokens.list());
  }

  async list(): Promise<readonly Person[]> {
    const { users, factors, tokens } = this.#stores;
    const [people, made] = [await users.list(), await tokens.list()];
    return Promise.all(people.map(async (user) => personOf(user, await factors.find(user.name), made)));
  }
}

function personOf(user: User, factor: TotpFactor | null, tokens: readonly ApiToken[]): Person {
  const { name, roles, disabled } = user;
  const hands =
    factor === null ? [] : factor.madeBy.map((by) => ({ what: 'factor', by, at: factor.createdAt }) as const);
  const touches = [
    { what: 'account', by: user.createdBy, at: user.createdAt } as const,
    { what: 'roles', by: user.rolesChangedBy, at: user.rolesChangedAt } as const,
    ...hands,
  ];
  return {
    name,
    roles,
    disabled,
    keys: [...user.keys, ...tokens.filter((one) => one.user === name).map(keyOf)],
    touches,
  };
}

/** A token stands for its person as a key does: a vote that was given with it lasts as long as it does. */
function keyOf(token: ApiToken): Person['keys'][number] {
  return { fingerprint: tokenFingerprint(token), addedAt: token.createdAt, addedBy: token.createdBy };
}
