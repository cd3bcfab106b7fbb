/** How much one user's sessions may record in an hour, so that one `yes` does not fill the disk for all. */
import type { Clock } from '../base/clock.ts';

const HOUR = 3_600_000;

/** Asked by recorders for every stored byte. */
export interface RecordingQuota {
  /** Counts stored bytes; false once the allowance is used up. */
  spend(bytes: number): boolean;
}

/** Allowances of all users: stored bytes in a window of one hour that begins with its first byte. */
export class HourlyQuotas {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #windows = new Map<string, { since: number; spent: number }>();

  /** @param limit stored bytes an hour and user */
  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** The allowance shared by all recordings of `user`. */
  of(user: string): RecordingQuota {
    return { spend: (bytes) => this.#spend(user, bytes) };
  }

  #spend(user: string, bytes: number): boolean {
    const now = this.#clock.monotonic();
    let window = this.#windows.get(user);
    if (window === undefined || now - window.since >= HOUR) {
      window = { since: now, spent: 0 };
      this.#windows.set(user, window);
    }
    window.spent += bytes;
    return window.spent <= this.#limit;
  }
}
