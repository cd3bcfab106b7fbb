/** The port of remembered approvals without a disk, with the same rules. */
import { afterUse, type CommandGrant, type CommandGrantStore, type GrantEnd } from '../../src/approval/grant-ports.ts';
import type { HeldRequest } from '../../src/approval/ports.ts';
import type { RequestUid } from '../../src/model/names.ts';

export class MemoryCommandGrantStore implements CommandGrantStore {
  readonly #grants = new Map<RequestUid, CommandGrant>();

  async add(grant: CommandGrant): Promise<boolean> {
    if (this.#grants.has(grant.uid)) return false;
    this.#grants.set(grant.uid, grant);
    return true;
  }

  async find(uid: RequestUid): Promise<CommandGrant | null> {
    return this.#grants.get(uid) ?? null;
  }

  async list(): Promise<readonly CommandGrant[]> {
    return [...this.#grants.values()].sort((a, b) => a.from - b.from);
  }

  async end(uid: RequestUid, { state, by, why, at }: GrantEnd): Promise<boolean> {
    const found = this.#grants.get(uid);
    if (found?.state !== 'active') return false;
    this.#grants.set(uid, { ...found, state, endedAt: at, endedBy: by, ending: why });
    return true;
  }

  async prune(before: number): Promise<void> {
    for (const grant of this.#grants.values()) {
      if (grant.endedAt !== null && grant.endedAt < before) this.#grants.delete(grant.uid);
    }
  }

  /** What `ApprovalStore.consume` does with a request that passes by a grant. */
  spend(pass: HeldRequest, now: number): boolean {
    const grant = pass.byGrant === undefined ? undefined : this.#grants.get(pass.byGrant.uid);
    const next = grant === undefined ? null : afterUse(grant, pass, now);
    if (next !== null) this.#grants.set(next.uid, next);
    return next !== null;
  }
}
