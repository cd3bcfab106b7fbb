/**
 * States of the own object that were sent and may be what the peer has: the first is acknowledged, the last is
 * the newest one. Never empty.
 */

export interface SentState<State> {
  readonly number: number;
  /** When it was sent last, ms of the monotonic clock. */
  sentAt: number;
  readonly state: State;
}

const LIMIT = 32;
/** Beyond the limit one of the middle goes: both ends are needed. */
const DROPPED_FROM_END = 16;

export class SentStates<State> {
  readonly #states: SentState<State>[];

  constructor(initial: State, now: number) {
    this.#states = [{ number: 0, sentAt: now, state: initial }];
  }

  get acknowledged(): SentState<State> {
    return this.#at(0);
  }

  get last(): SentState<State> {
    return this.#at(this.#states.length - 1);
  }

  /** Whichever of them the peer has, it is the newest one. */
  get settled(): boolean {
    return this.#states.every(({ state }) => state === this.last.state);
  }

  /**
   * What the peer is assumed to have by now: the end of the leading run of states that were sent less than
   * `patience` ms ago.
   */
  assumed(now: number, patience: number): SentState<State> {
    let assumed = this.acknowledged;
    for (const sent of this.#states.slice(1)) {
      if (now - sent.sentAt >= patience) break;
      assumed = sent;
    }
    return assumed;
  }

  push(state: SentState<State>): void {
    this.#states.push(state);
    if (this.#states.length > LIMIT) this.#states.splice(-DROPPED_FROM_END, 1);
  }

  /** Drops what is older than an acknowledged state. False when that state was never sent, or is forgotten. */
  acknowledge(number: number): boolean {
    const index = this.#states.findIndex((sent) => sent.number === number);
    if (index > 0) this.#states.splice(0, index);
    return index > 0;
  }

  #at(index: number): SentState<State> {
    const state = this.#states[index];
    if (state === undefined) throw new TypeError('the list of sent states is never empty');
    return state;
  }
}
