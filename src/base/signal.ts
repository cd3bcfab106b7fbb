/**
 * A typed list of listeners, for facts that have already happened. A listener that throws is reported and
 * harms neither the others nor the teller; nobody can veto anything through a signal.
 */

export type Unsubscribe = () => void;

export class Signal<T> {
  readonly #listeners = new Set<(fact: T) => void>();
  readonly #onFailure: (failure: unknown) => void;

  /** @param onFailure called with whatever a listener threw */
  constructor(onFailure: (failure: unknown) => void) {
    this.#onFailure = onFailure;
  }

  subscribe(listener: (fact: T) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(fact: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(fact);
      } catch (failure) {
        this.#onFailure(failure);
      }
    }
  }
}
