/**
 * Whether clients that were let in over SSH get through by UDP as well. Asks nobody and proves nothing: a client
 * that was let in and is never heard is what a blocked port looks like from this side.
 */
import type { FarClient, MoshReport } from '../model/mosh-report.ts';
import type { PeerAddress } from './attachment.ts';
import { isLoopback } from './server/address.ts';

export type ReachCounts = Pick<MoshReport, 'heard' | 'unheard' | 'lastFromElsewhere'>;

export class MoshReach {
  #heard = 0;
  #unheard = 0;
  #last: FarClient | null = null;

  get counts(): ReachCounts {
    return { heard: this.#heard, unheard: this.#unheard, lastFromElsewhere: this.#last };
  }

  /** The first datagram of a client. @param local the address of ours that it came to  @param at ms since the epoch */
  heard(from: PeerAddress, local: string, at: number): void {
    this.#heard += 1;
    if (from.address === local || isLoopback(from.address)) return;
    this.#last = { address: from.address, at };
    this.#unheard = 0;
  }

  /** A client was waited for in vain. */
  unheard(): void {
    this.#unheard += 1;
  }
}
