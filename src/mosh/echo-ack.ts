/**
 * Which keys the screen reflects by now: the client takes its predictions back for those. Keys count as reflected
 * when the program has had a moment to answer them. All times in ms of the monotonic clock.
 */

/** How long a program usually takes to show a key. */
const MOMENT = 50;

export class EchoAck {
  readonly #waiting: { readonly number: number; readonly at: number }[] = [];
  #value = 0;

  /** The input of a client's state was handed over. Numbers rise. */
  delivered(number: number, now: number): void {
    if (Number.isFinite(number)) this.#waiting.push({ number, at: now });
  }

  /** Never decreases. */
  value(now: number): number {
    while (this.#waiting[0] !== undefined && this.#waiting[0].at + MOMENT <= now) {
      this.#value = Math.max(this.#value, this.#waiting.shift()?.number ?? 0);
    }
    return this.#value;
  }

  /** When the value rises next; Infinity when nothing waits. */
  get dueAt(): number {
    const next = this.#waiting[0];
    return next === undefined ? Number.POSITIVE_INFINITY : next.at + MOMENT;
  }
}
