/**
 * Lets the listener of a user leg change once the target is open: a leg is attached to once, but a held `exec`
 * must hear of the user leaving long before there is a channel.
 */
import type { TerminalSize } from '../model/session.ts';
import type { Presence, UserLegListener } from './ports.ts';

export class UserSwitch implements UserLegListener {
  #current: UserLegListener;
  #inputEnded = false;
  #size: TerminalSize | undefined;

  constructor(first: UserLegListener) {
    this.#current = first;
  }

  /** From now on `next` hears everything, beginning with what cannot be told twice. */
  turnTo(next: UserLegListener): void {
    this.#current = next;
    if (this.#size !== undefined) next.onResize(this.#size);
    if (this.#inputEnded) next.onInputEnd();
  }

  onInput(bytes: Uint8Array): void {
    this.#current.onInput(bytes);
  }

  onInputEnd(): void {
    this.#inputEnded = true;
    this.#current.onInputEnd();
  }

  onResize(size: TerminalSize): void {
    this.#size = size;
    this.#current.onResize(size);
  }

  onSignal(name: string): void {
    this.#current.onSignal(name);
  }

  onDrain(): void {
    this.#current.onDrain();
  }

  onPresence(presence: Presence): void {
    this.#current.onPresence(presence);
  }

  onClose(): void {
    this.#current.onClose();
  }
}
