/** A clock that tests move by hand. Timers fire in order of their due time when `advance` passes them. */
import type { Cancel, Clock } from './clock.ts';

interface Timer {
  readonly due: number;
  readonly action: () => void;
}

/** A `Clock` whose time stands still until `advance` or `jump` is called. */
export class FakeClock implements Clock {
  #wall: number;
  #elapsed = 0;
  readonly #timers = new Set<Timer>();

  /** @param start wall clock at the beginning, ms since the epoch */
  constructor(start: number = Date.UTC(2026, 10, 20, 10, 0, 0)) {
    this.#wall = start;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delay: number, action: () => void): Cancel {
    const timer: Timer = { due: this.#elapsed + delay, action };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves both clocks forward by `ms` and fires what falls due on the way. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      this.#moveTo(next.due);
      this.#timers.delete(next);
      next.action();
    }
    this.#moveTo(end);
  }

  /** Moves the wall clock alone, as an administrator or NTP does; `ms` may be negative. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  #moveTo(elapsed: number): void {
    this.#wall += Math.max(0, elapsed - this.#elapsed);
    this.#elapsed = Math.max(this.#elapsed, elapsed);
  }

  #nextDue(limit: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.due <= limit);
    return due.sort((a, b) => a.due - b.due)[0];
  }
}
