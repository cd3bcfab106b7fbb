/** How long something approved may be used: it is over when either clock says so, and a clock that went back suspends it. */
import type { Clock } from '../base/clock.ts';

/** A wall clock that went back further than this suspends, ms. */
const BACKWARD_TOLERANCE = 5000;

export class Lifetime {
  readonly #clock: Clock;
  /** Wall minus monotonic clock at the beginning; smaller later means that the wall clock went back. */
  readonly #offset: number;
  readonly #deadline: number;
  readonly #until: number;

  /** Begins now. @param duration ms by the monotonic clock. @param until ms since the epoch, by the wall clock */
  constructor(clock: Clock, duration: number, until: number) {
    this.#clock = clock;
    this.#offset = clock.now() - clock.monotonic();
    this.#deadline = clock.monotonic() + duration;
    this.#until = until;
  }

  get isOver(): boolean {
    return this.left <= 0 || this.#clock.now() >= this.#until;
  }

  /** While the wall clock is behind where it was. */
  get isSuspended(): boolean {
    return this.#clock.now() - this.#clock.monotonic() < this.#offset - BACKWARD_TOLERANCE;
  }

  /** ms to its end by the monotonic clock; may be negative. */
  get left(): number {
    return this.#deadline - this.#clock.monotonic();
  }
}
