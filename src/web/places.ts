/** How much somebody may have going at once: a number of places a key, given back when it is over. */

/** Gives the place back; calling it again does nothing. */
export type Leave = () => void;

export class Places {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  /** @param most places of one key */
  constructor(most: number) {
    this.#most = most;
  }

  /** A place, or null when all of this key are taken. */
  enter(key: string): Leave | null {
    const here = this.#taken.get(key) ?? 0;
    if (here >= this.#most) return null;
    this.#taken.set(key, here + 1);
    let inside = true;
    return () => {
      if (inside) this.#leave(key);
      inside = false;
    };
  }

  #leave(key: string): void {
    const left = (this.#taken.get(key) ?? 1) - 1;
    if (left === 0) this.#taken.delete(key);
    else this.#taken.set(key, left);
  }
}
