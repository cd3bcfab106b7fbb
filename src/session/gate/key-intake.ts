/** Cuts the bytes of the user into keys and hands them on; an unfinished sequence waits no longer than a key takes. */
import type { Clock } from '../../base/clock.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import { type KeyTokenizer, UNFINISHED_WAIT } from '../../terminal/keys.ts';

export interface KeyIntakeParts {
  readonly keys: KeyTokenizer;
  readonly clock: Clock;
}

export class KeyIntake {
  readonly #parts: KeyIntakeParts;
  readonly #take: (token: KeyToken) => void;
  #cancelFlush: () => void = () => {};

  constructor(parts: KeyIntakeParts, take: (token: KeyToken) => void) {
    this.#parts = parts;
    this.#take = take;
  }

  push(bytes: Uint8Array): void {
    const { keys, clock } = this.#parts;
    for (const token of keys.push(bytes, clock.monotonic())) this.#take(token);
    this.#awaitRest();
  }

  /** What waits is forgotten. */
  close(): void {
    this.#cancelFlush();
  }

  #awaitRest(): void {
    const { keys, clock } = this.#parts;
    this.#cancelFlush();
    if (keys.pendingSince === undefined) return;
    this.#cancelFlush = clock.after(UNFINISHED_WAIT, () => {
      for (const token of keys.flush(clock.monotonic())) this.#take(token);
      this.#awaitRest();
    });
  }
}
