/** The port of break-glasses without a disk, with the same rules. */
import {
  afterEnd,
  afterPass,
  afterReview,
  type BreakGlass,
  type BreakGlassEnd,
  type BreakGlassReview,
  type BreakGlassStore,
  isUnsettled,
} from '../../src/approval/break-glass-ports.ts';
import type { HeldRequest } from '../../src/approval/ports.ts';
import type { RequestUid } from '../../src/model/names.ts';

export class MemoryBreakGlassStore implements BreakGlassStore {
  readonly #all = new Map<RequestUid, BreakGlass>();

  async begin(one: BreakGlass): Promise<boolean> {
    const theirs = [...this.#all.values()].filter(({ user }) => user === one.user);
    if (this.#all.has(one.uid) || theirs.some(isUnsettled)) return false;
    this.#all.set(one.uid, one);
    return true;
  }

  async find(uid: RequestUid): Promise<BreakGlass | null> {
    return this.#all.get(uid) ?? null;
  }

  async list(): Promise<readonly BreakGlass[]> {
    return [...this.#all.values()].sort((a, b) => a.from - b.from);
  }

  async end(uid: RequestUid, end: BreakGlassEnd): Promise<boolean> {
    return this.#change(uid, (one) => afterEnd(one, end));
  }

  async review(uid: RequestUid, review: BreakGlassReview): Promise<boolean> {
    return this.#change(uid, (one) => afterReview(one, review));
  }

  async prune(before: number): Promise<void> {
    for (const { uid, review } of this.#all.values()) if (review !== null && review.at < before) this.#all.delete(uid);
  }

  /** What `ApprovalStore.consume` does with a request that passes by break-glass. */
  count(pass: HeldRequest, now: number): boolean {
    return pass.byBreakGlass !== undefined && this.#change(pass.byBreakGlass.uid, (one) => afterPass(one, pass, now));
  }

  #change(uid: RequestUid, change: (one: BreakGlass) => BreakGlass | null): boolean {
    const found = this.#all.get(uid);
    const next = found === undefined ? null : change(found);
    if (next !== null) this.#all.set(uid, next);
    return next !== null;
  }
}
