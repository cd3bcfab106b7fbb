/**
 * Runs an approval from the held line to the spent grant: opens requests, takes votes, expires, escalates,
 * and consumes. Every step is written to the audit log before it acts, and everything that fails, hangs or
 * cannot be known ends in a refusal. It does not know sessions or screens: whoever holds the line asks it.
 */
import { withDeadline } from '../base/deadline.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import { SerialByKey } from '../base/serial.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import { type ApprovalRequest, asksNobody } from '../model/approval-request.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { RequestId, RequestUid } from '../model/names.ts';
import { approvalEvent, ENDINGS, type Ending, type EventFacts, openingEvents } from './approval-events.ts';
import { castBallot } from './ballot.ts';
import type { BallotParts } from './ballot-parts.ts';
import { afterReview } from './current-votes.ts';
import type { ApprovalDeskParts, ConsumeOutcome, DeskLimits, ExpectedHold } from './desk-parts.ts';
import { expireLeftOpen } from './expire-left-open.ts';
import { Grant } from './grant.ts';
import { type HoldDraft, requestFrom } from './hold-draft.ts';
import { narrowedToOnCall } from './on-call.ts';
import { OpenHold } from './open-hold.ts';
import { Passes } from './passes.ts';
import { type HeldRequest, isEnded, isShown } from './ports.ts';
import { afterSaying, type Saying } from './requester-says.ts';
import { nextStageDue, type StageVerdict, stageVerdict } from './stage-timeouts.ts';
import { storeNew } from './store-new.ts';
import type { ReasonOutcome, VoteInput, VoteOutcome } from './vote.ts';

const DAY = 24 * 3_600_000;
const DEFAULTS: DeskLimits = { quota: 20, stepDeadline: 5000, idRest: 30 * DAY, memory: DAY };

export class ApprovalDesk {
  readonly #parts: ApprovalDeskParts;
  readonly #limits: DeskLimits;
  readonly #open = new Map<RequestUid, OpenHold>();
  readonly #serial = new SerialByKey();
  readonly #changes: Signal<ApprovalRequest>;
  readonly #ballot: BallotParts;
  readonly #passes: Passes;

