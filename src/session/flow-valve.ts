/**
 * One tap with several hands on it: a stream flows only while nobody holds it. The user's full socket, a
 * panel's full buffer and a slow disk may each want it shut at the same time.
 */
export class FlowValve {
  readonly #holders = new Set<string>();
  readonly #pause: () => void;
  readonly #resume: () => void;

  /** @param pause called when the first hand shuts the tap  @param resume when the last one lets go */
  constructor(pause: () => void, resume: () => void) {
    this.#pause = pause;
    this.#resume = resume;
  }

  shut(holder: string): void {
    const flowing = this.#holders.size === 0;
    this.#holders.add(holder);
    if (flowing) this.#pause();
  }

  open(holder: string): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#resume();
  }
}
