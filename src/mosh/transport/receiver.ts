/**
 * The receiving half of synchronisation: which numbered states of the peer's object are held, and what a new
 * instruction makes of them. Replays and reordering are harmless here: an instruction applies to a state that is
 * held and yields one that is not, or it does nothing.
 */
import { SHUTDOWN, type TransportInstruction } from '../wire/instruction.ts';

/** The peer's object, as far as it has to be known to apply what comes next. */
export interface RemoteObject<State> {
  readonly initial: State;
  /** The state that `diff` makes of `base`; undefined when the diff is malformed. */
  apply(base: State, diff: Uint8Array): State | undefined;
  /** The newest state so far arrived. Called in rising order of numbers. */
  newest(arrival: {
    readonly base: State;
    readonly state: State;
    readonly diff: Uint8Array;
    readonly number: number;
  }): void;
}

interface HeldState<State> {
  readonly number: number;
  readonly state: State;
}

/** `newest` moved the acknowledgement; `stored` was new but late; `ignored` changed nothing. */
export type Received = 'newest' | 'stored' | 'ignored';

const HELD_LIMIT = 1024;
/** While more than the limit is held, one state each so many ms is taken. */
const QUENCH = 15_000;

export class Receiver<State> {
  readonly #remote: RemoteObject<State>;
  #held: HeldState<State>[];
  #quenchedUntil = 0;

  constructor(remote: RemoteObject<State>) {
    this.#remote = remote;
    this.#held = [{ number: 0, state: remote.initial }];
  }

  /** Number of the newest state that is held. */
  get ackNumber(): number {
    return this.#held.at(-1)?.number ?? 0;
  }

  /** The peer has said that it ends. */
  get peerEnded(): boolean {
    return this.ackNumber === SHUTDOWN;
  }

  /** States held; bounded. */
  get heldCount(): number {
    return this.#held.length;
  }

  receive(instruction: TransportInstruction, now: number): Received {
    const { oldNumber, newNumber, throwawayNumber, diff } = instruction;
    if (this.#find(newNumber) !== undefined) return 'ignored';
    const base = this.#find(oldNumber);
    if (base === undefined) return 'ignored';
    this.#forgetBelow(throwawayNumber);
    if (this.#held.length >= HELD_LIMIT && !this.#mayExceed(now)) return 'ignored';
    const state = diff.length === 0 ? base.state : this.#remote.apply(base.state, diff);
    if (state === undefined) return 'ignored';
    const newest = newNumber > this.ackNumber;
    this.#insert({ number: newNumber, state });
    if (!newest) return 'stored';
    this.#remote.newest({ base: base.state, state, diff, number: newNumber });
    return 'newest';
  }

  #find(number: number): HeldState<State> | undefined {
    return this.#held.findLast((held) => held.number === number);
  }

  #forgetBelow(number: number): void {
    const kept = this.#held.filter((held) => held.number >= number);
    this.#held = kept.length > 0 ? kept : this.#held.slice(-1);
  }

  #insert(held: HeldState<State>): void {
    const after = this.#held.findIndex((other) => other.number > held.number);
    this.#held.splice(after === -1 ? this.#held.length : after, 0, held);
  }

  #mayExceed(now: number): boolean {
    if (now < this.#quenchedUntil) return false;
    this.#quenchedUntil = now + QUENCH;
    return true;
  }
}
