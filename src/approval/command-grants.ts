/**
 * Remembers approvals whose givers want it, on the terms that they were shown: later commands of the same person on the
 * same target pass by them, until time or uses are over. A grant ends with this run of the daemon, with the policy, with
 * the authority of whoever asked or approved, and in a lockdown. It is in the log before anything passes by it, and the
 * end takes effect at once, whether or not store and log take it.
 */
import type { Cancel } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { asksNobody } from '../model/approval-request.ts';
import type { AuditDraft, AuditOutcome } from '../model/audit-event.ts';
import { grantDuration, termsInWords } from '../model/grant-terms.ts';
import type { RequestId, RequestUid } from '../model/names.ts';
import { afterReview } from './current-votes.ts';
import { covers } from './grant-cover.ts';
import type { CommandGrant, CommandGrantStore, GrantEnd } from './grant-ports.ts';
import type { HoldDraft } from './hold-draft.ts';
import type { LastingParts } from './lasting-parts.ts';
import { Lifetime } from './lifetime.ts';
import type { HeldRequest } from './ports.ts';

export interface CommandGrantsParts extends LastingParts {
  readonly store: CommandGrantStore;
}

/** What this run knows of a grant until its time is over; without it nothing passes. */
interface LiveGrant {
  readonly grant: CommandGrant;
  readonly lifetime: Lifetime;
  readonly cancelTimer: Cancel;
  /** `ended` before its time: not even what has spent a use already passes. */
  state: 'usable' | 'used-up' | 'ended';
}

const DAY = 86_400_000;
const OUTCOMES: Readonly<Record<GrantEnd['state'], AuditOutcome>> = {
  expired: 'expired',
  revoked: 'success',
  voided: 'failure',
};

export class CommandGrants {
  readonly #parts: CommandGrantsParts;
  readonly #live = new Map<RequestUid, LiveGrant>();
  /** Raised by whatever ends grants: one that is being written down meanwhile does not begin. */
  #epoch = 0;

  constructor(parts: CommandGrantsParts) {
    this.#parts = parts;
  }

  /** Ends what earlier runs left. Call before anything is held. @throws when store or log fail: do not start */
  async start(): Promise<void> {
    const { store, clock } = this.#parts;
    const left = (await store.list()).filter((grant) => grant.state === 'active');
    for (const grant of left) await this.#writeEnd(grant, 'voided', null, 'Heldline was restarted');
    await store.prune(clock.now() - DAY);
  }

