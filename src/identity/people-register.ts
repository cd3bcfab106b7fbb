/** People as an approval judges them: who they are now, and who lately had a hand in that. */
import type { User } from '../model/user.ts';
import type { FactorStore, TotpFactor, UserStore } from './ports.ts';

/** Structurally the approval desk's `Person`. */
export interface RegisteredPerson {
  readonly name: string;
  readonly roles: readonly string[];
  readonly disabled: boolean;
  readonly keys: readonly { readonly fingerprint: string; readonly addedAt: number; readonly addedBy: string }[];
  readonly touches: readonly {
    readonly what: 'account' | 'roles' | 'factor';
    readonly by: string;
    readonly at: number;
  }[];
}

export class PeopleRegister {
  readonly #users: UserStore;
  readonly #factors: FactorStore;

  constructor(users: UserStore, factors: FactorStore) {
    this.#users = users;
    this.#factors = factors;
  }

  async find(name: string): Promise<RegisteredPerson | null> {
    const user = await this.#users.find(name);
    return user === null ? null : personOf(user, await this.#factors.find(name));
  }

  /** By name. */
  async list(): Promise<readonly RegisteredPerson[]> {
    const factors = new Map((await this.#factors.list()).map((factor) => [factor.user, factor]));
    return (await this.#users.list()).map((user) => personOf(user, factors.get(user.name) ?? null));
  }
}

function personOf(user: User, factor: TotpFactor | null): RegisteredPerson {
  const { name, roles, disabled, keys } = user;
  const hands = (factor?.madeBy ?? []).map((by) => ({ what: 'factor' as const, by, at: factor?.createdAt ?? 0 }));
  return {
    name,
    roles,
    disabled,
    keys,
    touches: [
      { what: 'account', by: user.createdBy, at: user.createdAt },
      { what: 'roles', by: user.rolesChangedBy, at: user.rolesChangedAt },
      ...hands,
    ],
  };
}
