/** One-time-code generators, enrolments and words in the embedded store. */
import type { EnrolmentWord, FactorStore, PendingEnrolment, Throttle, TotpFactor } from '../../identity/ports.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';

export class EmbeddedFactorStore implements FactorStore {
  readonly #database: EmbeddedDatabase;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  async find(user: string): Promise<TotpFactor | null> {
    return this.#database.get('factors', user) ?? null;
  }

  async list(): Promise<readonly TotpFactor[]> {
    return this.#database.all('factors');
  }

  burnStep(user: string, factor: string, step: number): Promise<'burnt' | 'replayed' | 'gone'> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('factors', user);
      if (found === undefined || found.id !== factor) return 'gone';
      if (isBurnt(found, step)) return 'replayed';
      const burnt = found.burnt.filter((later) => later > step);
      transaction.put('factors', user, { ...found, lastStep: step, burnt });
      return 'burnt';
    });
  }

  async burnLater(user: string, factor: string, step: number): Promise<void> {
    await this.#change(user, factor, (found) =>
      isBurnt(found, step) ? found : { ...found, burnt: [...found.burnt, step] },
    );
  }

  async saveThrottle(user: string, factor: string, throttle: Throttle): Promise<void> {
    await this.#change(user, factor, (found) => ({ ...found, throttle }));
  }

  install(factor: TotpFactor): Promise<'installed' | 'no-such-user'> {
    return this.#database.transact((transaction) => {
      if (transaction.get('users', factor.user) === undefined) return 'no-such-user';
      transaction.put('factors', factor.user, factor);
      transaction.remove('enrolments', factor.user);
      transaction.remove('words', factor.user);
      return 'installed';
    });
  }

  remove(user: string): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('factors', user) !== undefined;
      transaction.remove('factors', user);
      transaction.remove('enrolments', user);
      return found;
    });
  }

  spendRecovery(user: string, hash: string): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('factors', user);
      const rest = found?.recovery.filter((code) => code.hash !== hash);
      if (found === undefined || rest?.length !== found.recovery.length - 1) return false;
      transaction.put('factors', user, { ...found, recovery: rest });
      return true;
    });
  }

  async pending(user: string): Promise<PendingEnrolment | null> {
    return this.#database.get('enrolments', user) ?? null;
  }

  savePending(enrolment: PendingEnrolment): Promise<void> {
    return this.#database.transact((transaction) => {
      transaction.put('enrolments', enrolment.user, enrolment);
    });
  }

  async word(user: string): Promise<EnrolmentWord | null> {
    return this.#database.get('words', user) ?? null;
  }

  saveWord(word: EnrolmentWord): Promise<void> {
    return this.#database.transact((transaction) => {
      transaction.put('words', word.user, word);
    });
  }

  dropWord(user: string): Promise<void> {
    return this.#database.transact((transaction) => transaction.remove('words', user));
  }

  #change(user: string, factor: string, change: (found: TotpFactor) => TotpFactor): Promise<void> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('factors', user);
      if (found?.id === factor) transaction.put('factors', user, change(found));
    });
  }
}

function isBurnt(factor: TotpFactor, step: number): boolean {
  return (factor.lastStep !== null && step <= factor.lastStep) || factor.burnt.includes(step);
}
