/** An approval desk with people, codes and an audit log that tests control, and failures on demand. */
import { type BreakGlassBegin, BreakGlassStart } from '../../src/approval/break-glass-start.ts';
import { BreakGlasses } from '../../src/approval/break-glasses.ts';
import { CommandGrants } from '../../src/approval/command-grants.ts';
import { ApprovalDesk } from '../../src/approval/desk.ts';
import type { DeskLimits } from '../../src/approval/desk-parts.ts';
import type { HoldDraft } from '../../src/approval/hold-draft.ts';
import type { LastingParts } from '../../src/approval/lasting-parts.ts';
import type { ApprovalStore, People, Person } from '../../src/approval/ports.ts';
import { approvalNamespace, approvalStatement, type BastionIdentity } from '../../src/approval/signed-statement.ts';
import type { VoteInput, VoteOutcome } from '../../src/approval/vote.ts';
import { FakeClock } from '../../src/base/fake-clock.ts';
import { describeFailure } from '../../src/base/heldline-error.ts';
import { SignatureService } from '../../src/identity/signature-service.ts';
import type { ApprovalRequest } from '../../src/model/approval-request.ts';
import type { AuditDraft, AuditSink } from '../../src/model/audit-event.ts';
import type { BreakGlassRule } from '../../src/model/break-glass.ts';
import type { CodeOutcome } from '../../src/model/code-outcome.ts';
import type { SessionId } from '../../src/model/names.ts';
import type { Principal } from '../../src/model/principal.ts';
import { type Requirement, SELF_REQUIREMENT, type Stage } from '../../src/model/requirement.ts';
import type { User } from '../../src/model/user.ts';
import { MemoryApprovalStore } from './memory-approval-store.ts';
import { MemoryUserStore } from './memory-identity-stores.ts';
import type { SignOptions, SoftwareKey } from './software-keys.ts';

/** What goes wrong with the next call of a step: it throws, or it never answers. */
export type Trouble = 'throws' | 'hangs';

const LONG_AGO = Date.UTC(2020, 0, 1);

export const BASTION: BastionIdentity = { hostName: 'bastion.test', hostKey: 'SHA256:host' };

export const BREAK_GLASS: BreakGlassRule = {
  roles: ['sre', 'lead'],
  factor: 'totp',
  minLength: 10,
  minutes: 30,
  keeps: [],
  notify: [],
  reviewWithin: 86_400_000,
};

/** How somebody signs an approval. */
type ApprovalSignOptions = SignOptions & {
  /** Over the terms on which it may be remembered, too. */
  readonly grant?: boolean;
};

