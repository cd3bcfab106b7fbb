/**
 * How much goes to a new address before it has proved itself. Whoever delays a datagram and sends it on from a
 * victim's address makes us answer there; a few datagrams a round trip are nothing worth having.
 */

const DATAGRAMS = 10;
const AMPLIFICATION = 3;
const LEAST_WINDOW = 100;

export class RoamAllowance {
  #window: { startedAt: number; datagrams: number; sent: number; received: number } | undefined;
  /** State that was sent before the roam; a later one that is acknowledged proves the address. */
  #provenAbove = 0;

  /** The peer moved; what follows is limited. */
  roamed(lastNumber: number, bytes: number, now: number): void {
    this.#provenAbove = lastNumber;
    this.#window = { startedAt: now, datagrams: 0, sent: 0, received: bytes };
  }

  received(bytes: number, acknowledgedNumber: number): void {
    if (this.#window === undefined) return;
    if (acknowledgedNumber > this.#provenAbove) this.#window = undefined;
    else this.#window.received += bytes;
  }

  /** Whether a datagram may go out; it counts as sent if so. @param roundTrip ms */
  allows(bytes: number, now: number, roundTrip: number): boolean {
    const window = this.#window;
    if (window === undefined) return true;
    if (now - window.startedAt >= Math.max(LEAST_WINDOW, roundTrip)) {
      window.startedAt = now;
      window.datagrams = 0;
      window.sent = 0;
      window.received = 0;
    }
    if (window.datagrams >= DATAGRAMS && window.sent + bytes > AMPLIFICATION * window.received) return false;
    window.datagrams += 1;
    window.sent += bytes;
    return true;
  }
}
