/**
 * Time as a dependency. Two clocks: `now` is the wall clock (for records and people), `monotonic` never
 * jumps (for waiting). What expires, expires when either says so.
 */

/** Cancels what it was returned for; calling it again does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
  /** Calls `action` once after `delay` ms unless cancelled. Keeps the process alive unless `unref` is true. */
  after(delay: number, action: () => void, options?: { readonly unref?: boolean }): Cancel;
}

/** The machine's own clocks. Built in the composition root only. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delay, action, options) => {
    const timer = setTimeout(action, delay);
    if (options?.unref === true) timer.unref();
    return () => clearTimeout(timer);
  },
};
