/**
 * Round trip of the path from the 16-bit timestamps that both sides echo. The smoothing is TCP's (RFC 6298 §2)
 * with bounds that suit typing. All times in ms of a monotonic clock.
 */

/** A timestamp field that carries nothing. */
export const NO_TIMESTAMP = 0xffff;

const WRAP = 0x10000;
/** An echo of an older timestamp would say more about our pauses than about the path. */
const REPLY_AGE_LIMIT = 1000;
const SAMPLE_LIMIT = 5000;
const LEAST_TIMEOUT = 50;
const MOST_TIMEOUT = 1000;

export class PathTiming {
  #smoothed = 1000;
  #variation = 500;
  #sampled = false;
  #received: { readonly timestamp: number; readonly at: number } | undefined;

  /** Smoothed round trip; undefined before the first measurement. */
  get roundTrip(): number | undefined {
    return this.#sampled ? this.#smoothed : undefined;
  }

  /** Smoothed round trip, or a cautious second before it is known. */
  get smoothed(): number {
    return this.#smoothed;
  }

  /** How long an answer may take before what was sent counts as lost. */
  get timeout(): number {
    return clamp(Math.ceil(this.#smoothed + 4 * this.#variation), LEAST_TIMEOUT, MOST_TIMEOUT);
  }

  /** The two timestamps for a packet that leaves now. The peer's timestamp is echoed once. */
  stamp(now: number): { readonly timestamp: number; readonly reply: number } {
    const received = this.#received;
    this.#received = undefined;
    const fresh = received !== undefined && now - received.at < REPLY_AGE_LIMIT;
    return { timestamp: timestampOf(now), reply: fresh ? wrap(received.timestamp + now - received.at) : NO_TIMESTAMP };
  }

  /** The timestamps of a packet that is newer than all before it. */
  heard(timestamp: number, reply: number, now: number): void {
    if (timestamp !== NO_TIMESTAMP) this.#received = { timestamp, at: now };
    if (reply === NO_TIMESTAMP) return;
    const sample = (timestampOf(now) - reply + WRAP) % WRAP;
    if (sample < SAMPLE_LIMIT) this.#learn(sample);
  }

  #learn(sample: number): void {
    if (this.#sampled) {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - sample);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * sample;
    } else {
      this.#sampled = true;
      this.#smoothed = sample;
      this.#variation = sample / 2;
    }
  }
}

function timestampOf(now: number): number {
  return wrap(now);
}

/** Modulo 2^16, without the value that means nothing. */
function wrap(ms: number): number {
  const value = Math.floor(ms) % WRAP;
  return value === NO_TIMESTAMP ? 0 : value;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
