/**
 * How much of what the peer sends gets lost, from the gaps in its sequence numbers. The way back is taken to be as
 * bad: nothing measures that one sooner than its losses are felt.
 */

/** Of each datagram in the average: about the last sixteen count. */
const WEIGHT = 1 / 16;
/** A blackout says nothing of what comes after it. */
const LONGEST_GAP = 8;
/** Losses beyond chance. */
const LOSSY = 0.2;

export class PathLoss {
  #rate = 0;

  /** So much is lost that what matters is better sent twice. */
  get lossy(): boolean {
    return this.#rate >= LOSSY;
  }

  /** The newest datagram so far came. @param missing how many of those before it have not come */
  heard(missing: number): void {
    for (let lost = Math.min(missing, LONGEST_GAP); lost > 0; lost -= 1) this.#rate += WEIGHT * (1 - this.#rate);
    this.#rate -= WEIGHT * this.#rate;
  }

  /** One of those before came after all. */
  heardLate(): void {
    this.#rate = Math.max(0, this.#rate - WEIGHT);
  }
}
