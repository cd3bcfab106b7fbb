/**
 * How many decryptions strangers' datagrams are worth. Datagrams from known addresses are not charged. Counts per
 * second, in all and per network, so that one flood does not lock out everybody.
 */
import type { Clock } from '../../base/clock.ts';
import { networkOf } from './address.ts';

const IN_ALL = 2000;
const PER_NETWORK = 200;
const SECOND = 1000;

export class TrialBudget {
  readonly #clock: Clock;
  #second = -1;
  #spent = 0;
  #spentBy = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one more trial for a datagram from there is allowed; it counts if so. */
  spend(address: string): boolean {
    const second = Math.floor(this.#clock.monotonic() / SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#spent = 0;
      this.#spentBy = new Map();
    }
    const network = networkOf(address);
    const spent = this.#spentBy.get(network) ?? 0;
    if (this.#spent >= IN_ALL || spent >= PER_NETWORK) return false;
    this.#spent += 1;
    this.#spentBy.set(network, spent + 1);
    return true;
  }
}
