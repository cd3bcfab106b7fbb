/**
 * Break-glass: for some minutes the held commands of one person pass on the proof that they gave at its start, and nobody
 * is asked. Each pass is a request of its own that takes the whole way of a release. It is in the store and in the log before
 * anything passes, it ends with its time by either clock, with this run of the daemon, with the policy, with the person's
 * account, role or factor and in a lockdown, and the next one has to wait until somebody else has reviewed it.
 */
import type { Cancel } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { BreakGlassRule } from '../model/break-glass.ts';
import type { RequestId, RequestUid } from '../model/names.ts';
import { breakGlassEvent, usedEvent } from './break-glass-events.ts';
import { holderObjection, type Reviewer, reviewerObjection } from './break-glass-people.ts';
import { type BreakGlass, type BreakGlassStore, isUnsettled } from './break-glass-ports.ts';
import type { HoldDraft } from './hold-draft.ts';
import type { LastingParts } from './lasting-parts.ts';
import { Lifetime } from './lifetime.ts';
import type { HeldRequest } from './ports.ts';

export interface BreakGlassesParts extends LastingParts {
  readonly store: BreakGlassStore;
}

/** What this run knows of an open one; without it nothing passes. */
interface LiveBreakGlass {
  readonly one: BreakGlass;
  readonly lifetime: Lifetime;
  readonly cancelTimer: Cancel;
}

const MINUTE = 60_000;
const KEPT = 30 * 86_400_000;

export class BreakGlasses {
  readonly #parts: BreakGlassesParts;
  readonly #live = new Map<RequestUid, LiveBreakGlass>();
  readonly #changes: Signal<BreakGlass>;
  readonly #storedEnds: Signal<BreakGlass>;
  /** Raised by whatever ends them: one that is being written down meanwhile does not begin. */
  #epoch = 0;

  constructor(parts: BreakGlassesParts) {
    this.#parts = parts;
    this.#changes = new Signal((failure) => parts.onFailure('a listener', failure));
    this.#storedEnds = new Signal((failure) => parts.onFailure('a listener', failure));
  }

  /** Ends what earlier runs left. Call before anything is held. @throws when store or log fail: do not start */
  async start(): Promise<void> {
    const { store, clock } = this.#parts;
    const left = (await store.list()).filter((one) => one.state === 'open');
    for (const one of left) await this.#writeEnd(one, null, 'Heldline was restarted');
    await store.prune(clock.now() - KEPT);
  }

