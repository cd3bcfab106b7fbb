/**
 * The sending half of synchronisation: when to send, from which state, and what again. It decides by itself what
 * the peer probably has; a wrong guess costs a repetition, never correctness.
 *
 * Four choices differ from the usual server, none of which the client can tell: an instruction of several
 * datagrams is repeated with the same id and bytes, so that pieces of different attempts complete each other;
 * repetitions of the same step back off; a change waits only 2 ms for company; and on a path that loses much, the
 * first datagram after a rest, which is what a key looks like, goes out twice.
 */

import { FRAGMENT_HEADER_BYTES, splitIntoFragments } from '../wire/fragments.ts';
import { packInstruction, SHUTDOWN } from '../wire/instruction.ts';
import type { PathLoss } from './path-loss.ts';
import { clamp, type PathTiming } from './path-timing.ts';
import { type SentState, SentStates } from './sent-states.ts';

/** The own object, whose states the peer shall have. */
export interface LocalObject<State> {
  readonly initial: State;
  /** The state at this moment; asked only when something is about to be sent. */
  current(): State;
  same(a: State, b: State): boolean;
  /** What makes `to` out of `from` at the peer; empty only when there is no difference. */
  diff(from: State, to: State): Uint8Array;
}

/** What the other half knows and every instruction carries. */
export interface PeerView {
  readonly ackNumber: number;
  readonly peerEnded: boolean;
  /** When the peer's newest state came, ms of the monotonic clock. */
  readonly lastStateAt: number;
}

/** How eagerly an end sends. The other end works with any of them. */
export interface Pacing {
  /** ms that a change waits for others to come along */
  readonly changeDelay: number;
  /** Repetitions of the same step get rarer. */
  readonly backsOff: boolean;
  /** On a path that loses much, what comes after a rest goes out twice. */
  readonly copies: boolean;
}

/** Ours. */
export const LIVELY: Pacing = { changeDelay: 2, backsOff: true, copies: true };

export interface SenderParts<State> {
  readonly pacing: Pacing;
  readonly local: LocalObject<State>;
  readonly timing: PathTiming;
  readonly loss: PathLoss;
  readonly peer: PeerView;
  /** Largest fragment, header included, that fits a datagram now. */
  readonly fragmentBytes: () => number;
  readonly send: (fragment: Buffer) => void;
  /** ms of the monotonic clock */
  readonly now: number;
}

/** An instruction of several fragments, kept as it was sent. */
interface LargeInstruction {
  readonly fragments: readonly Buffer[];
  readonly newNumber: number;
  readonly fragmentBytes: number;
  readonly since: number;
}

/** A datagram that is about to go out once more. */
interface SecondCopy {
  readonly fragment: Buffer;
  readonly newNumber: number;
  readonly at: number;
}

/** `ongoing` until the peer knows of the end, or nobody waits for that any more. */
export type Ending = 'none' | 'ongoing' | 'acknowledged' | 'given-up';

interface Step<State> {
  readonly base: SentState<State>;
  readonly diff: Uint8Array;
}

/** Losses come in bursts; a second copy keeps some distance, and is over before anything else is due. */
const COPY_DELAY = 10;
const ACK_DELAY = 100;
const ACK_INTERVAL = 3000;
const ACTIVE_RETRY = 10_000;
/** Beyond the round trip's time-out, before a state counts as lost. */
const PATIENCE = 100;
const LEAST_INTERVAL = 20;
const MOST_INTERVAL = 250;
/** A step from the acknowledged state is preferred unless it costs this much more. */
const RESEND_BYTES = 1000;
const RESEND_SURCHARGE = 100;
const GOODBYE_TRIES = 16;
const GOODBYE_TIME = 10_000;

export class Sender<State> {
  readonly #parts: SenderParts<State>;
  readonly #sent: SentStates<State>;
  #nextAck: number;
  #nextId = 0;
  /** When the first change since the last look at the object came. */
  #changedAt: number | undefined;
  #repeated = { oldNumber: -1, newNumber: -1, times: 0 };
  #large: LargeInstruction | undefined;
  #copy: SecondCopy | undefined;
  #goodbye: { readonly since: number; tries: number } | undefined;
  #farewellSent = false;

  constructor(parts: SenderParts<State>) {
    this.#parts = parts;
    this.#sent = new SentStates(parts.local.initial, parts.now);
    this.#nextAck = parts.now;
  }

  /** The object may have changed. */
  changed(now: number): void {
    this.#changedAt ??= now;
  }

  /** A state with something in it came from the peer: it is acknowledged soon. */
  owesAck(now: number): void {
    this.#nextAck = Math.min(this.#nextAck, now + ACK_DELAY);
  }

