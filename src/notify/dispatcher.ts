/**
 * Tells receivers what happens to requests: decides inside the store's transaction what goes into the outbox, and
 * delivers from there, one lane a receiver. Nobody who holds or releases a command waits for any of it, and nothing
 * that a receiver answers decides anything.
 */
import { approvalEvent } from '../approval/approval-events.ts';
import { breakGlassEvent } from '../approval/break-glass-events.ts';
import type { BreakGlass } from '../approval/break-glass-ports.ts';
import type { HeldRequest } from '../approval/ports.ts';
import type { Clock } from '../base/clock.ts';
import { randomHex } from '../base/ids.ts';
import type { AuditDraft, AuditSink } from '../model/audit-event.ts';
import type { RequestUid } from '../model/names.ts';
import { announce, announceEnd } from './announce.ts';
import { breakGlassLetter } from './break-glass-letter.ts';
import type { Attempt, Carrier } from './carriers/attempt.ts';
import { Lane, type LaneLimits } from './lane.ts';
import { type Letter, requestLetter, type Sender, trialLetter } from './letter.ts';
import type { Change, OutboxDraft, OutboxEntry, OutboxStore } from './ports.ts';
import type { Receiver } from './receiver.ts';

export interface DispatcherParts {
  readonly store: OutboxStore;
  /** null: forgotten meanwhile. */
  readonly findRequest: (uid: RequestUid) => Promise<HeldRequest | null>;
  /** null: forgotten meanwhile. */
  readonly findBreakGlass: (uid: RequestUid) => Promise<BreakGlass | null>;
  readonly carrierFor: (receiver: Receiver) => Carrier;
  readonly sender: Sender;
  readonly audit: AuditSink;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  /** Names of the receivers that are told of every break-glass, at this moment. */
  readonly alarmed: () => readonly string[];
  readonly limits: Omit<LaneLimits, 'giveUp'>;
  readonly onFailure: (what: string, failure: unknown) => void;
}

/** How one receiver is doing. */
export interface LaneReport {
  readonly name: string;
  readonly waiting: number;
  /** Why the last attempt failed; null when it did not. */
  readonly trouble: string | null;
}

export class Dispatcher {
  readonly #parts: DispatcherParts;
  #receivers: readonly Receiver[] = [];
  readonly #lanes = new Map<string, Lane>();

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    parts.store.announceWith((change) => this.#announce(change));
  }

  /** News of changes from now on are for these; nothing is sent before `serve`. */
  announceTo(receivers: readonly Receiver[]): void {
    this.#receivers = receivers;
  }

  /**
   * From now on news go to these. What waits for somebody who is not among them is given up; attempts under way are
   * made anew. @param giveUp ms
   */
  async serve(receivers: readonly Receiver[], giveUp: number): Promise<void> {
    await this.stop();
    this.announceTo(receivers);
    await this.#dropOrphans();
    for (const receiver of receivers) this.#lanes.set(receiver.name, this.#laneFor(receiver, giveUp));
    this.wake();
  }

