/** An approval desk with everything around it in memory: the store, people, codes, the audit log. */
import { BreakGlasses } from '../../src/approval/break-glasses.ts';
import { CommandGrants } from '../../src/approval/command-grants.ts';
import { ApprovalDesk } from '../../src/approval/desk.ts';
import {
  type ApprovalStore,
  type ConsumeBinding,
  type HeldRequest,
  isEnded,
  type People,
  type Person,
} from '../../src/approval/ports.ts';
import type { Clock } from '../../src/base/clock.ts';
import { describeFailure, HeldlineError } from '../../src/base/heldline-error.ts';
import type { AuditDraft, AuditEvent } from '../../src/model/audit-event.ts';
import type { CodeOutcome } from '../../src/model/code-outcome.ts';
import type { RequestUid } from '../../src/model/names.ts';
import type { Principal } from '../../src/model/principal.ts';

import { MemoryBreakGlassStore } from './memory-break-glass-store.ts';
import { MemoryCommandGrantStore } from './memory-command-grant-store.ts';

/** The code that is right for everybody, once each. */
export const CODE = '492039';

export class MemoryAudit {
  readonly events: AuditEvent[] = [];
  /** Called before each event; may throw or never resolve. */
  before: (draft: AuditDraft) => Promise<void> = () => Promise.resolve();

  async append(draft: AuditDraft): Promise<AuditEvent> {
    await this.before(draft);
    const seq = this.events.length + 1;
    const node = { id: 'node', boot: 'boot', version: '0' };
    const event: AuditEvent = { ...draft, v: 1, seq, time: '', id: `event-${seq}`, node, prev: '', hash: '' };
    this.events.push(event);
    return event;
  }

  types(): string[] {
    return this.events.map((event) => event.type);
  }
}

export class MemoryApprovalStore implements ApprovalStore {
  readonly requests: Map<RequestUid, HeldRequest> = new Map();
  readonly grants: MemoryCommandGrantStore = new MemoryCommandGrantStore();
  readonly breakGlasses: MemoryBreakGlassStore = new MemoryBreakGlassStore();
  /** Called before each verb; may throw or never resolve. */
  before: (verb: string) => Promise<void> = () => Promise.resolve();

  async open(request: HeldRequest): Promise<'opened'> {
    await this.before('open');
    this.requests.set(request.statement.uid, request);
    return 'opened';
  }

  async find(uid: RequestUid): Promise<HeldRequest | null> {
    return this.requests.get(uid) ?? null;
  }

  async findById(id: string): Promise<HeldRequest | null> {
    return (await this.list()).find((request) => request.id === id) ?? null;
  }

  async list(): Promise<readonly HeldRequest[]> {
    return [...this.requests.values()];
  }

  async advance(next: HeldRequest): Promise<'advanced' | 'changed-meanwhile' | 'gone'> {
    await this.before('advance');
    const stored = this.requests.get(next.statement.uid);
    if (stored === undefined || isEnded(stored.state)) return 'gone';
    if (stored.version !== next.version - 1) return 'changed-meanwhile';
    this.requests.set(next.statement.uid, next);
    return 'advanced';
  }

  async consume(uid: RequestUid, _binding: ConsumeBinding, now: number): Promise<boolean> {
    await this.before('consume');
    const stored = this.requests.get(uid);
    if (stored?.state !== 'approved') return false;
    if (stored.byGrant !== undefined && !this.grants.spend(stored, now)) return false;
    if (stored.byBreakGlass !== undefined && !this.breakGlasses.count(stored, now)) return false;
    this.requests.set(uid, { ...stored, state: 'released', version: stored.version + 1 });
    return true;
  }

  expireUnused(): Promise<void> {
    return Promise.resolve();
  }

  prune(): Promise<number> {
    return Promise.resolve(0);
  }
}

const USED: CodeOutcome = { kind: 'replayed', waitMs: 12_000 };