  /** Stops timing. */
  stop(): void {
    for (const { cancelTimer } of this.#live.values()) cancelTimer();
    this.#live.clear();
  }

  /** Tells of everything that began, ended or was reviewed. */
  onChange(listener: (one: BreakGlass) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /** Tells of every end once store and log have it, as well as they take it. */
  onEndStored(listener: (one: BreakGlass) => void): Unsubscribe {
    return this.#storedEnds.subscribe(listener);
  }

  /** Why this person may not begin one now, in words; null when they may. @throws when people or store do not answer */
  async objectionToStart(user: string, rule: BreakGlassRule, policyHash: string): Promise<string | null> {
    const { people, store, clock } = this.#parts;
    if (!this.#parts.isInForce(policyHash)) return 'the policy changed, or the bastion is locked down';
    const objection = holderObjection(await people.find(user), { user, roles: rule.roles, from: clock.now() });
    if (objection !== null) return objection;
    const unsettled = (await store.list()).find((one) => one.user === user && isUnsettled(one));
    if (unsettled?.state === 'open') return `${unsettled.id} is open already`;
    return unsettled === undefined ? null : `${unsettled.id} has not been reviewed yet by somebody else`;
  }

  /**
   * Begins one, after its request was consumed. @param wanted aborted: it does not begin any more
   * @throws HeldlineError `breakglass.refused`; or when store or log fail: nothing passes then
   */
  async begin(asked: ApprovalRequest, rule: BreakGlassRule, wanted: AbortSignal): Promise<BreakGlass> {
    const { audit, store } = this.#parts;
    const epoch = this.#epoch;
    const { user, policyHash } = asked.statement;
    const objection = await this.objectionToStart(user, rule, policyHash);
    if (objection !== null) throw refused(objection);
    const one = this.#record(asked, rule);
    if (!(await store.begin(one))) throw refused('there is one that is open or not reviewed');
    try {
      await audit.append(breakGlassEvent('breakglass.started', one, { actor: { user } }));
    } catch (failure) {
      await this.#tolerantEnd(one, 'the audit log did not take it');
      throw failure;
    }
    const isFree = epoch === this.#epoch && !wanted.aborted && this.#parts.isInForce(policyHash);
    if (!isFree) {
      await this.#tolerantEnd(one, 'policy or people changed meanwhile');
      throw refused('policy or people changed meanwhile');
    }
    this.#run(one);
    return one;
  }

  /** Whether this person's held commands pass now. */
  isOpen(user: string): boolean {
    return this.#usable(user) !== null;
  }

  /** The one by which a line passes that is decided so; null: there is none any more. */
  covering({ user, decision, subject }: HoldDraft): BreakGlass | null {
    const live = decision.breakGlass === undefined || subject !== undefined ? null : this.#usable(user);
    return live?.one.policyHash === decision.policyHash ? live.one : null;
  }

  /** Judges it at the moment of release. null: it may be used; else why not. @throws when people cannot be looked up */
  async objectionTo(uid: RequestUid): Promise<string | null> {
    const live = this.#live.get(uid);
    if (live === undefined || !this.#isUsable(live)) return 'the break-glass has ended';
    const objection = holderObjection(await this.#parts.people.find(live.one.user), live.one);
    // Asked again after the wait: it may have ended meanwhile.
    return this.#isUsable(live) ? objection : 'the break-glass has ended';
  }

  /** After the store counted `pass`. In the log when it resolves. @throws when the log fails, or it has ended meanwhile */
  async usedBy(pass: HeldRequest): Promise<void> {
    const { uid, id } = pass.byBreakGlass ?? { uid: pass.statement.uid, id: pass.id };
    const live = this.#live.get(uid);
    const counted = await this.#parts.store.find(uid);
    if (live === undefined || counted === null || !this.#isUsable(live)) throw ended(id);
    await this.#parts.audit.append(usedEvent(counted, pass));
    if (!this.#isUsable(live)) throw ended(id);
  }

  /** All that are open or not reviewed, and those that were within the last 30 days. Oldest first. */
  list(): Promise<readonly BreakGlass[]> {
    return this.#parts.store.list();
  }

  /** The latest with this id. */
  async find(id: string): Promise<BreakGlass | null> {
    const wanted = id.trim().toUpperCase() as RequestId;
    return (await this.list()).filter((one) => one.id === wanted).at(-1) ?? null;
  }

  /** @throws HeldlineError `breakglass.ended`; or when store or log fail: it has ended all the same */
  async end(one: BreakGlass, by: string): Promise<void> {
    if (!this.#forget(one.uid)) throw ended(one.id);
    await this.#writeEnd(one, by, `ended by ${by}`);
  }

  /** Ends what `concerns` selects, at once; resolves when that is written down, as well as store and log take it. */
  async endWhere(concerns: (one: BreakGlass) => boolean, why: string): Promise<void> {
    this.#epoch += 1;
    const chosen = [...this.#live.values()].filter(({ one }) => concerns(one));
    await Promise.all(chosen.map(({ one }) => this.#endLive(one, why)));
  }

  /** Judges all by the people of this moment. */
  async reviewPeople(): Promise<void> {
    this.#epoch += 1;
    for (const { one } of [...this.#live.values()]) {
      const why = await this.objectionTo(one.uid).catch(() => `${one.user} could not be looked up`);
      if (why !== null) await this.#endLive(one, why);
    }
  }

  /** Closes it: its user may break the glass again. @throws HeldlineError `breakglass.review_refused`; or when store or log fail */
  async review({ uid }: BreakGlass, reviewer: Reviewer, note: string | null): Promise<void> {
    const { people, store, audit, clock } = this.#parts;
    const one = await store.find(uid);
    if (one === null) throw new HeldlineError('breakglass.unknown', 'It is forgotten.', { kind: 'not-found' });
    const by = reviewer.name;
    const why = reviewerObjection(await people.find(by), reviewer, one, clock.now());
    const said = note === null ? {} : { reason: note };
    if (why !== null) {
      const event = breakGlassEvent('breakglass.review_refused', one, { actor: { user: by }, reason: why });
      await audit.append({ ...event, outcome: 'denied' });
      throw new HeldlineError('breakglass.review_refused', why, { kind: 'not-allowed' });
    }
    const review = { by, at: clock.now(), note };
    await audit.append(breakGlassEvent('breakglass.reviewed', one, { actor: { user: by }, ...said }));
    if (!(await store.review(one.uid, review)))
      throw new HeldlineError('breakglass.reviewed', 'It has been reviewed.', { kind: 'conflict' });
    this.#changes.tell({ ...one, review });
  }

  #record({ id, statement, reason }: ApprovalRequest, rule: BreakGlassRule): BreakGlass {
    const { clock, boot } = this.#parts;
    const { uid, user, policyHash } = statement;
    const from = clock.now();
    const until = from + rule.minutes * MINUTE;
    const open = { state: 'open', endedAt: null, endedBy: null, ending: null, review: null } as const;
    const times = { from, until, reviewBy: until + rule.reviewWithin };
    return {
      uid,
      id,
      user,
      reason: reason ?? '',
      roles: rule.roles,
      notify: rule.notify,
      policyHash,
      boot,
      ...times,
      uses: 0,
      commands: [],
      ...open,
    };
  }

  #run(one: BreakGlass): void {
    const { clock } = this.#parts;
    const duration = one.until - one.from;
    // #endLive reports its own failures.
    const cancelTimer = clock.after(duration, () => void this.#endLive(one, 'its time is over'), { unref: true });
    this.#live.set(one.uid, { one, lifetime: new Lifetime(clock, duration, one.until), cancelTimer });
    this.#changes.tell(one);
  }

  #usable(user: string): LiveBreakGlass | null {
    return [...this.#live.values()].find((live) => live.one.user === user && this.#isUsable(live)) ?? null;
  }

  #isUsable({ one, lifetime }: LiveBreakGlass): boolean {
    const isCurrent = this.#live.has(one.uid) && this.#parts.isInForce(one.policyHash);
    return isCurrent && !lifetime.isOver && !lifetime.isSuspended;
  }

  /** Nothing passes by it any more. False: nothing did before. */
  #forget(uid: RequestUid): boolean {
    this.#live.get(uid)?.cancelTimer();
    return this.#live.delete(uid);
  }

  async #endLive(one: BreakGlass, why: string): Promise<void> {
    if (this.#forget(one.uid)) await this.#tolerantEnd(one, why);
  }

  async #tolerantEnd(one: BreakGlass, why: string): Promise<void> {
    try {
      await this.#writeEnd(one, null, why);
    } catch (failure) {
      this.#parts.onFailure('the end of a break-glass', failure);
    }
  }

  async #writeEnd(one: BreakGlass, by: string | null, why: string): Promise<void> {
    const { store, audit, clock } = this.#parts;
    const end = { by, why, at: clock.now() };
    const latest = (await store.find(one.uid).catch(() => null)) ?? one;
    const actor = by === null ? {} : { actor: { user: by } };
    const told = [
      audit.append(breakGlassEvent('breakglass.ended', latest, { ...actor, reason: why })),
      store.end(one.uid, end),
    ];
    this.#changes.tell({ ...latest, state: 'ended', endedAt: end.at, endedBy: by, ending: why });
    await Promise.allSettled(told);
    this.#storedEnds.tell(latest);
    await Promise.all(told);
  }
}

function refused(why: string): HeldlineError {
  return new HeldlineError('breakglass.refused', `no break-glass: ${why}`, { kind: 'not-allowed' });
}

function ended(id: RequestId): HeldlineError {
  return new HeldlineError('breakglass.ended', `the break-glass ${id} has ended`, { kind: 'conflict' });
}
