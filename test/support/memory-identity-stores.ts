/** People and factors without a disk, with the rules of the ports; for tests of identity. */
import {
  type ApiToken,
  type Change,
  type EnrolmentWord,
  type FactorStore,
  mayCounterBe,
  type PendingEnrolment,
  type Throttle,
  type TokenStore,
  type TotpFactor,
  type UserStore,
} from '../../src/identity/ports.ts';
import type { User, UserKey } from '../../src/model/user.ts';

export class MemoryUserStore implements UserStore {
  readonly users: Map<string, User> = new Map();

  async find(name: string): Promise<User | null> {
    return this.users.get(name) ?? null;
  }

  async list(): Promise<readonly User[]> {
    return [...this.users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async ownerOf(blob: string): Promise<string | null> {
    return [...this.users.values()].find((user) => user.keys.some((key) => key.blob === blob))?.name ?? null;
  }

  async add(user: User): Promise<'added' | 'exists' | 'key-taken'> {
    if (this.users.has(user.name)) return 'exists';
    for (const key of user.keys) if ((await this.ownerOf(key.blob)) !== null) return 'key-taken';
    this.users.set(user.name, user);
    return 'added';
  }

  async addKey(name: string, key: UserKey): Promise<'added' | 'no-such-user' | 'key-taken'> {
    const user = this.users.get(name);
    if (user === undefined) return 'no-such-user';
    if ((await this.ownerOf(key.blob)) !== null) return 'key-taken';
    this.users.set(name, { ...user, keys: [...user.keys, key] });
    return 'added';
  }

  async removeKey(name: string, fingerprint: string): Promise<boolean> {
    const before = this.users.get(name)?.keys.length ?? 0;
    this.#change(name, (user) => ({ ...user, keys: user.keys.filter((key) => key.fingerprint !== fingerprint) }));
    return this.users.get(name)?.keys.length === before - 1;
  }

  async raiseKeyCounter(name: string, fingerprint: string, counter: number): Promise<'raised' | 'went-back' | 'gone'> {
    const key = this.users.get(name)?.keys.find((one) => one.fingerprint === fingerprint);
    if (key === undefined) return 'gone';
    if (!mayCounterBe(counter, key.counter)) return 'went-back';
    this.#change(name, (user) => ({
      ...user,
      keys: user.keys.map((one) => (one === key ? { ...key, counter } : one)),
    }));
    return 'raised';
  }

  async setDisabled(name: string, disabled: boolean, change: Change): Promise<boolean> {
    const changed = disabled ? {} : { rolesChangedAt: change.at, rolesChangedBy: change.by };
    return this.#change(name, (user) => ({ ...user, disabled, ...changed }));
  }

  async setRoles(name: string, roles: readonly string[], change: Change): Promise<boolean> {
    return this.#change(name, (user) => ({ ...user, roles, rolesChangedAt: change.at, rolesChangedBy: change.by }));
  }

  async setPhrase(name: string, phrase: string): Promise<boolean> {
    return this.#change(name, (user) => ({ ...user, phrase }));
  }

  async remove(name: string): Promise<boolean> {
    return this.users.delete(name);
  }

  #change(name: string, change: (user: User) => User): boolean {
    const user = this.users.get(name);
    if (user !== undefined) this.users.set(name, change(user));
    return user !== undefined;
  }
}

export class MemoryFactorStore implements FactorStore {
  readonly factors: Map<string, TotpFactor> = new Map();
  readonly enrolments: Map<string, PendingEnrolment> = new Map();
  readonly words: Map<string, EnrolmentWord> = new Map();
  readonly #users: MemoryUserStore;

  constructor(users: MemoryUserStore) {
    this.#users = users;
  }

  async find(user: string): Promise<TotpFactor | null> {
    return this.factors.get(user) ?? null;
  }

  async list(): Promise<readonly TotpFactor[]> {
    return [...this.factors.values()];
  }

  async burnStep(user: string, factor: string, step: number): Promise<'burnt' | 'replayed' | 'gone'> {
    const found = this.factors.get(user);
    if (found?.id !== factor) return 'gone';
    if ((found.lastStep !== null && step <= found.lastStep) || found.burnt.includes(step)) return 'replayed';
    this.factors.set(user, { ...found, lastStep: step, burnt: found.burnt.filter((later) => later > step) });
    return 'burnt';
  }

  async burnLater(user: string, factor: string, step: number): Promise<void> {
    const found = this.factors.get(user);
    if (found?.id === factor) this.factors.set(user, { ...found, burnt: [...new Set([...found.burnt, step])] });
  }

  async saveThrottle(user: string, factor: string, throttle: Throttle): Promise<void> {
    const found = this.factors.get(user);
    if (found?.id === factor) this.factors.set(user, { ...found, throttle });
  }

  async install(factor: TotpFactor): Promise<'installed' | 'no-such-user'> {
    if (!this.#users.users.has(factor.user)) return 'no-such-user';
    this.factors.set(factor.user, factor);
    this.enrolments.delete(factor.user);
    this.words.delete(factor.user);
    return 'installed';
  }

  async remove(user: string): Promise<boolean> {
    this.enrolments.delete(user);
    return this.factors.delete(user);
  }

  async spendRecovery(user: string, hash: string): Promise<boolean> {
    const found = this.factors.get(user);
    const rest = found?.recovery.filter((code) => code.hash !== hash);
    if (found === undefined || rest === undefined || rest.length === found.recovery.length) return false;
    this.factors.set(user, { ...found, recovery: rest });
    return true;
  }

  async pending(user: string): Promise<PendingEnrolment | null> {
    return this.enrolments.get(user) ?? null;
  }

  async savePending(enrolment: PendingEnrolment): Promise<void> {
    this.enrolments.set(enrolment.user, enrolment);
  }

  async word(user: string): Promise<EnrolmentWord | null> {
    return this.words.get(user) ?? null;
  }

  async saveWord(word: EnrolmentWord): Promise<void> {
    this.words.set(word.user, word);
  }

  async dropWord(user: string): Promise<void> {
    this.words.delete(user);
  }
}

export class MemoryTokenStore implements TokenStore {
  readonly tokens: Map<string, ApiToken> = new Map();

  async find(id: string): Promise<ApiToken | null> {
    return this.tokens.get(id) ?? null;
  }

  async list(): Promise<readonly ApiToken[]> {
    return [...this.tokens.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async add(token: ApiToken, quota: number): Promise<'added' | 'exists' | 'too-many'> {
    const all = [...this.tokens.values()];
    if (all.some(({ name }) => name === token.name)) return 'exists';
    if (all.filter(({ user }) => user === token.user).length >= quota) return 'too-many';
    this.tokens.set(token.id, token);
    return 'added';
  }

  async remove(id: string): Promise<boolean> {
    return this.tokens.delete(id);
  }

  async countWrongCode(id: string, outcome: 'wrong' | 'right'): Promise<number | null> {
    const token = this.tokens.get(id);
    if (token === undefined) return null;
    const wrongCodes = outcome === 'right' ? 0 : token.wrongCodes + 1;
    this.tokens.set(id, { ...token, wrongCodes });
    return wrongCodes;
  }
}
