/**
 * Access to a target for a time: asked for, approved by the same desk and with the same rules as a command,
 * then held until it ends, is given back or revoked. It opens the door only: commands are judged as ever.
 * A clock that went back gives no extra time: meanwhile nothing holds.
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { AuditOutcome, AuditSink } from '../model/audit-event.ts';
import type { RequestId, RequestUid, SessionId } from '../model/names.ts';
import type { Requirement } from '../model/requirement.ts';
import type { Labels } from '../model/target.ts';
import type { Urgency } from '../model/urgency.ts';
import type { ApprovalDesk } from './desk.ts';
import type { HoldDraft } from './hold-draft.ts';
import type { AccessGrant, AccessGrantState, AccessGrantStore } from './ports.ts';

export interface AccessRequestDraft {
  readonly user: string;
  /** Of the user, for the log. */
  readonly address: string;
  readonly target: string;
  readonly labels: Labels;
  readonly login: string;
  /** ms */
  readonly duration: number;
  readonly reason: string | null;
  /** Absent: normal. */
  readonly urgency?: Urgency;
  readonly approval: Requirement;
  /** ms; null: no limit but our own of 30 days. */
  readonly longest: number | null;
  /** The access rule, for the log. */
  readonly rule: string;
  readonly policyHash: string;
}

export interface AccessGrantsParts {
  readonly desk: ApprovalDesk;
  readonly store: AccessGrantStore;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly onFailure: (what: string, failure: unknown) => void;
}

type Ending = Exclude<AccessGrantState, 'active'>;

const DAY = 86_400_000;
const LONGEST = 30 * DAY;
const SHORTEST = 60_000;
/** Timers cannot wait longer than this. */
const LONGEST_TIMER = 2_000_000_000;
const BACKWARD_TOLERANCE = 5000;
/** Stands where a held command has its session: no session may ever consume an access request. */
const NO_SESSION = 'access' as SessionId;
const TYPES: Readonly<Record<Ending, string>> = {
  'given-back': 'grant.given_back',
  revoked: 'grant.revoked',
  expired: 'grant.expired',
};
const OUTCOMES: Readonly<Record<Ending, AuditOutcome>> = {
  'given-back': 'success',
  revoked: 'success',
  expired: 'expired',
};

export class AccessGrants {
  readonly #parts: AccessGrantsParts;
  readonly #changes: Signal<AccessGrant>;
  /** Wall minus monotonic clock at the start; smaller later means that the wall clock went back. */
  readonly #offset: number;
  /** When each ends by the monotonic clock, with its timer. */
  readonly #running = new Map<RequestUid, { readonly end: number; cancel: Cancel }>();

  constructor(parts: AccessGrantsParts) {
    this.#parts = parts;
    this.#offset = parts.clock.now() - parts.clock.monotonic();
    this.#changes = new Signal((failure) => parts.onFailure('a listener', failure));
  }

  /** Begins to time what earlier runs left. Call before asking anything else. @throws when the store fails */
  async start(): Promise<void> {
    const { store, clock } = this.#parts;
    for (const grant of await store.list()) {
      if (grant.state === 'active') this.#run(grant);
    }
    await store.prune(clock.now() - DAY);
  }

