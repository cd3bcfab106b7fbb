/**
 * The user's end while nothing is open on the target yet. Keeps what somebody types ahead at a terminal for the
 * program that is about to start, lends the keyboard to a prompt, and notices when the user leaves.
 */
import type { UserLegListener } from './ports.ts';

type Keys = (bytes: Uint8Array) => void;

/** Bytes of type-ahead that are kept. */
const LIMIT = 64 * 1024;

export class WaitingUser implements UserLegListener {
  readonly #gone: () => void;
  #typed: Uint8Array[] = [];
  #size = 0;
  #keys: Keys | undefined;

  /** @param gone called when the user's end is closed */
  constructor(gone: () => void) {
    this.#gone = gone;
  }

  /** Keys that come from now on go to `listener` until the returned function is called. */
  readonly lend = (listener: Keys): (() => void) => {
    this.#keys = listener;
    return () => {
      this.#keys = undefined;
    };
  };

  /** What was typed ahead; it is kept no longer. */
  takeTyped(): readonly Uint8Array[] {
    const typed = this.#typed;
    this.#typed = [];
    return typed;
  }

  onInput(bytes: Uint8Array): void {
    if (this.#keys !== undefined) {
      this.#keys(bytes);
      return;
    }
    if (this.#size >= LIMIT) return;
    this.#typed.push(bytes);
    this.#size += bytes.length;
  }

  onInputEnd(): void {
    // The switch repeats it to whoever comes next.
  }

  onResize(): void {
    // The switch repeats it to whoever comes next.
  }

  onSignal(): void {
    // There is no program yet that could be signalled.
  }

  onDrain(): void {
    // Only words of ours are written so far.
  }

  onPresence(): void {
    // Nothing is on a screen yet.
  }

  onClose(): void {
    this.#gone();
  }
}
