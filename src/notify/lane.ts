/**
 * The deliveries to one receiver: one at a time, in order, the next one only after the one before was delivered or
 * given up. A failure lets the lane rest; while it rests nothing is sent, and nothing but the outbox grows.
 * An entry leaves the outbox after its delivery, so a crash in between repeats it, under the same id.
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { describeFailure } from '../base/heldline-error.ts';
import { Serial } from '../base/serial.ts';
import type { Attempt } from './carriers/attempt.ts';
import type { OutboxEntry } from './ports.ts';
import type { Receiver } from './receiver.ts';
import { restAfter } from './retry.ts';

export interface LaneLimits {
  /** ms for one attempt. */
  readonly attempt: number;
  /** ms; what waits longer is given up as soon as an attempt fails. */
  readonly giveUp: number;
  /** Entries that may wait; beyond, the oldest are given up. */
  readonly waiting: number;
}

export interface LaneParts {
  readonly receiver: Receiver;
  readonly limits: LaneLimits;
  readonly clock: Clock;
  readonly random: () => number;
  /** What waits for this receiver, in order. */
  readonly waiting: () => Promise<readonly OutboxEntry[]>;
  readonly attempt: (entry: OutboxEntry, signal: AbortSignal) => Promise<Attempt>;
  /** Takes the entry out, durably. */
  readonly delivered: (entry: OutboxEntry) => Promise<void>;
  /** The same for what was not delivered. */
  readonly gaveUp: (entries: readonly OutboxEntry[], why: string) => Promise<void>;
  readonly onFailure: (what: string, failure: unknown) => void;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'working'; readonly abort: AbortController; readonly done: Promise<void> }
  | { readonly kind: 'resting'; readonly cancel: Cancel }
  | { readonly kind: 'stopped' };

export class Lane {
  readonly #parts: LaneParts;
  readonly #trimming = new Serial();
  #state: State = { kind: 'idle' };
  #failures = 0;
  /** Something was put in while the lane was looking elsewhere. */
  #wokenMeanwhile = false;
  #trouble: string | null = null;

  constructor(parts: LaneParts) {
    this.#parts = parts;
  }

  /** Why the last attempt failed; null when it did not. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Something may wait. */
  wake(): void {
    this.#wokenMeanwhile = true;
    if (this.#state.kind === 'idle') this.#work();
    else if (this.#state.kind === 'resting') this.#trimmed().catch((failure: unknown) => this.#fail(failure));
  }

  /** Ends the attempt under way and sends nothing any more. What waits stays in the outbox. */
  async stop(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'stopped' };
    if (state.kind === 'resting') state.cancel();
    if (state.kind !== 'working') return;
    state.abort.abort();
    await state.done;
  }

  #work(): void {
    const abort = new AbortController();
    const done = this.#deliverAll(abort.signal).catch((failure: unknown) => this.#fail(failure));
    this.#state = { kind: 'working', abort, done };
  }

  /** The outbox does not answer: without it nothing can be taken out, so nothing more is sent. */
  #fail(failure: unknown): void {
    this.#parts.onFailure(`notifications to ${this.#parts.receiver.name} stopped`, failure);
    if (this.#state.kind === 'resting') this.#state.cancel();
    this.#state = { kind: 'stopped' };
  }

  /** Until nothing waits, an attempt fails, or the lane is stopped. */
  async #deliverAll(stopped: AbortSignal): Promise<void> {
    for (;;) {
      this.#wokenMeanwhile = false;
      const [entry] = await this.#trimmed();
      if (stopped.aborted) return;
      if (entry !== undefined) {
        if (!(await this.#deliver(entry, stopped))) return;
      } else if (!this.#wokenMeanwhile) {
        this.#state = { kind: 'idle' };
        return;
      }
    }
  }

  /** Returns whether the next one may be sent at once. */
  async #deliver(entry: OutboxEntry, stopped: AbortSignal): Promise<boolean> {
    const attempt = await this.#attempt(entry, stopped);
    if (stopped.aborted && attempt.kind === 'failed') return false;
    await this.#settle(entry, attempt);
    if (attempt.kind !== 'failed') return true;
    if (!stopped.aborted) this.#rest(attempt.retryAfter);
    return false;
  }

  /** What waits, after the oldest were given up when it is too much. */
  #trimmed(): Promise<readonly OutboxEntry[]> {
    const { waiting, gaveUp, limits } = this.#parts;
    return this.#trimming.run(async () => {
      const all = await waiting();
      const surplus = all.slice(0, Math.max(0, all.length - limits.waiting));
      if (surplus.length > 0) await gaveUp(surplus, `more than ${limits.waiting} were waiting`);
      return all.slice(surplus.length);
    });
  }

  async #attempt(entry: OutboxEntry, stopped: AbortSignal): Promise<Attempt> {
    const { attempt, clock, limits } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(limits.attempt, () => late.abort());
    try {
      return await attempt(entry, AbortSignal.any([stopped, late.signal]));
    } catch (failure) {
      return { kind: 'failed', why: describeFailure(failure), retryAfter: null };
    } finally {
      cancel();
    }
  }

  async #settle(entry: OutboxEntry, attempt: Attempt): Promise<void> {
    const { delivered, gaveUp } = this.#parts;
    this.#trouble = attempt.kind === 'delivered' ? null : attempt.why;
    this.#failures = attempt.kind === 'failed' ? this.#failures + 1 : 0;
    switch (attempt.kind) {
      case 'delivered':
        return delivered(entry);
      case 'refused':
        return gaveUp([entry], attempt.why);
      case 'failed':
        return this.#giveUpOld(attempt.why);
    }
  }

  async #giveUpOld(why: string): Promise<void> {
    const { waiting, gaveUp, clock, limits } = this.#parts;
    const old = (await waiting()).filter(({ queuedAt }) => clock.now() - queuedAt >= limits.giveUp);
    if (old.length > 0) await gaveUp(old, `not delivered within ${formatDuration(limits.giveUp)}: ${why}`);
  }

  #rest(asked: number | null): void {
    const { clock, random } = this.#parts;
    const rest = restAfter(this.#failures, random(), asked);
    const cancel = clock.after(rest, () => this.#work(), { unref: true });
    this.#state = { kind: 'resting', cancel };
  }
}
