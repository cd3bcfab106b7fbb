/**
 * What a running recording looks like from outside: the last of its output in memory, and every new event as
 * it happens. Offsets count raw output bytes since the start, so that a viewer can join what is stored with
 * what is still in memory without a gap or a repetition.
 */
import type { Unsubscribe } from '../base/signal.ts';
import type { TerminalSize } from '../model/session.ts';
import type { OutputStream } from './event-line.ts';

const RING_BYTES = 1 << 20;

/** `offset`: raw output bytes before this item. `time`: microseconds since the start. */
export type LiveItem =
  | {
      readonly kind: 'output';
      readonly offset: number;
      readonly time: number;
      readonly bytes: Uint8Array;
      readonly stream: OutputStream;
    }
  | { readonly kind: 'resize'; readonly offset: number; readonly time: number; readonly size: TerminalSize }
  | { readonly kind: 'marker'; readonly offset: number; readonly time: number; readonly label: string }
  | { readonly kind: 'closed'; readonly offset: number; readonly time: number };

export type LiveListener = (item: LiveItem) => void;

export class LiveFeed {
  readonly #listeners = new Set<LiveListener>();
  readonly #onFailure: (failure: unknown) => void;
  #ring: LiveItem[] = [];
  #ringBytes = 0;
  #offset = 0;

  /** @param onFailure called with what a listener threw; it is cut off and the recording goes on */
  constructor(onFailure: (failure: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Raw output bytes so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Calls `listener` with what is in memory, oldest first, then with everything new. It must not block. */
  subscribe(listener: LiveListener): Unsubscribe {
    this.#listeners.add(listener);
    for (const item of this.#ring) this.#tell(listener, item);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  output(time: number, bytes: Uint8Array, stream: OutputStream): void {
    this.#push({ kind: 'output', offset: this.#offset, time, bytes, stream });
    this.#offset += bytes.length;
    this.#ringBytes += bytes.length;
    if (this.#ringBytes > RING_BYTES * 2) this.#trim();
  }

  resize(time: number, size: TerminalSize): void {
    this.#push({ kind: 'resize', offset: this.#offset, time, size });
  }

  marker(time: number, label: string): void {
    this.#push({ kind: 'marker', offset: this.#offset, time, label });
  }

  /** The last item; listeners hear nothing after it. */
  close(time: number): void {
    this.#push({ kind: 'closed', offset: this.#offset, time });
    this.#listeners.clear();
  }

  #push(item: LiveItem): void {
    this.#ring.push(item);
    for (const listener of [...this.#listeners]) this.#tell(listener, item);
  }

  #tell(listener: LiveListener, item: LiveItem): void {
    if (!this.#listeners.has(listener)) return;
    try {
      listener(item);
    } catch (failure) {
      this.#listeners.delete(listener);
      this.#onFailure(failure);
    }
  }

  /** Cuts the ring back to its size; done rarely, because it moves what is left. */
  #trim(): void {
    let first = 0;
    while (this.#ringBytes > RING_BYTES && first < this.#ring.length - 1) {
      const item = this.#ring[first];
      if (item?.kind === 'output') this.#ringBytes -= item.bytes.length;
      first += 1;
    }
    this.#ring = this.#ring.slice(first);
  }
}
