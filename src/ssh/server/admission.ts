/**
 * Who may knock: caps on connections that have not signed in, per address and in all, with random early drop so
 * that a flood from many addresses cannot keep everybody out.
 */
import type { FrontDoorLimits } from './front-door-limits.ts';

/** Gives the place back; calling it again does nothing. */
export type LeaveQueue = () => void;

export class Admission {
  readonly #limits: Pick<FrontDoorLimits, 'unauthenticatedPerAddress' | 'unauthenticated'>;
  readonly #random: () => number;
  readonly #perAddress = new Map<string, number>();
  #total = 0;

  /** @param random in [0, 1), for the early drop */
  constructor(limits: Pick<FrontDoorLimits, 'unauthenticatedPerAddress' | 'unauthenticated'>, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  get waiting(): number {
    return this.#total;
  }

  /** A place until sign-in, or null when this connection is turned away. */
  enter(address: string): LeaveQueue | null {
    const here = this.#perAddress.get(address) ?? 0;
    if (here >= this.#limits.unauthenticatedPerAddress || this.#dropEarly()) return null;
    this.#perAddress.set(address, here + 1);
    this.#total += 1;
    let inside = true;
    return () => {
      if (inside) this.#leave(address);
      inside = false;
    };
  }

  #dropEarly(): boolean {
    const { start, full } = this.#limits.unauthenticated;
    if (this.#total < start) return false;
    return this.#total >= full || this.#random() < (this.#total - start + 1) / (full - start + 1);
  }

  #leave(address: string): void {
    this.#total -= 1;
    const here = (this.#perAddress.get(address) ?? 1) - 1;
    if (here === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, here);
  }
}