  acknowledged(number: number): void {
    if (!this.#sent.acknowledge(number)) return;
    this.#repeated = { oldNumber: -1, newNumber: -1, times: 0 };
    this.#large = undefined;
  }

  /** Number of the oldest state that the peer is known to have. */
  get acknowledgedNumber(): number {
    return this.#sent.acknowledged.number;
  }

  get lastNumber(): number {
    return this.#sent.last.number;
  }

  /** Says goodbye: what the object shows now is its last state. */
  end(now: number): void {
    this.#goodbye ??= { since: now, tries: 0 };
    this.#changedAt ??= now;
  }

  ending(now: number): Ending {
    if (this.#goodbye === undefined) return 'none';
    if (this.acknowledgedNumber === SHUTDOWN) return 'acknowledged';
    const { tries, since } = this.#goodbye;
    return tries >= GOODBYE_TRIES || now - since >= GOODBYE_TIME ? 'given-up' : 'ongoing';
  }

  /** The peer's own goodbye was answered at least once. */
  get farewellSent(): boolean {
    return this.#farewellSent;
  }

  /** When `tick` has something to do; Infinity when only events can change that. */
  dueAt(now: number): number {
    return Math.min(this.#ackDue(), this.#sendDue(now), this.#copy?.at ?? Number.POSITIVE_INFINITY);
  }

  /** Sends what is due. */
  tick(now: number): void {
    if (this.#copy !== undefined && now >= this.#copy.at) this.#sendCopy(this.#copy);
    const ackDue = this.#ackDue();
    if (now < ackDue && now < this.#sendDue(now)) return;
    if (this.#large !== undefined && !this.#largeIsOutdated(now, this.#large)) {
      this.#repeatLarge(this.#large, now);
      return;
    }
    const state = this.#look();
    const step = this.#plan(state, now);
    if (step.diff.length > 0 || this.#mayLookElse(step, state)) this.#emit(step, state, now);
    else if (now >= ackDue) this.#emit(step, state, now, { fresh: true });
    else this.#sent.last.sentAt = now;
  }

  /** No difference to what the peer surely has; but it may have something else by now that was sent in between. */
  #mayLookElse(step: Step<State>, state: State): boolean {
    const { last, settled } = this.#sent;
    return state !== last.state || (step.base !== last && !settled);
  }

  get #interval(): number {
    return clamp(Math.ceil(this.#parts.timing.smoothed / 2), LEAST_INTERVAL, MOST_INTERVAL);
  }

  /** The interval before the same step goes out again; grows from the second repetition on. */
  get #retryInterval(): number {
    const { times } = this.#repeated;
    if (times < 2 || !this.#parts.pacing.backsOff) return this.#interval;
    return Math.min(this.#interval * 2 ** (times - 1), Math.max(this.#parts.timing.timeout, MOST_INTERVAL));
  }

  #ackDue(): number {
    const { last } = this.#sent;
    if (this.#large !== undefined) return Math.max(this.#nextAck, last.sentAt + this.#retryInterval);
    if (this.#goodbye !== undefined || this.#parts.peer.peerEnded) {
      return Math.min(this.#nextAck, last.sentAt + this.#interval);
    }
    return this.#nextAck;
  }

  #sendDue(now: number): number {
    const { last, settled } = this.#sent;
    if (this.#large !== undefined) return this.#largeDue(this.#large, now);
    if (this.#changedAt !== undefined)
      return Math.max(this.#changedAt + this.#parts.pacing.changeDelay, last.sentAt + this.#interval);
    if (now - this.#parts.peer.lastStateAt >= ACTIVE_RETRY) return Number.POSITIVE_INFINITY;
    if (this.#assumed(now).state !== last.state) return last.sentAt + this.#retryInterval;
    if (!settled) return last.sentAt + this.#parts.timing.timeout + PATIENCE;
    return Number.POSITIVE_INFINITY;
  }

  #largeDue(large: LargeInstruction, now: number): number {
    const again = this.#sent.last.sentAt + this.#retryInterval;
    const silent = now - this.#parts.peer.lastStateAt >= ACTIVE_RETRY;
    const replaced = this.#changedAt === undefined ? Number.POSITIVE_INFINITY : this.#replaceableAt(large);
    return Math.min(silent ? Number.POSITIVE_INFINITY : again, replaced);
  }

  /** A newer screen may not keep a large one from ever arriving. */
  #replaceableAt(large: LargeInstruction): number {
    return large.since + 2 * this.#parts.timing.timeout;
  }

  #largeIsOutdated(now: number, large: LargeInstruction): boolean {
    if (large.fragmentBytes !== this.#parts.fragmentBytes()) return true;
    if (this.#goodbye !== undefined && large.newNumber !== SHUTDOWN) return true;
    return this.#changedAt !== undefined && now >= this.#replaceableAt(large);
  }

  #repeatLarge(large: LargeInstruction, now: number): void {
    this.#sent.last.sentAt = now;
    this.#repeated.times += 1;
    this.#sentSomething(now);
    for (const fragment of large.fragments) this.#parts.send(fragment);
  }

  #assumed(now: number): SentState<State> {
    return this.#sent.assumed(now, this.#parts.timing.timeout + PATIENCE);
  }

  /** The object's state, as the very same value when it is what was sent last. */
  #look(): State {
    const last = this.#sent.last.state;
    if (this.#changedAt === undefined) return last;
    this.#changedAt = undefined;
    const state = this.#parts.local.current();
    return this.#parts.local.same(state, last) ? last : state;
  }

  #plan(state: State, now: number): Step<State> {
    const assumed = this.#step(this.#assumed(now), state);
    if (assumed.base === this.#sent.acknowledged) return assumed;
    const safe = this.#step(this.#sent.acknowledged, state);
    // Without anything in it, it would not be acknowledged soon.
    if (safe.diff.length === 0 && assumed.diff.length > 0) return assumed;
    const cheap =
      safe.diff.length <= assumed.diff.length ||
      (safe.diff.length < RESEND_BYTES && safe.diff.length < assumed.diff.length + RESEND_SURCHARGE);
    return cheap ? safe : assumed;
  }

  #step(base: SentState<State>, state: State): Step<State> {
    if (base.state === state) return { base, diff: new Uint8Array() };
    return { base, diff: this.#parts.local.diff(base.state, state) };
  }

  /** `fresh`: with a new number although nothing changed, as an acknowledgement. */
  #emit(step: Step<State>, state: State, now: number, options?: { readonly fresh: boolean }): void {
    const number = this.#numberFor(state, options?.fresh === true);
    const rested = this.#sent.acknowledged === this.#sent.last;
    const { step: chosen, packed } = this.#pack(step, state, number);
    const fragmentBytes = this.#parts.fragmentBytes();
    const fragments = splitIntoFragments(this.#nextId, packed, fragmentBytes - FRAGMENT_HEADER_BYTES);
    this.#nextId += 1;
    this.#remember(number, state, now);
    this.#countRepeat(chosen.base.number, number);
    this.#large = fragments.length > 1 ? { fragments, newNumber: number, fragmentBytes, since: now } : undefined;
    this.#sentSomething(now);
    for (const fragment of fragments) this.#parts.send(fragment);
    this.#copy = rested && step.diff.length > 0 ? this.#secondCopy(fragments, number, now) : undefined;
  }

  /** Only of what fits one datagram, and not of a goodbye, which is repeated anyway. */
  #secondCopy(fragments: readonly Buffer[], newNumber: number, now: number): SecondCopy | undefined {
    const [fragment, ...others] = fragments;
    const { pacing, loss } = this.#parts;
    const worth = pacing.copies && loss.lossy && newNumber !== SHUTDOWN && others.length === 0;
    return worth && fragment !== undefined ? { fragment, newNumber, at: now + COPY_DELAY } : undefined;
  }

  #sendCopy({ fragment, newNumber }: SecondCopy): void {
    this.#copy = undefined;
    if (this.acknowledgedNumber < newNumber) this.#parts.send(fragment);
  }

  #numberFor(state: State, fresh: boolean): number {
    if (this.#goodbye !== undefined) return SHUTDOWN;
    const { last } = this.#sent;
    return state === last.state && !fresh ? last.number : last.number + 1;
  }

  /** What needs several datagrams is based on what the peer surely has, as its base must outlive repetitions. */
  #pack(step: Step<State>, state: State, number: number): { readonly step: Step<State>; readonly packed: Buffer } {
    const packed = this.#packStep(step, number);
    const fits = packed.length <= this.#parts.fragmentBytes() - FRAGMENT_HEADER_BYTES;
    if (fits || step.base === this.#sent.acknowledged) return { step, packed };
    const safe = this.#step(this.#sent.acknowledged, state);
    return { step: safe, packed: this.#packStep(safe, number) };
  }

  #packStep({ base, diff }: Step<State>, newNumber: number): Buffer {
    return packInstruction({
      oldNumber: base.number,
      newNumber,
      ackNumber: this.#parts.peer.ackNumber,
      throwawayNumber: this.#sent.acknowledged.number,
      diff,
    });
  }

  #remember(number: number, state: State, now: number): void {
    if (number === this.#sent.last.number) this.#sent.last.sentAt = now;
    else this.#sent.push({ number, sentAt: now, state });
  }

  #countRepeat(oldNumber: number, newNumber: number): void {
    const same = this.#repeated.oldNumber === oldNumber && this.#repeated.newNumber === newNumber;
    this.#repeated = { oldNumber, newNumber, times: same ? this.#repeated.times + 1 : 0 };
  }

  #sentSomething(now: number): void {
    this.#nextAck = now + ACK_INTERVAL;
    if (this.#parts.peer.peerEnded) this.#farewellSent = true;
    if (this.#goodbye !== undefined) this.#goodbye.tries += 1;
  }
}
