/** When keys went out and output came back: what the waits of the line tracker are reckoned from. Monotonic ms. */
import type { KeyToken } from './key-token.ts';
import { RoundTripEstimate } from './round-trip.ts';

export class EchoTimes {
  readonly #roundTrip: RoundTripEstimate;
  #lastInput = Number.NEGATIVE_INFINITY;
  #lastOutput = Number.NEGATIVE_INFINITY;
  #outputSinceKey = false;
  #slowKey = false;
  #editKey = false;

  /** @param roundTrip of the connection in ms, if it is known */
  constructor(roundTrip: () => number | undefined) {
    this.#roundTrip = new RoundTripEstimate(roundTrip);
  }

  get lastInput(): number {
    return this.#lastInput;
  }

  get lastOutput(): number {
    return this.#lastOutput;
  }

  /** Something came since the last key went out. */
  get outputSinceKey(): boolean {
    return this.#outputSinceKey;
  }

  /** The last key makes the editor compute before it answers (completion, search). */
  get slowKey(): boolean {
    return this.#slowKey;
  }

  /** The last key was no text: that nothing changed may mean that its effect is still on its way. */
  get editKey(): boolean {
    return this.#editKey;
  }

  get roundTrip(): number {
    return this.#roundTrip.value;
  }

  keySent(token: KeyToken, now: number): void {
    if (token.kind === 'text') this.#roundTrip.textSent(now);
    this.#lastInput = now;
    this.#outputSinceKey = false;
    this.#editKey = token.kind === 'edit';
    this.#slowKey = token.kind === 'edit' && (token.key === 'complete' || token.key === 'search');
  }

  /** Output came. True if nobody had typed for so long that it answers no key. */
  outputSeen(now: number): boolean {
    const unasked = now - this.#lastInput > this.#answerPatience();
    this.#outputSinceKey = true;
    this.#lastOutput = now;
    return unasked;
  }

  /** How long after a key output may still be its answer, ms: a first answer takes longer than the rest of it. */
  #answerPatience(): number {
    if (this.#outputSinceKey) return Math.max(400, 4 * this.roundTrip);
    return this.#slowKey ? 5000 : Math.max(1000, 8 * this.roundTrip);
  }

  /** The screen shows what was typed: the time since it was sent is a round trip. */
  echoSeen(now: number): void {
    this.#roundTrip.outputSeen(now);
  }

  /** What was typed last will not be echoed any more. */
  lineEnded(): void {
    this.#roundTrip.forget();
  }
}