  /** Something may have been put into the outbox. Returns at once. */
  wake(): void {
    for (const lane of this.#lanes.values()) lane.wake();
  }

  /** Ends what is under way. News are kept until somebody serves again. */
  async stop(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    await Promise.all(lanes.map((lane) => lane.stop()));
  }

  /** Sends a letter that asks nothing of anybody, once and past the outbox. @param by who wants it */
  async tryOut(receiver: Receiver, by: string): Promise<Attempt> {
    const { carrierFor, clock, limits } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(limits.attempt, () => late.abort());
    try {
      return await carrierFor(receiver)(trialLetter(`msg_${randomHex(16)}`, by, clock.now()), late.signal);
    } finally {
      cancel();
    }
  }

  /** All receivers with what waits for them. */
  async report(): Promise<readonly LaneReport[]> {
    const all = await this.#parts.store.list();
    return this.#receivers.map(({ name }) => ({
      name,
      waiting: all.filter(({ receiver }) => receiver === name).length,
      trouble: this.#lanes.get(name)?.trouble ?? null,
    }));
  }

  /** A mistake here must not refuse the change: it is reported, and the change is told to nobody. */
  #announce(change: Change): readonly OutboxDraft[] {
    const { clock, alarmed } = this.#parts;
    try {
      return change.kind === 'request'
        ? announce(this.#receivers, change.before, change.after, clock.now(), alarmed())
        : announceEnd(this.#receivers, change.one, clock.now(), alarmed());
    } catch (failure) {
      this.#parts.onFailure('a notification', failure);
      return [];
    }
  }

  #laneFor(receiver: Receiver, giveUp: number): Lane {
    const { clock, random, store, limits, onFailure } = this.#parts;
    const { name } = receiver;
    const carrier = this.#parts.carrierFor(receiver);
    return new Lane({
      receiver,
      limits: { ...limits, giveUp },
      clock,
      random,
      onFailure,
      waiting: async () => (await store.list()).filter((entry) => entry.receiver === name),
      attempt: (entry, signal) => this.#attempt(entry, receiver, carrier, signal),
      delivered: (entry) => this.#delivered(entry),
      gaveUp: (entries, why) => this.#gaveUp(entries, why),
    });
  }

  async #attempt(entry: OutboxEntry, receiver: Receiver, carrier: Carrier, signal: AbortSignal): Promise<Attempt> {
    const letter = await this.#letterFor(entry, receiver);
    return letter === null ? { kind: 'refused', why: 'what it tells of is forgotten' } : carrier(letter, signal);
  }

  /** null: forgotten meanwhile. */
  async #letterFor(entry: OutboxEntry, { shows }: Receiver): Promise<Letter | null> {
    const { findRequest, findBreakGlass, sender } = this.#parts;
    const { uid, news } = entry;
    if (news.kind === 'break-glass-ended') {
      const one = await findBreakGlass(uid);
      return one === null ? null : breakGlassLetter(entry, one, shows, sender);
    }
    const request = await findRequest(uid);
    return request === null ? null : requestLetter({ ...entry, news }, request, shows, sender);
  }

  async #delivered(entry: OutboxEntry): Promise<void> {
    const event = await this.#eventOf(entry);
    await this.#parts.store.remove([entry.id]);
    if (event !== null) await this.#log(() => this.#parts.audit.append(event));
  }

  /** null: what it told of was forgotten meanwhile. */
  async #eventOf({ id, uid, receiver, news }: OutboxEntry): Promise<AuditDraft | null> {
    const told = { receiver, news: news.kind, delivery: id };
    if (news.kind === 'break-glass-ended') {
      const one = await this.#parts.findBreakGlass(uid);
      return one === null ? null : { ...breakGlassEvent('breakglass.notified', one, {}), detail: told };
    }
    const request = await this.#parts.findRequest(uid);
    return request === null ? null : approvalEvent('approval.notified', request, { approval: told });
  }

  async #gaveUp(entries: readonly OutboxEntry[], why: string): Promise<void> {
    await this.#parts.store.remove(entries.map(({ id }) => id));
    const detail = {
      receiver: entries[0]?.receiver,
      count: entries.length,
      requests: [...new Set(entries.map(({ uid }) => uid))].slice(0, 100),
    };
    const draft = { type: 'integration.delivery_failed', outcome: 'failure', reason: why, detail } as const;
    await this.#log(() => this.#parts.audit.append(draft));
  }

  /** These events report, they permit nothing: without them the delivery still happened. */
  async #log(append: () => Promise<unknown>): Promise<void> {
    try {
      await append();
    } catch (failure) {
      this.#parts.onFailure('the audit log', failure);
    }
  }

  async #dropOrphans(): Promise<void> {
    const known = new Set(this.#receivers.map(({ name }) => name));
    const orphans = (await this.#parts.store.list()).filter(({ receiver }) => !known.has(receiver));
    for (const name of new Set(orphans.map(({ receiver }) => receiver))) {
      const theirs = orphans.filter(({ receiver }) => receiver === name);
      await this.#gaveUp(theirs, 'there is no such receiver any more');
    }
  }
}
