/** A desk that does not answer: who asks what waits, waits. */
import type { WebKnowledge } from '../../src/web/build-application.ts';

export class StalledDesk {
  /** For `WebWorld.start`. */
  readonly desk: WebKnowledge['desk'];
  #asked = 0;
  readonly #wait: Promise<[]>;
  #go: () => void = () => undefined;

  /** @param most how many wait; whoever asks after them is answered at once */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.#wait = new Promise<[]>((resolve) => {
      this.#go = () => resolve([]);
    });
    this.desk = {
      list: () => {
        this.#asked += 1;
        return this.#asked > most ? Promise.resolve([]) : this.#wait;
      },
      vote: () => Promise.reject(new RangeError('nobody votes here')),
    };
  }

  /** How many have asked. */
  get asked(): number {
    return this.#asked;
  }

  /** Answers everybody. */
  go(): void {
    this.#go();
  }
}
