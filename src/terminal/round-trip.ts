/** How long the target takes to answer a key: a decaying maximum of what was seen, in ms. */

/** What one answer may add at most; a slow program is not a slow line. */
const LONGEST_SAMPLE = 2000;
const DECAY = 0.85;

export class RoundTripEstimate {
  readonly #seed: () => number | undefined;
  #estimate = 0;
  #sentAt: number | undefined;

  /** @param seed round trip of the connection in ms, if it is known */
  constructor(seed: () => number | undefined) {
    this.#seed = seed;
  }

  /** Text was forwarded at `now`; the first output after it is its echo. */
  textSent(now: number): void {
    this.#sentAt ??= now;
  }

  outputSeen(now: number): void {
    if (this.#sentAt === undefined) return;
    const sample = Math.min(LONGEST_SAMPLE, now - this.#sentAt);
    this.#sentAt = undefined;
    this.#estimate = Math.max(sample, this.#estimate * DECAY + sample * (1 - DECAY));
  }

  /** The last text will not be answered: forget when it was sent. */
  forget(): void {
    this.#sentAt = undefined;
  }

  get value(): number {
    return Math.max(this.#estimate, this.#seed() ?? 0);
  }
}
