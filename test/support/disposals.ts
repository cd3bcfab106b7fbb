/** What AsyncDisposableStack does where Node has it: owns several things and disposes of them last first. */
export class Disposals implements AsyncDisposable {
  #owned: AsyncDisposable[] = [];

  /** Takes ownership of `thing` and hands it back. */
  use<T extends AsyncDisposable>(thing: T): T {
    this.#owned.push(thing);
    return thing;
  }

  /** Gives everything to a new owner; disposing of this one then does nothing. */
  move(): Disposals {
    const next = new Disposals();
    next.#owned = this.#owned;
    this.#owned = [];
    return next;
  }

  /** Disposes of everything, last first; the first failure is thrown after the rest was disposed of too. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const thing of this.#owned.splice(0).reverse()) {
      try {
        await thing[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
