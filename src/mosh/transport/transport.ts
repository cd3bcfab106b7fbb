/**
 * One end of a synchronised connection, as a state machine: datagrams and time go in, datagrams come out. It has
 * no sockets and no timers; its owner asks `dueAt` and calls `tick`. It never trusts a datagram that was not
 * opened with the key.
 */
import { FragmentAssembly } from '../wire/fragments.ts';
import { SHUTDOWN, unpackInstruction } from '../wire/instruction.ts';
import { type OpenedDatagram, SEAL_BYTES, type SealedChannel } from '../wire/sealed-channel.ts';
import { PathLoss } from './path-loss.ts';
import { PathTiming } from './path-timing.ts';
import { Receiver, type RemoteObject } from './receiver.ts';
import { type Ending, type LocalObject, type Pacing, Sender } from './sender.ts';

export interface TransportParts<Local, Remote> {
  readonly channel: SealedChannel;
  readonly pacing: Pacing;
  readonly local: LocalObject<Local>;
  readonly remote: RemoteObject<Remote>;
  /** Largest datagram that the path takes, in bytes. */
  readonly datagramBytes: () => number;
  readonly send: (datagram: Buffer) => void;
  /** ms of the monotonic clock */
  readonly now: number;
  /** The client speaks first; the server does not know where to until it has heard something. */
  readonly role: 'client' | 'server';
}

/** `newer`: the newest datagram so far, so the peer is where it came from. `late` ones prove nothing of the sort. */
export type Heard = 'newer' | 'late';

const TIMESTAMP_BYTES = 4;
/** Nobody is sent to who has been silent for so long. */
const SILENCE_LIMIT = 40_000;

export class Transport<Local, Remote> {
  readonly #parts: TransportParts<Local, Remote>;
  readonly #timing = new PathTiming();
  readonly #loss = new PathLoss();
  readonly #receiver: Receiver<Remote>;
  readonly #sender: Sender<Local>;
  readonly #assembly = new FragmentAssembly();
  #expected = 0;
  /** Time of the running `tick`. */
  #now: number;
  #heardAt: number | undefined;
  #stateAt: number;

  constructor(parts: TransportParts<Local, Remote>) {
    this.#parts = parts;
    this.#stateAt = parts.now;
    this.#now = parts.now;
    this.#receiver = new Receiver(parts.remote);
    const transport = this;
    this.#sender = new Sender({
      pacing: parts.pacing,
      local: parts.local,
      timing: this.#timing,
      loss: this.#loss,
      now: parts.now,
      peer: {
        get ackNumber(): number {
          return transport.#receiver.ackNumber;
        },
        get peerEnded(): boolean {
          return transport.#receiver.peerEnded;
        },
        get lastStateAt(): number {
          return transport.#stateAt;
        },
      },
      fragmentBytes: () => parts.datagramBytes() - SEAL_BYTES - TIMESTAMP_BYTES,
      send: (fragment) => this.#sendFragment(fragment),
    });
  }

  /** The lowest sequence number that would be news. */
  get expectedSequence(): number {
    return this.#expected;
  }

  /** When something authentic came last; undefined before. */
  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  get roundTrip(): number | undefined {
    return this.#timing.roundTrip;
  }

  /** How long an answer may take, ms. */
  get timeout(): number {
    return this.#timing.timeout;
  }

  get acknowledgedNumber(): number {
    return this.#sender.acknowledgedNumber;
  }

  get lastNumber(): number {
    return this.#sender.lastNumber;
  }

  /** The peer has ended, and was told that we know. */
  get peerLeft(): boolean {
    return this.#receiver.peerEnded && this.#sender.farewellSent;
  }

  /** The local object may have changed. */
  changed(now: number): void {
    this.#sender.changed(now);
  }

  /** Begins our own goodbye. */
  end(now: number): void {
    this.#sender.end(now);
  }

  ending(now: number): Ending {
    return this.#sender.ending(now);
  }

  /** Takes a datagram that was opened with this connection's key. */
  receive({ sequence, plaintext }: OpenedDatagram, now: number): Heard {
    const newer = sequence >= this.#expected;
    if (newer) {
      this.#loss.heard(sequence - this.#expected);
      this.#expected = sequence + 1;
      this.#heardAt = now;
      if (plaintext.length >= TIMESTAMP_BYTES) {
        this.#timing.heard(plaintext.readUInt16BE(0), plaintext.readUInt16BE(2), now);
      }
    } else this.#loss.heardLate();
    const packed = this.#assembly.add(plaintext.subarray(TIMESTAMP_BYTES));
    if (packed !== undefined) this.#instruction(packed, now);
    return newer ? 'newer' : 'late';
  }

  /** When `tick` has something to do, ms of the monotonic clock; Infinity when only events can change that. */
  dueAt(now: number): number {
    return this.#maySend(now) ? this.#sender.dueAt(now) : Number.POSITIVE_INFINITY;
  }

  tick(now: number): void {
    if (!this.#maySend(now)) return;
    this.#now = now;
    this.#sender.tick(now);
  }

  #maySend(now: number): boolean {
    if (this.#parts.role === 'client') return true;
    return this.#heardAt !== undefined && now - this.#heardAt < SILENCE_LIMIT;
  }

  #instruction(packed: Buffer, now: number): void {
    const instruction = unpackInstruction(packed);
    if (instruction === undefined) return;
    this.#sender.acknowledged(instruction.ackNumber);
    const received = this.#receiver.receive(instruction, now);
    if (received !== 'newest') return;
    this.#stateAt = now;
    if (instruction.diff.length > 0 || instruction.newNumber === SHUTDOWN) this.#sender.owesAck(now);
  }

  #sendFragment(fragment: Buffer): void {
    const { timestamp, reply } = this.#timing.stamp(this.#now);
    const head = Buffer.alloc(TIMESTAMP_BYTES);
    head.writeUInt16BE(timestamp, 0);
    head.writeUInt16BE(reply, 2);
    this.#parts.send(this.#parts.channel.seal(Buffer.concat([head, fragment])));
  }
}