  constructor(parts: ApprovalDeskParts) {
    this.#parts = parts;
    this.#limits = { ...DEFAULTS, ...parts.limits };
    this.#passes = new Passes(parts);
    this.#changes = new Signal((failure) => parts.onFailure('a listener', failure));
    this.#ballot = {
      codes: parts.codes,
      signatures: parts.signatures,
      bastion: parts.bastion,
      people: parts.people,
      now: () => parts.clock.now(),
      log: (draft) => this.#log(draft),
      save: (hold, next) => this.#save(hold, next),
      end: (hold, state, why, facts) => this.#end(hold, state, why, facts),
      step: (what, work) => this.#step(what, work),
    };
  }

  /**
   * Opens a request. Stored, in the audit log and votable when resolved; listed at once unless a required
   * reason is missing. @throws HeldlineError `approval.too-many`, or when store or log fail: refuse the line
   */
  async open(draft: HoldDraft): Promise<ApprovalRequest> {
    const { clock, boot, store } = this.#parts;
    const by = this.#passes.of(draft);
    const step = <T>(work: () => Promise<T>): Promise<T> => this.#step('who is on call', work);
    const asked = by === null ? await narrowedToOnCall(draft, this.#parts, step) : draft;
    const first = requestFrom(asked, boot, clock.now(), by);
    const limits = { quota: this.#limits.quota, reuseAfter: this.#limits.idRest };
    const request = await storeNew(first, limits, (next) => this.#step('the store', () => store.open(next, limits)));
    const hold = new OpenHold(request, clock, (failure) => this.#parts.onFailure('a listener', failure));
    try {
      for (const event of openingEvents(request, draft)) await this.#log(event);
    } catch (failure) {
      await this.#end(hold, 'voided', 'the audit log did not take it');
      throw failure;
    }
    this.#open.set(request.statement.uid, hold);
    this.#arm(hold);
    this.#changes.tell(request);
    return request;
  }

  /** Takes a vote. Never throws: what does not work is an outcome that releases nothing. */
  vote(input: VoteInput): Promise<VoteOutcome> {
    return this.#serial.run(input.uid, async () => {
      const hold = this.#open.get(input.uid);
      if (hold === undefined) return this.#decidedAlready(input.uid);
      try {
        if (hold.isOverdue) {
          await this.#end(hold, 'expired', 'nobody decided in time');
          return { kind: 'already-decided', state: 'expired' };
        }
        return await castBallot(input, hold, this.#ballot);
      } catch (failure) {
        this.#parts.onFailure('a vote', failure);
        return { kind: 'failed', why: describeFailure(failure) };
      }
    });
  }

  /** What the requester says about an open request. Never throws. */
  say(uid: RequestUid, saying: Saying): Promise<ReasonOutcome> {
    return this.#serial.run(uid, async () => {
      const hold = this.#open.get(uid);
      if (hold === undefined) return this.#decidedAlready(uid);
      const { state } = hold.latest;
      if (state !== 'pending') return { kind: 'already-decided', state };
      const said = afterSaying(hold.latest, saying, this.#parts.clock.now());
      if (said.kind === 'refused') return said;
      try {
        await this.#log(said.event);
        await this.#save(hold, said.next);
        return { kind: 'set', request: said.next };
      } catch (failure) {
        this.#parts.onFailure('what a requester says', failure);
        return { kind: 'failed', why: describeFailure(failure) };
      }
    });
  }

  /** Ends an open request because its requester or the end of their session says so. Never rejects. */
  cancel(uid: RequestUid, why: string): Promise<void> {
    return this.#endOpen(uid, 'cancelled', why);
  }

  /** Ends an open request because what was approved is not what is there. Never rejects. */
  voidRequest(uid: RequestUid, why: string): Promise<void> {
    return this.#endOpen(uid, 'voided', why);
  }

  /** Tells of every change of a request; of its present state soon if that is not `pending` any more. */
  watch(uid: RequestUid, listener: (request: ApprovalRequest) => void): Unsubscribe {
    const hold = this.#open.get(uid);
    let watching = true;
    const tell = (request: ApprovalRequest): void => {
      if (watching) listener(request);
    };
    const stop = hold?.changes.subscribe(tell);
    if (hold === undefined || hold.latest.state !== 'pending') {
      this.find(uid).then(
        (found) => {
          if (found !== null) tell(found);
        },
        (failure: unknown) => this.#parts.onFailure('a watch', failure),
      );
    }
    return () => {
      watching = false;
      stop?.();
    };
  }

  /** Tells of every change of every listed request. */
  onChange(listener: (request: ApprovalRequest) => void): Unsubscribe {
    return this.#changes.subscribe((request) => {
      if (this.#open.get(request.statement.uid)?.latest.listed !== false) listener(request);
    });
  }

  /**
   * Turns an approved request into the right to submit once: one compare-and-set in the store, bound to session,
   * channel, digest, run and expiry, after votes and voters were judged anew. Never throws; an unknown outcome
   * is refused, and refused for ever.
   */
  consume(uid: RequestUid, expected: ExpectedHold): Promise<ConsumeOutcome> {
    return this.#serial.run(uid, async () => {
      const hold = this.#open.get(uid);
      if (hold === undefined) return { kind: 'refused', why: 'the request is not open' };
      try {
        return await this.#consume(hold, expected);
      } catch (failure) {
        this.#parts.onFailure('a consumption', failure);
        hold.condemn('its consumption failed');
        await this.#end(hold, 'voided', 'its consumption failed');
        return { kind: 'refused', why: 'its consumption failed' };
      }
    });
  }

  async find(uid: RequestUid): Promise<ApprovalRequest | null> {
    return this.#open.get(uid)?.latest ?? (await this.#parts.store.find(uid));
  }

  /** By the short id that people say; the latest one that had it. */
  async findById(id: string): Promise<ApprovalRequest | null> {
    const found = await this.#parts.store.findById(id.trim().toUpperCase() as RequestId);
    return found !== null && isShown(found) ? this.find(found.statement.uid) : null;
  }

  /** Open requests and those that ended within the last day, oldest first. */
  async list(): Promise<readonly HeldRequest[]> {
    const since = this.#parts.clock.now() - this.#limits.memory;
    const all = await this.#parts.store.list();
    const listed = all.filter((one) => isShown(one) && (!isEnded(one.state) || (one.decidedAt ?? 0) >= since));
    return listed.map((one) => this.#open.get(one.statement.uid)?.latest ?? one);
  }

  /** Expires and escalates whatever is due by either clock, and forgets what is old. */
  async expireOverdue(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((uid) => this.#whenDue(uid)));
    const now = this.#parts.clock.now();
    await this.#parts.store.prune(now - this.#limits.memory, now - this.#limits.idRest);
  }

  /** Judges all open requests by the people of this moment: a vote of somebody without authority is void. */
  async reviewPeople(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((uid) => this.#serial.run(uid, () => this.#review(uid))));
  }

  /** Expires what earlier runs left open; nothing is ever re-armed. @throws when the store fails: do not start */
  recoverAtStart(): Promise<number> {
    return expireLeftOpen({ ...this.#parts, log: (draft) => this.#log(draft) }, this.#parts.clock.now());
  }

  async #consume(hold: OpenHold, expected: ExpectedHold): Promise<ConsumeOutcome> {
    const { clock, store, boot } = this.#parts;
    const request = hold.latest;
    const { session, channel } = request.statement;
    if (hold.isOverdue) return this.#refuse(hold, 'expired', 'it expired before it was used');
    if (hold.doom !== null) return this.#refuse(hold, 'voided', hold.doom);
    if (hold.isSuspended) return { kind: 'refused', why: 'the clock went back' };
    if (request.state !== 'approved') return { kind: 'refused', why: `the request is ${request.state}` };
    const same = session === expected.session && channel === expected.channel && request.digest === expected.digest;
    if (!same) return { kind: 'refused', why: 'another line was approved' };
    const objection = await this.#step('the users', () => this.#objectionTo(request));
    if (objection !== null) return this.#refuse(hold, 'voided', objection);
    if (hold.isOverdue) return this.#refuse(hold, 'expired', 'it expired before it was used');
    const binding = { ...expected, boot, version: request.version };
    const uid = request.statement.uid;
    const consumed = await this.#step('the store', () => store.consume(uid, binding, clock.now()));
    if (!consumed) return this.#refuse(hold, 'voided', 'the store refused it');
    return this.#granted(hold, request);
  }

  /** Why what approved a request does not count any more; null while it does. */
  async #objectionTo(request: HeldRequest): Promise<string | null> {
    if (asksNobody(request)) return this.#passes.objectionTo(request);
    const { people, clock } = this.#parts;
    const review = await afterReview(request, people, clock.now());
    return review.kind === 'stands' ? null : review.why;
  }

  /** After the store acknowledged: whatever happens now, it is used up. */
  async #granted(hold: OpenHold, request: HeldRequest): Promise<ConsumeOutcome> {
    const released: HeldRequest = { ...request, state: 'released', version: request.version + 1 };
    const { grants, onFailure, clock } = this.#parts;
    this.#close(hold, released);
    try {
      await this.#log(approvalEvent('approval.consumed', released));
      await this.#step('the grant', () => this.#passes.usedBy(released));
    } catch (failure) {
      onFailure('the audit log', failure);
      const unused = approvalEvent('approval.consumed_not_released', released, { outcome: 'error' });
      await this.#tolerant('the audit log', () => this.#log(unused));
      return { kind: 'refused', why: 'the audit log did not take it' };
    }
    const { statement, digest } = released;
    // Not waited for: until it is remembered, the next one is asked about anew.
    grants.remember(released).catch((failure: unknown) => onFailure('a grant', failure));
    return { kind: 'granted', grant: Grant.afterConsumption(statement, digest, clock.now()) };
  }

  async #refuse(hold: OpenHold, state: Ending, why: string): Promise<ConsumeOutcome> {
    await this.#end(hold, state, why);
    return { kind: 'refused', why };
  }

  #endOpen(uid: RequestUid, state: Ending, why: string): Promise<void> {
    return this.#serial.run(uid, async () => {
      const hold = this.#open.get(uid);
      if (hold !== undefined) await this.#end(hold, state, why);
    });
  }

  /** Ends a request for good. In memory it always works; log and store are told as well as they take it. */
  async #end(hold: OpenHold, state: Ending, why: string, facts: EventFacts = {}): Promise<HeldRequest> {
    const { latest } = hold;
    const decidedAt = this.#parts.clock.now();
    const ended: HeldRequest = { ...latest, state, ending: why, decidedAt, version: latest.version + 1 };
    hold.condemn(why);
    const event = approvalEvent(`approval.${state}`, ended, { outcome: ENDINGS[state], reason: why, ...facts });
    await this.#tolerant('the audit log', () => this.#log(event));
    await this.#tolerant('the store', () => this.#step('the store', () => this.#parts.store.advance(ended)));
    this.#close(hold, ended);
    return ended;
  }

  async #save(hold: OpenHold, next: HeldRequest): Promise<void> {
    try {
      const outcome = await this.#step('the store', () => this.#parts.store.advance(next));
      if (outcome !== 'advanced') throw new HeldlineError('approval.changed', 'The request was changed meanwhile.');
    } catch (failure) {
      // Nobody knows what the store holds now: such a request must never be released.
      hold.condemn('its state became uncertain');
      await this.#end(hold, 'voided', 'its state became uncertain');
      throw failure;
    }
    hold.latest = next;
    this.#arm(hold);
    this.#tell(hold, next);
  }

  #close(hold: OpenHold, ended: HeldRequest): void {
    hold.latest = ended;
    hold.disarm();
    this.#tell(hold, ended);
    this.#open.delete(ended.statement.uid);
  }

  #tell(hold: OpenHold, request: HeldRequest): void {
    hold.changes.tell(request);
    this.#changes.tell(request);
  }

  async #review(uid: RequestUid): Promise<void> {
    const hold = this.#open.get(uid);
    // What passes without being asked about is judged at its release.
    if (hold === undefined || asksNobody(hold.latest)) return;
    try {
      const { people, clock } = this.#parts;
      const review = await this.#step('the users', () => afterReview(hold.latest, people, clock.now()));
      if (review.kind === 'requester-gone') await this.#end(hold, 'cancelled', review.why);
      if (review.kind === 'votes-void' && hold.latest.state === 'approved') await this.#end(hold, 'voided', review.why);
      else if (review.kind === 'votes-void') await this.#dropVotes(hold, review.next, review.why);
    } catch (failure) {
      this.#parts.onFailure('a review', failure);
      await this.#end(hold, 'voided', 'its voters could not be looked up');
    }
  }

  async #dropVotes(hold: OpenHold, next: HeldRequest, why: string): Promise<void> {
    await this.#log(approvalEvent('approval.votes_dropped', next, { outcome: 'failure', reason: why }));
    await this.#save(hold, next);
  }

  #arm(hold: OpenHold): void {
    const uid = hold.latest.statement.uid;
    hold.arm(nextStageDue(hold.latest), () => {
      // #whenDue reports its own failures.
      void this.#whenDue(uid);
    });
  }

  #whenDue(uid: RequestUid): Promise<void> {
    return this.#serial.run(uid, async () => {
      const hold = this.#open.get(uid);
      if (hold === undefined) return;
      if (hold.isOverdue) await this.#end(hold, 'expired', 'nobody decided in time');
      else await this.#applyStages(hold, stageVerdict(hold.latest, this.#parts.clock.now()));
    });
  }

  async #applyStages(hold: OpenHold, verdict: StageVerdict): Promise<void> {
    switch (verdict.kind) {
      case 'waits':
        this.#arm(hold);
        return;
      case 'deny':
        await this.#end(hold, 'denied', verdict.why);
        return;
      case 'escalate':
        await this.#tolerant('an escalation', () => this.#escalate(hold, verdict.next));
    }
  }

  async #escalate(hold: OpenHold, next: HeldRequest): Promise<void> {
    await this.#log(approvalEvent('approval.escalated', next));
    await this.#save(hold, next);
  }

  async #decidedAlready(
    uid: RequestUid,
  ): Promise<Extract<VoteOutcome & ReasonOutcome, { kind: 'already-decided' | 'not-found' }>> {
    const found = await this.#parts.store.find(uid).catch((failure: unknown) => {
      this.#parts.onFailure('the store', failure);
      return null;
    });
    if (found === null) return { kind: 'not-found' };
    return { kind: 'already-decided', state: isEnded(found.state) ? found.state : 'voided' };
  }

  async #log(draft: AuditDraft): Promise<void> {
    await this.#step('the audit log', () => this.#parts.audit.append(draft));
  }

  #step<T>(what: string, work: () => Promise<T>): Promise<T> {
    return withDeadline(work(), this.#limits.stepDeadline, what, this.#parts.clock);
  }

  async #tolerant(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      this.#parts.onFailure(what, failure);
    }
  }
}
