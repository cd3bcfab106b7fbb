/**
 * Finds whose datagram it is when many connections share a port. Nothing in a datagram says so: a known address
 * is a guess, the key is the proof. An address is learnt only from a datagram that is the newest of its
 * connection, so that a replay from elsewhere teaches nothing. Strangers leave no trace.
 */
import type { Clock } from '../../base/clock.ts';
import type { PeerAddress } from '../attachment.ts';
import type { Heard } from '../transport/transport.ts';
import { incomingSequence, type OpenedDatagram } from '../wire/sealed-channel.ts';
import { TrialBudget } from './trial-budget.ts';

/** One connection, or what is left of it. */
export interface Member {
  /** The lowest sequence number that would be news. */
  readonly expectedSequence: number;
  readonly address: PeerAddress | undefined;
  open(datagram: Buffer): OpenedDatagram | undefined;
  receive(opened: OpenedDatagram, from: PeerAddress): Heard;
}

/** How far ahead of the expected number the next datagram of a connection plausibly is. */
const PLAUSIBLE_GAP = 1024;

export class Demultiplexer {
  readonly #members = new Set<Member>();
  readonly #byAddress = new Map<string, Member>();
  readonly #budget: TrialBudget;
  #refused = 0;

  constructor(clock: Clock) {
    this.#budget = new TrialBudget(clock);
  }

  /** Datagrams that belonged to nobody, or were not looked at for lack of budget. */
  get refused(): number {
    return this.#refused;
  }

  /** Addresses that are known. */
  get knownAddresses(): number {
    return this.#byAddress.size;
  }

  add(member: Member): void {
    this.#members.add(member);
  }

  remove(member: Member): void {
    this.#members.delete(member);
    for (const [key, other] of this.#byAddress) if (other === member) this.#byAddress.delete(key);
  }

  /** `next` stands where `member` stood: what it knew is kept. */
  replace(member: Member, next: Member): void {
    this.#members.delete(member);
    this.#members.add(next);
    for (const [key, other] of this.#byAddress) if (other === member) this.#byAddress.set(key, next);
  }

  receive(datagram: Buffer, from: PeerAddress): void {
    const sequence = incomingSequence(datagram, 'to-client');
    const known = this.#byAddress.get(keyOf(from));
    if (sequence === undefined || (!this.#try(known, datagram, from) && !this.#search(datagram, from, sequence))) {
      this.#refused += 1;
    }
  }

  #search(datagram: Buffer, from: PeerAddress, sequence: number): boolean {
    for (const member of this.#candidates(from, sequence)) {
      if (!this.#budget.spend(from.address)) return false;
      if (this.#try(member, datagram, from)) return true;
    }
    return false;
  }

  /** Likely ones first: by number, then by host, then the rest. */
  *#candidates(from: PeerAddress, sequence: number): Generator<Member> {
    const plausible = (member: Member): boolean =>
      sequence >= member.expectedSequence && sequence < member.expectedSequence + PLAUSIBLE_GAP;
    const sameHost = (member: Member): boolean => member.address?.address === from.address;
    const members = [...this.#members];
    yield* members.filter(plausible);
    const others = members.filter((member) => !plausible(member));
    yield* others.filter(sameHost);
    yield* others.filter((member) => !sameHost(member));
  }

  #try(member: Member | undefined, datagram: Buffer, from: PeerAddress): boolean {
    const opened = member?.open(datagram);
    if (member === undefined || opened === undefined) return false;
    const before = member.address;
    if (member.receive(opened, from) === 'newer' && this.#members.has(member)) {
      if (before !== undefined && keyOf(before) !== keyOf(from)) this.#byAddress.delete(keyOf(before));
      this.#byAddress.set(keyOf(from), member);
    }
    return true;
  }
}

function keyOf({ address, port }: PeerAddress): string {
  return `${address} ${port}`;
}
