/** Turns what happens to a viewer's terminal into a queue that the player takes from. */
import type { Cancel, Clock } from '../../base/clock.ts';
import type { PlayerTerminal } from './full-screen.ts';
import { type PressedKey, pressedKeys } from './player-keys.ts';

/** One thing that the viewer did, or a moment that passed. */
export type News =
  | { readonly kind: 'keys'; readonly keys: readonly PressedKey[] }
  | { readonly kind: 'resize' }
  | { readonly kind: 'tick' }
  | { readonly kind: 'end' };

/** What the viewer did, one thing after the other. */
export class Inbox {
  readonly #clock: Clock;
  readonly #stop: () => void;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting: News[] = [];
  #wake: (() => void) | null = null;

  constructor(terminal: PlayerTerminal, clock: Clock, signal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#signal = signal;
    this.#stop = terminal.keys(
      (bytes) => this.#put({ kind: 'keys', keys: pressedKeys(bytes) }),
      () => this.#put({ kind: 'resize' }),
    );
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
  }

  /** The next news, or a tick after `ms`; null waits for news alone. */
  async next(ms: number | null): Promise<News> {
    if (this.#waiting.length === 0) await this.#sleep(ms);
    return this.#waiting.shift() ?? { kind: 'tick' };
  }

  close(): void {
    this.#stop();
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #sleep(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const cancel: Cancel = ms === null ? () => {} : this.#clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #put(news: News): void {
    this.#waiting.push(news);
    this.#wake?.();
  }

  readonly #onAbort = (): void => this.#put({ kind: 'end' });
}
