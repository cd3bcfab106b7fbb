/** The port of held requests without a disk, with the same rules; for tests of the desk. */
import {
  type ApprovalStore,
  type ConsumeBinding,
  type HeldRequest,
  isEnded,
  type OpenLimits,
} from '../../src/approval/ports.ts';
import type { RequestId, RequestUid } from '../../src/model/names.ts';
import { MemoryBreakGlassStore } from './memory-break-glass-store.ts';
import { MemoryCommandGrantStore } from './memory-command-grant-store.ts';

export class MemoryApprovalStore implements ApprovalStore {
  readonly requests: Map<RequestUid, HeldRequest> = new Map();
  readonly grants: MemoryCommandGrantStore = new MemoryCommandGrantStore();
  readonly breakGlasses: MemoryBreakGlassStore = new MemoryBreakGlassStore();
  readonly #ids = new Map<string, number>();

  async open(request: HeldRequest, limits: OpenLimits): Promise<'opened' | 'id-taken' | 'too-many'> {
    const { uid, user } = request.statement;
    const all = [...this.requests.values()];
    if (all.filter((one) => one.statement.user === user && !isEnded(one.state)).length >= limits.quota) {
      return 'too-many';
    }
    const used = this.#ids.get(request.id);
    if (used !== undefined && request.createdAt - used < limits.reuseAfter) return 'id-taken';
    this.#ids.set(request.id, request.createdAt);
    this.requests.set(uid, request);
    return 'opened';
  }

  async find(uid: RequestUid): Promise<HeldRequest | null> {
    return this.requests.get(uid) ?? null;
  }

  async findById(id: RequestId): Promise<HeldRequest | null> {
    const found = [...this.requests.values()].filter((one) => one.id === id);
    return found.sort((a, b) => b.createdAt - a.createdAt)[0] ?? null;
  }

  async list(): Promise<readonly HeldRequest[]> {
    return [...this.requests.values()].sort((a, b) => a.createdAt - b.createdAt);
  }

  async advance(next: HeldRequest): Promise<'advanced' | 'changed-meanwhile' | 'gone'> {
    const found = this.requests.get(next.statement.uid);
    if (found === undefined) return 'gone';
    if (found.version !== next.version - 1 || isEnded(found.state)) return 'changed-meanwhile';
    this.requests.set(next.statement.uid, next);
    return 'advanced';
  }

  async consume(uid: RequestUid, binding: ConsumeBinding, now: number): Promise<boolean> {
    const found = this.requests.get(uid);
    if (found?.state !== 'approved' || now >= found.statement.expiresAt) return false;
    const { session, channel } = found.statement;
    const here: ConsumeBinding = { session, channel, digest: found.digest, boot: found.boot, version: found.version };
    if (JSON.stringify(here) !== JSON.stringify(pick(binding))) return false;
    if (found.byGrant !== undefined && !this.grants.spend(found, now)) return false;
    if (found.byBreakGlass !== undefined && !this.breakGlasses.count(found, now)) return false;
    this.requests.set(uid, { ...found, state: 'released', version: found.version + 1 });
    return true;
  }

  async expireUnused(uid: RequestUid, ending: string, now: number): Promise<void> {
    const found = this.requests.get(uid);
    if (found?.state !== 'released') return;
    this.requests.set(uid, { ...found, state: 'expired', ending, decidedAt: now, version: found.version + 1 });
  }

  async prune(before: number, idsBefore: number): Promise<number> {
    const old = [...this.requests.values()].filter(
      (one) => isEnded(one.state) && (one.decidedAt ?? one.createdAt) < before,
    );
    for (const one of old) this.requests.delete(one.statement.uid);
    for (const [id, at] of this.#ids) if (at < idsBefore) this.#ids.delete(id);
    return old.length;
  }
}

/** In one order of members, for comparison. */
function pick({ session, channel, digest, boot, version }: ConsumeBinding): ConsumeBinding {
  return { session, channel, digest, boot, version };
}