/** Where the approvals are kept, when not in memory alone. */
export interface ApprovalsKept {
  readonly audit?: MemoryAudit;
  readonly store?: MemoryApprovalStore;
}

export class MemoryApprovals {
  readonly audit: MemoryAudit;
  readonly store: MemoryApprovalStore;
  /** Called before people are looked up and before a code is checked; may throw or never resolve. */
  before: (step: 'people' | 'code') => Promise<void> = () => Promise.resolve();
  /** What the desk had for the daemon's log. */
  readonly failures: string[] = [];
  readonly grants: CommandGrants;
  readonly breakGlasses: BreakGlasses;
  readonly desk: ApprovalDesk;
  /** By name; may be changed while a request is open. */
  readonly people: Map<string, Person> = new Map();
  readonly #used = new Set<string>();

  constructor(clock: Clock, names: readonly string[], kept: ApprovalsKept = {}) {
    this.audit = kept.audit ?? new MemoryAudit();
    this.store = kept.store ?? new MemoryApprovalStore();
    for (const name of names) this.people.set(name, personNamed(name));
    const register: People = {
      find: async (name) => {
        await this.before('people');
        return this.people.get(name) ?? null;
      },
      list: () => Promise.resolve([...this.people.values()]),
    };
    const audit = this.audit;
    const shared = { audit, people: register, clock, boot: 'boot', isInForce: () => true, onFailure: () => {} };
    this.grants = new CommandGrants({ ...shared, store: this.store.grants });
    this.breakGlasses = new BreakGlasses({ ...shared, store: this.store.breakGlasses });
    this.desk = new ApprovalDesk({
      grants: this.grants,
      breakGlasses: this.breakGlasses,
      onCall: { names: () => Promise.resolve(null) },
      store: this.store,
      codes: {
        verify: async (user, code) => {
          await this.before('code');
          return this.#verify(user, code);
        },
      },
      signatures: { verify: () => Promise.resolve({ kind: 'refused', why: 'nobody has a key here' }) },
      bastion: { hostName: 'bastion.test', hostKey: 'SHA256:host' },
      people: register,
      audit: this.audit,
      clock,
      boot: 'boot',
      onFailure: (what, failure) => this.failures.push(`${what}: ${describeFailure(failure)}`),
    });
  }

  /** The one open request. @throws HeldlineError when there is none */
  get open(): HeldRequest {
    const found = [...this.store.requests.values()].find((request) => !isEnded(request.state));
    if (found === undefined) throw new HeldlineError('test.nothing-held', 'nothing is held');
    return found;
  }

  /** Somebody's vote on the open request, with the right code. */
  async vote(name: string, verdict: 'approve' | 'deny', reason: string | null = null): Promise<string> {
    const { statement, digest } = this.open;
    const { uid, policyHash } = statement;
    const voter = principalNamed(name);
    const outcome = await this.desk.vote({ uid, voter, verdict, digest, policyHash, code: CODE, door: 'ssh', reason });
    return outcome.kind;
  }

  /** Uses the right code up; true if it was one. */
  burn(user: string, code: string): boolean {
    return this.#verify(user, code).kind === 'accepted';
  }

  /** Time has passed: the next code of `user` is good, which reads the same here. */
  nextCode(user: string): void {
    this.#used.delete(user);
  }

  #verify(user: string, code: string): CodeOutcome {
    if (code !== CODE) return { kind: 'wrong' };
    if (this.#used.has(user)) return USED;
    this.#used.add(user);
    return { kind: 'accepted', step: 1 };
  }
}

export function principalNamed(user: string): Principal {
  const proof = { keyFingerprint: `SHA256:${user}`, keyType: 'ssh-ed25519', secondFactor: false };
  return { user, roles: ['sre'], proof, address: '10.0.3.7' };
}

function personNamed(name: string): Person {
  const keys = [{ fingerprint: `SHA256:${name}`, addedAt: 0, addedBy: 'root' }];
  return { name, roles: ['sre'], disabled: false, keys, touches: [] };
}