export class DeskWorld {
  readonly clock: FakeClock = new FakeClock();
  readonly memory: MemoryApprovalStore = new MemoryApprovalStore();
  readonly people: Map<string, Person> = new Map();
  /** The keys that sign, for those who have any; `key` puts them in here and into `people`. */
  readonly users: MemoryUserStore = new MemoryUserStore();
  readonly events: AuditDraft[] = [];
  readonly failures: string[] = [];
  readonly troubles: Map<string, Trouble> = new Map();
  /** What the audit log knows as released when the desk starts. */
  releasedSince: (since: number) => Promise<ReadonlySet<string>> = () => Promise.resolve(new Set());
  /** The policy that is in force, and whether there is a lockdown. */
  policyHash = 'sha256:policy';
  lockedDown = false;
  /** What the check says about who is on call; null: nothing. */
  onCall: readonly string[] | null = null;
  grants: CommandGrants;
  breakGlasses: BreakGlasses;
  starts: BreakGlassStart;
  /** What the policy says of it. */
  breakGlass: BreakGlassRule | null = BREAK_GLASS;
  desk: ApprovalDesk;
  readonly #limits: Partial<DeskLimits>;
  #boots = 1;
  readonly #people: People = {
    find: (name) => this.#step('people.find', async () => this.people.get(name) ?? null),
    list: async () => [...this.people.values()],
  };
  readonly #audit: AuditSink = {
    append: (event) =>
      this.#step(event.type, async () => {
        this.events.push(event);
      }),
  };
  readonly #signatures = new SignatureService({
    store: this.users,
    audit: { append: async (event) => this.events.push(event) },
  });

  constructor(limits: Partial<DeskLimits> = {}) {
    this.#limits = limits;
    for (const [name, roles] of [
      ['alice', ['dev']],
      ['bob', ['sre']],
      ['carol', ['sre', 'lead']],
      ['dave', ['lead']],
      ['erin', ['dev']],
    ] as const) {
      this.person(name, { roles });
    }
    this.grants = this.#newGrants();
    this.breakGlasses = this.#newBreakGlasses();
    this.desk = this.#newDesk();
    this.starts = this.#newStarts();
  }

  person(name: string, changes: Partial<Person>): void {
    const fresh: Person = {
      name,
      roles: [],
      disabled: false,
      keys: [{ fingerprint: `SHA256:${name}`, addedAt: LONG_AGO, addedBy: 'init' }],
      touches: [{ what: 'account', by: 'init', at: LONG_AGO }],
    };
    this.people.set(name, { ...(this.people.get(name) ?? fresh), ...changes });
  }

  /** Gives somebody a key beside those that they have. */
  key(name: string, key: SoftwareKey, addedBy: string = 'init', addedAt: number = LONG_AGO): void {
    const { fingerprint, type } = key;
    const added = { fingerprint, addedAt, addedBy };
    const keys = this.people.get(name)?.keys ?? [];
    this.person(name, { keys: [...keys, added] });
    const user = this.users.users.get(name) ?? userNamed(name);
    const full = { ...added, type, blob: key.blob.toString('base64'), comment: '' };
    this.users.users.set(name, { ...user, keys: [...user.keys, full] });
  }

  /** What somebody who signs this request with this key hands in. */
  signature(request: ApprovalRequest, name: string, key: SoftwareKey, options: ApprovalSignOptions = {}): string {
    const namespace = approvalNamespace(BASTION);
    return key.sign(approvalStatement(request, name, BASTION, options), { namespace, ...options });
  }

  /** A vote by signature, as `vote` is one by code. */
  sign(request: ApprovalRequest, name: string, key: SoftwareKey, options: SignOptions = {}): Promise<VoteOutcome> {
    return this.vote(request, name, { code: null, signature: this.signature(request, name, key, options) });
  }

  /** As after a kill -9: the store stays, the desk's memory is gone. */
  restart(): void {
    this.#boots += 1;
    this.grants.stop();
    this.breakGlasses.stop();
    this.grants = this.#newGrants();
    this.breakGlasses = this.#newBreakGlasses();
    this.desk = this.#newDesk();
    this.starts = this.#newStarts();
  }

  /** The types of what was logged, in order. */
  get types(): readonly string[] {
    return this.events.map((event) => event.type);
  }

  open(changes: Partial<HoldDraft> = {}, requirement: Requirement = SELF_REQUIREMENT): Promise<ApprovalRequest> {
    return this.desk.open({ ...draft(requirement), ...changes });
  }

  vote(request: ApprovalRequest, name: string, changes: Partial<VoteInput> = {}): Promise<VoteOutcome> {
    const { uid, policyHash } = request.statement;
    const base: VoteInput = {
      uid,
      voter: principal(name),
      verdict: 'approve',
      digest: request.digest,
      policyHash,
      code: 'right',
      door: 'ssh',
      reason: null,
    };
    return this.desk.vote({ ...base, ...changes });
  }

  consume(request: ApprovalRequest): ReturnType<ApprovalDesk['consume']> {
    const { uid, session, channel } = request.statement;
    return this.desk.consume(uid, { session, channel, digest: request.digest });
  }

  /** Breaks the glass as `name`, with a code. Never rejects. */
  async breakTheGlass(name: string, code = 'right'): Promise<BreakGlassBegin> {
    try {
      const { request, begun } = await this.starts.ask({
        user: name,
        address: '192.0.2.9',
        reason: 'INC-4711 primary is down',
      });
      const { kind } = await this.vote(request, name, { code });
      if (kind !== 'approved') await this.desk.cancel(request.statement.uid, kind);
      return await begun;
    } catch (failure) {
      return { kind: 'refused', why: describeFailure(failure) };
    }
  }

  /** Holds a line of `name` that was decided under break-glass. */
  openUnderGlass(name: string, changes: Partial<HoldDraft> = {}): Promise<ApprovalRequest> {
    const base = draft(requirement([stage({ role: 'sre' })]));
    const decision = { ...base.decision, policyHash: this.policyHash, breakGlass: { lifts: ['frozen'] } };
    return this.desk.open({ ...base, user: name, decision, ...changes });
  }

  /** Lets everything that waits for nothing but other promises run. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; i++) await Promise.resolve();
  }

  #lasting(): LastingParts {
    return {
      audit: this.#audit,
      people: this.#people,
      clock: this.clock,
      boot: `boot-${this.#boots}`,
      isInForce: (hash) => hash === this.policyHash && !this.lockedDown,
      onFailure: (what) => this.failures.push(what),
    };
  }

  #newGrants(): CommandGrants {
    const { grants } = this.memory;
    return new CommandGrants({
      store: {
        add: (grant) => this.#step('grants.add', () => grants.add(grant)),
        find: (uid) => grants.find(uid),
        list: () => grants.list(),
        end: (uid, end) => this.#step('grants.end', () => grants.end(uid, end)),
        prune: (before) => grants.prune(before),
      },
      ...this.#lasting(),
    });
  }

  #newBreakGlasses(): BreakGlasses {
    const { breakGlasses } = this.memory;
    return new BreakGlasses({
      store: {
        begin: (one) => this.#step('breakGlasses.begin', () => breakGlasses.begin(one)),
        find: (uid) => breakGlasses.find(uid),
        list: () => breakGlasses.list(),
        end: (uid, end) => this.#step('breakGlasses.end', () => breakGlasses.end(uid, end)),
        review: (uid, review) => this.#step('breakGlasses.review', () => breakGlasses.review(uid, review)),
        prune: (before) => breakGlasses.prune(before),
      },
      ...this.#lasting(),
    });
  }

  #newStarts(): BreakGlassStart {
    return new BreakGlassStart({
      desk: this.desk,
      breakGlasses: this.breakGlasses,
      inForce: () => ({ rule: this.breakGlass, policyHash: this.policyHash }),
      clock: this.clock,
      onFailure: (what) => this.failures.push(what),
    });
  }

  #newDesk(): ApprovalDesk {
    return new ApprovalDesk({
      grants: this.grants,
      breakGlasses: this.breakGlasses,
      onCall: { names: () => this.#step('on-call', async () => this.onCall) },
      store: this.#store(),
      codes: { verify: (_user, code) => this.#step('codes.verify', async () => outcomeOf(code)) },
      signatures: {
        verify: (user, offer) => this.#step('signatures.verify', () => this.#signatures.verify(user, offer)),
      },
      bastion: BASTION,
      people: this.#people,
      audit: this.#audit,
      clock: this.clock,
      boot: `boot-${this.#boots}`,
      onFailure: (what) => this.failures.push(what),
      limits: this.#limits,
      releasedSince: (since) => this.releasedSince(since),
    });
  }

  #store(): ApprovalStore {
    const { memory } = this;
    return {
      open: (request, limits) => this.#step('store.open', () => memory.open(request, limits)),
      find: (uid) => memory.find(uid),
      findById: (id) => memory.findById(id),
      list: () => memory.list(),
      advance: (next) => this.#step('store.advance', () => memory.advance(next)),
      consume: (uid, binding, now) => this.#step('store.consume', () => memory.consume(uid, binding, now)),
      expireUnused: (uid, ending, now) => memory.expireUnused(uid, ending, now),
      prune: (before, idsBefore) => memory.prune(before, idsBefore),
    };
  }

  /** A step that is in trouble has happened all the same: the worst case for whoever must not act on it. */
  async #step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const trouble = this.troubles.get(name);
    const result = await work();
    if (trouble === 'throws') throw new RangeError(`${name} is in trouble`);
    return trouble === 'hangs' ? new Promise<T>(() => undefined) : result;
  }
}

