/** Break-glasses in the embedded store, each end with its news; what passes is counted by `EmbeddedApprovalStore`. */
import {
  afterEnd,
  afterReview,
  type BreakGlass,
  type BreakGlassEnd,
  type BreakGlassReview,
  type BreakGlassStore,
  isUnsettled,
} from '../../approval/break-glass-ports.ts';
import type { RequestUid } from '../../model/names.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';
import type { EmbeddedOutboxStore } from './embedded-outbox-store.ts';

export class EmbeddedBreakGlassStore implements BreakGlassStore {
  readonly #database: EmbeddedDatabase;
  readonly #outbox: EmbeddedOutboxStore;

  constructor(database: EmbeddedDatabase, outbox: EmbeddedOutboxStore) {
    this.#database = database;
    this.#outbox = outbox;
  }

  begin(one: BreakGlass): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const theirs = transaction.all('breakGlasses').filter(({ user }) => user === one.user);
      if (transaction.get('breakGlasses', one.uid) !== undefined || theirs.some(isUnsettled)) return false;
      transaction.put('breakGlasses', one.uid, one);
      return true;
    });
  }

  async find(uid: RequestUid): Promise<BreakGlass | null> {
    return this.#database.get('breakGlasses', uid) ?? null;
  }

  async list(): Promise<readonly BreakGlass[]> {
    return [...this.#database.all('breakGlasses')].sort((a, b) => a.from - b.from);
  }

  end(uid: RequestUid, end: BreakGlassEnd): Promise<boolean> {
    return this.#change(uid, (one) => afterEnd(one, end));
  }

  review(uid: RequestUid, review: BreakGlassReview): Promise<boolean> {
    return this.#change(uid, (one) => afterReview(one, review));
  }

  prune(before: number): Promise<void> {
    return this.#database.transact((transaction) => {
      for (const { uid, review } of transaction.all('breakGlasses')) {
        if (review !== null && review.at < before) transaction.remove('breakGlasses', uid);
      }
    });
  }

  #change(uid: RequestUid, change: (one: BreakGlass) => BreakGlass | null): Promise<boolean> {
    return this.#database.transact((transaction) => {
      const found = transaction.get('breakGlasses', uid);
      const next = found === undefined ? null : change(found);
      if (next === null) return false;
      transaction.put('breakGlasses', uid, next);
      if (found?.state !== next.state) this.#outbox.put(transaction, { kind: 'break-glass-ended', one: next });
      return true;
    });
  }
}