  /** Stops timing; what is held stays stored. */
  stop(): void {
    for (const { cancel } of this.#running.values()) cancel();
    this.#running.clear();
  }

  /** Tells of everything that began or ended. */
  onChange(listener: (grant: AccessGrant) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /**
   * Asks. Approvers answer through the desk; once they have, the access begins by itself.
   * @throws HeldlineError `access.duration`, or what `ApprovalDesk.open` throws
   */
  async request(draft: AccessRequestDraft): Promise<ApprovalRequest> {
    const longest = Math.min(draft.longest ?? LONGEST, LONGEST);
    if (draft.duration > longest || draft.duration < SHORTEST) {
      throw new HeldlineError(
        'access.duration',
        `Access can be asked for between 1 min and ${formatDuration(longest)}.`,
        {
          kind: 'usage',
        },
      );
    }
    const request = await this.#parts.desk.open(holdOf(draft));
    const { uid } = request.statement;
    const stop = this.#parts.desk.watch(uid, (now) => {
      if (now.state === 'pending') return;
      stop();
      if (now.state !== 'approved') return;
      this.#begin(now, draft.duration).catch((failure: unknown) => {
        this.#parts.onFailure('an access grant', failure);
      });
    });
    return request;
  }

  /** What `user` holds to `target` at this moment; `AccessControl` asks this for every session. */
  async held(user: string, target: string): Promise<readonly AccessGrant[]> {
    const all = await this.#parts.store.list();
    return all.filter((grant) => grant.user === user && grant.target === target && this.#holds(grant));
  }

  /** Those that hold now, and those that ended within the last day. Oldest first. */
  list(): Promise<readonly AccessGrant[]> {
    return this.#parts.store.list();
  }

  find(id: string): Promise<AccessGrant | null> {
    return this.#parts.store.find(id.trim().toUpperCase() as RequestId);
  }

  /** Its holder does not need it any more. @throws HeldlineError `access.unknown` for anybody else's, `access.ended` */
  async giveBack(id: string, user: string): Promise<void> {
    const grant = await this.find(id);
    if (grant === null || grant.user !== user) throw unknownGrant(id);
    await this.#end(grant, 'given-back', user);
  }

  /** @throws HeldlineError `access.unknown`, `access.ended` */
  async revoke(id: string, by: string): Promise<void> {
    const grant = await this.find(id);
    if (grant === null) throw unknownGrant(id);
    await this.#end(grant, 'revoked', by);
  }

  /** After a restore, or when somebody leaves: ends all, or all of one person. */
  async revokeAll(by: string, user?: string): Promise<number> {
    const all = await this.#parts.store.list();
    const active = all.filter((one) => one.state === 'active' && (user === undefined || one.user === user));
    for (const grant of active) await this.#end(grant, 'revoked', by);
    return active.length;
  }

  async #begin(approved: ApprovalRequest, duration: number): Promise<void> {
    const { desk, store, audit, clock } = this.#parts;
    const { uid, session, channel, user, target, login } = approved.statement;
    const outcome = await desk.consume(uid, { session, channel, digest: approved.digest });
    if (outcome.kind === 'refused' || !outcome.grant.spend()) return;
    const from = clock.now();
    const approvers = approved.votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.approver);
    const ends = { state: 'active', endedAt: null, endedBy: null } as const;
    const { id, reason } = approved;
    const grant: AccessGrant = {
      id,
      uid,
      user,
      target,
      login,
      from,
      until: from + duration,
      reason,
      approvers,
      ...ends,
    };
    await audit.append(event('grant.approved', grant, user, 'success'));
    if (!(await store.add(grant))) return;
    this.#run(grant);
    this.#changes.tell(grant);
  }

  /** The end takes effect at once, whether or not log and store take it; if one does not, this rejects. */
  async #end(grant: AccessGrant, state: Ending, by: string | null): Promise<void> {
    const { audit, store, clock } = this.#parts;
    if (grant.state !== 'active') {
      throw new HeldlineError('access.ended', `${grant.id} has ended already.`, { kind: 'conflict' });
    }
    this.#running.get(grant.uid)?.cancel();
    this.#running.delete(grant.uid);
    const endedAt = clock.now();
    this.#changes.tell({ ...grant, state, endedAt, endedBy: by });
    const told = [
      audit.append(event(TYPES[state], grant, by ?? grant.user, OUTCOMES[state])),
      store.end(grant.uid, state, by, endedAt),
    ];
    await Promise.allSettled(told);
    await Promise.all(told);
  }

  #holds(grant: AccessGrant): boolean {
    const { clock } = this.#parts;
    const running = this.#running.get(grant.uid);
    if (grant.state !== 'active' || running === undefined) return false;
    const now = clock.now();
    const wentBack = now - clock.monotonic() < this.#offset - BACKWARD_TOLERANCE;
    if (wentBack || now < grant.from - BACKWARD_TOLERANCE) return false;
    return now < grant.until && clock.monotonic() < running.end;
  }

  #run(grant: AccessGrant): void {
    const { clock } = this.#parts;
    const end = clock.monotonic() + Math.min(grant.until - clock.now(), grant.until - grant.from);
    this.#arm(grant, end);
  }

  #arm(grant: AccessGrant, end: number): void {
    const { clock, onFailure } = this.#parts;
    const left = Math.max(0, end - clock.monotonic());
    const wake = (): void => {
      if (clock.monotonic() < end) this.#arm(grant, end);
      else this.#end(grant, 'expired', null).catch((failure: unknown) => onFailure('an access grant', failure));
    };
    const cancel = clock.after(Math.min(left, LONGEST_TIMER), wake, { unref: true });
    this.#running.set(grant.uid, { end, cancel });
  }
}

function holdOf(draft: AccessRequestDraft): HoldDraft {
  const { user, address, target, labels, login, reason, approval, rule, policyHash, duration } = draft;
  const command = `access to ${target} as ${login} for ${exactly(duration)}`;
  return {
    session: NO_SESSION,
    channel: 0,
    user,
    address,
    target,
    labels,
    login,
    context: 'exec',
    command,
    reason,
    subject: 'access',
    ...(draft.urgency === undefined ? {} : { urgency: draft.urgency }),
    decision: {
      effect: 'approve',
      ids: [],
      opaque: null,
      unparsable: false,
      incomplete: false,
      rule,
      requirement: approval,
      commands: [],
      reasons: [],
      severity: null,
      why: `Asks for ${command}.`,
      facts: {},
      policyHash,
    },
  };
}

/** What is approved is exact: a duration that does not read well is given in seconds. */
function exactly(duration: number): string {
  const isShort = duration % 60_000 === 0 && duration < DAY;
  return isShort ? formatDuration(duration) : `${duration / 1000} s`;
}

function event(
  type: string,
  grant: AccessGrant,
  by: string,
  outcome: AuditOutcome,
): Parameters<AuditSink['append']>[0] {
  const { id, uid, user, target, login, from, until, approvers, reason } = grant;
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    type,
    outcome,
    actor: { user: by },
    target: { name: target, login },
    ...(reason === null ? {} : { reason }),
    grant: { id, uid, user, from: time(from), to: time(until), scope: 'access', approvers },
  };
}

function unknownGrant(id: string): HeldlineError {
  return new HeldlineError('access.unknown', `There is no access ${id}.`, { kind: 'not-found' });
}