function userNamed(name: string): User {
  const made = { createdAt: LONG_AGO, createdBy: 'init', rolesChangedAt: LONG_AGO, rolesChangedBy: 'init' };
  return { name, roles: [], disabled: false, keys: [], ...made };
}

export function principal(user: string): Principal {
  const proof = { keyFingerprint: `SHA256:${user}`, keyType: 'ssh-ed25519', secondFactor: false };
  return { user, roles: [], proof, address: '192.0.2.1' };
}

export function stage(who: 'requester' | { role: string }, more: Partial<Stage> = {}): Stage {
  const asked = who === 'requester' ? who : ({ kind: 'role', roles: [who.role] } as const);
  return { who: asked, count: 1, factors: ['totp'], ...more };
}

export function requirement(stages: readonly Stage[], more: Partial<Requirement> = {}): Requirement {
  return { ...SELF_REQUIREMENT, names: ['test'], stages, expires: 600_000, ...more };
}

export function draft(asked: Requirement): HoldDraft {
  return {
    session: 's1' as SessionId,
    channel: 0,
    user: 'alice',
    target: 'db1',
    labels: { env: 'prod' },
    login: 'root',
    context: 'shell',
    command: 'rm -r old-logs',
    decision: {
      effect: 'approve',
      ids: ['fs.rm-recursive'],
      opaque: null,
      unparsable: false,
      incomplete: false,
      rule: 'deletes',
      requirement: asked,
      commands: [],
      reasons: [],
      severity: 'high',
      why: 'Deletes a folder with everything in it.',
      facts: {},
      policyHash: 'sha256:policy',
    },
    reason: null,
    address: '192.0.2.9',
  };
}

function outcomeOf(code: string): CodeOutcome {
  if (code === 'right') return { kind: 'accepted', step: 1 };
  if (code === 'used') return { kind: 'replayed', waitMs: 12_000 };
  if (code === 'paused') return { kind: 'paused', until: 0 };
  return { kind: 'wrong', clockOffset: 90 };
}