  /** Stops timing. */
  stop(): void {
    for (const { cancelTimer } of this.#live.values()) cancelTimer();
    this.#live.clear();
  }

  /** Remembers an approved and consumed request if all who approved it want that. @throws when store or log fail: it is not remembered */
  async remember(given: HeldRequest): Promise<void> {
    const terms = given.statement.grant;
    const approvals = given.votes.filter((vote) => vote.verdict === 'approve');
    if (terms === undefined || asksNobody(given)) return;
    if (approvals.length === 0 || !approvals.every((vote) => vote.grant === true)) return;
    const { store, audit, clock, boot } = this.#parts;
    const epoch = this.#epoch;
    const from = clock.now();
    const { uid } = given.statement;
    const open = { used: 0, state: 'active', endedAt: null, endedBy: null, ending: null } as const;
    const until = from + grantDuration(terms);
    const grant: CommandGrant = { uid, id: given.id, given, terms, from, until, boot, ...open };
    await audit.append(eventOf('grant.approved', grant, { user: given.statement.user }));
    if (!(await store.add(grant))) return;
    await store.prune(from - DAY);
    if (epoch === this.#epoch && this.#parts.isInForce(given.statement.policyHash)) this.#begin(grant);
    else await this.#writeEnd(grant, 'voided', null, 'policy or people changed meanwhile');
  }

  /** A grant by which the line may pass; null: it has to be asked for. */
  covering(draft: HoldDraft): CommandGrant | null {
    const usable = [...this.#live.values()].filter((one) => isUsable(one) && covers(one.grant, draft));
    return usable[0]?.grant ?? null;
  }

  /** Judges a grant at the moment of release. null: it may be used; else why not. @throws when people cannot be looked up */
  async objectionTo(uid: RequestUid): Promise<string | null> {
    const live = this.#live.get(uid);
    if (live === undefined || !isUsable(live)) return 'the grant has ended';
    const objection = await this.#review(live);
    // Asked again after the wait: it may have ended meanwhile.
    return isUsable(live) ? objection : 'the grant has ended';
  }

  /** After the store spent a use for `pass`. In the log when it resolves. @throws when store or log fail */
  async usedBy(pass: HeldRequest): Promise<void> {
    const { store, audit } = this.#parts;
    if (pass.byGrant === undefined) return;
    const grant = await store.find(pass.byGrant.uid);
    const live = this.#live.get(pass.byGrant.uid);
    if (grant === null || live === undefined || live.state === 'ended') {
      throw new HeldlineError('grant.ended', `the grant ${pass.byGrant.id} ended meanwhile`, { kind: 'conflict' });
    }
    if (grant.state === 'used-up') live.state = 'used-up';
    const { id, statement } = pass;
    const approval = { id, uid: statement.uid, digest: pass.digest };
    await audit.append({ ...eventOf('grant.used', grant, { user: statement.user }), approval });
  }

  /** Those in force now, and those that ended within the last day. Oldest first. */
  list(): Promise<readonly CommandGrant[]> {
    return this.#parts.store.list();
  }

  /** The latest with this id, in force or not. */
  async find(id: string): Promise<CommandGrant | null> {
    const wanted = id.trim().toUpperCase() as RequestId;
    return (await this.list()).filter((grant) => grant.id === wanted).at(-1) ?? null;
  }

  /** @throws HeldlineError `grant.ended`; or when store or log fail: it has ended all the same */
  async revoke(grant: CommandGrant, by: string): Promise<void> {
    const live = this.#live.get(grant.uid);
    if (live?.state !== 'usable') {
      throw new HeldlineError('grant.ended', `the grant ${grant.id} has ended already`, { kind: 'conflict' });
    }
    live.state = 'ended';
    await this.#writeEnd(grant, 'revoked', by, `revoked by ${by}`);
  }

  /** Ends what `concerns` selects, at once; resolves when that is written down, as well as store and log take it. */
  async voidWhere(concerns: (grant: CommandGrant) => boolean, why: string): Promise<void> {
    this.#epoch += 1;
    const chosen = this.#usable().filter(({ grant }) => concerns(grant));
    await Promise.all(chosen.map((live) => this.#end(live, 'voided', why)));
  }

  /** Judges all by the people of this moment: a grant is as good as its votes. */
  async reviewPeople(): Promise<void> {
    this.#epoch += 1;
    for (const live of this.#usable()) {
      const why = await this.#review(live).catch(() => 'its approvers could not be looked up');
      if (why !== null) await this.#end(live, 'voided', why);
    }
  }

  /** Why its votes do not carry it any more; null while they do. */
  async #review({ grant }: LiveGrant): Promise<string | null> {
    const { people, clock } = this.#parts;
    const review = await afterReview({ ...grant.given, state: 'approved' }, people, clock.now());
    return review.kind === 'stands' ? null : review.why;
  }

  #usable(): readonly LiveGrant[] {
    return [...this.#live.values()].filter((live) => live.state === 'usable');
  }

  #begin(grant: CommandGrant): void {
    const { clock } = this.#parts;
    const duration = grant.until - grant.from;
    const cancelTimer = clock.after(duration, () => this.#over(grant.uid), { unref: true });
    const lifetime = new Lifetime(clock, duration, grant.until);
    this.#live.set(grant.uid, { grant, lifetime, cancelTimer, state: 'usable' });
  }

  #over(uid: RequestUid): void {
    const live = this.#live.get(uid);
    this.#live.delete(uid);
    // #end reports its own failures.
    if (live?.state === 'usable') void this.#end(live, 'expired', 'its time is over');
  }

  /** In memory it always works. */
  async #end(live: LiveGrant, state: GrantEnd['state'], why: string): Promise<void> {
    const { grant } = live;
    live.state = 'ended';
    try {
      await this.#writeEnd(grant, state, null, why);
    } catch (failure) {
      this.#parts.onFailure('the end of a grant', failure);
    }
  }

  async #writeEnd(grant: CommandGrant, state: GrantEnd['state'], by: string | null, why: string): Promise<void> {
    const { store, audit, clock } = this.#parts;
    const actor = by === null ? {} : { user: by };
    const told = [
      audit.append({ ...eventOf(`grant.${state}`, grant, actor), outcome: OUTCOMES[state], reason: why }),
      store.end(grant.uid, { state, by, why, at: clock.now() }),
    ];
    await Promise.allSettled(told);
    await Promise.all(told);
  }
}

function isUsable({ lifetime, state }: LiveGrant): boolean {
  return state === 'usable' && !lifetime.isOver && !lifetime.isSuspended;
}

/** What the log says of a grant: its id, its terms, how much of it is used. */
function eventOf(type: string, grant: CommandGrant, actor: { readonly user?: string }): AuditDraft {
  const { id, uid, given, terms, from, until, used } = grant;
  const { user, target, login, session, channel, command, policyHash } = given.statement;
  const time = (ms: number): string => new Date(ms).toISOString();
  const approvers = given.votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.approver);
  const covered = { scope: terms.scope, rules: terms.rules, terms: termsInWords(terms, command) };
  const uses = { uses: terms.uses, used };
  return {
    type,
    outcome: 'success',
    ...(actor.user === undefined ? {} : { actor: { user: actor.user } }),
    target: { name: target, login, labels: given.labels },
    session: { id: session, channel },
    policy: { hash: policyHash, rule: given.rule },
    grant: { id, uid, user, from: time(from), to: time(until), ...covered, ...uses, approvers },
  };
}
