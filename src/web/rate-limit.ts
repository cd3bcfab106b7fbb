/**
 * How often somebody may do something: a bucket a key that drips full again. Holds a bounded number of keys; when
 * there are more, the one that was idle longest is forgotten, which is to say full again.
 */
import type { Clock } from '../base/clock.ts';

export interface Rate {
  /** At once, after a rest. */
  readonly burst: number;
  /** In the long run. */
  readonly perMinute: number;
}

interface Bucket {
  readonly left: number;
  /** ms, monotonic */
  readonly at: number;
}

const MOST_KEYS = 10_000;

export class RateLimit {
  readonly #rate: Rate;
  readonly #clock: Clock;
  /** The one that was used last stands last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Takes one; 0 when there was one, else ms until there is. */
  take(key: string): number {
    const now = this.#clock.monotonic();
    const { burst, perMinute } = this.#rate;
    const before = this.#buckets.get(key);
    const dripped = before === undefined ? burst : before.left + ((now - before.at) * perMinute) / 60_000;
    const left = Math.min(burst, dripped);
    const taken = left >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { left: taken ? left - 1 : left, at: now });
    this.#forget();
    return taken ? 0 : ((1 - left) * 60_000) / perMinute;
  }

  #forget(): void {
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MOST_KEYS && oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** What an address counts as: somebody with IPv6 has a whole network of 64 bits. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':');
  const filled = tail === undefined ? groups : [...groups, ...Array<string>(8).fill('0')];
  return filled.slice(0, 4).join(':');
}
