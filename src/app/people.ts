/** People as approvals and access see them: as of now, with everything that somebody else may have made of them. */
import type { People, Person } from '../approval/ports.ts';
import type { FactorStore, TotpFactor, UserStore } from '../identity/ports.ts';
import type { User } from '../model/user.ts';

/** The stores of identity behind the port of approval. */
export class StoredPeople implements People {
  readonly #users: UserStore;
  readonly #factors: FactorStore;

  constructor(users: UserStore, factors: FactorStore) {
    this.#users = users;
    this.#factors = factors;
  }

  async find(name: string): Promise<Person | null> {
    const user = await this.#users.find(name);
    return user === null ? null : personOf(user, await this.#factors.find(name));
  }

  async list(): Promise<readonly Person[]> {
    const users = await this.#users.list();
    return Promise.all(users.map(async (user) => personOf(user, await this.#factors.find(user.name))));
  }
}

function personOf(user: User, factor: TotpFactor | null): Person {
  const { name, roles, disabled, keys } = user;
  const hands =
    factor === null ? [] : factor.madeBy.map((by) => ({ what: 'factor', by, at: factor.createdAt }) as const);
  const touches = [
    { what: 'account', by: user.createdBy, at: user.createdAt } as const,
    { what: 'roles', by: user.rolesChangedBy, at: user.rolesChangedAt } as const,
    ...hands,
  ];
  return { name, roles, disabled, keys, touches };
}
