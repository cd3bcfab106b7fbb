/**
 * What is left of a connection that has ended: it tells a client that comes back that this is the end. Answers
 * authentic datagrams only, one each, and keeps no screen.
 */
import { randomInt } from 'node:crypto';
import type { AttachmentRemains, PeerAddress } from '../attachment.ts';
import { NO_TIMESTAMP } from '../transport/path-timing.ts';
import type { Heard } from '../transport/transport.ts';
import { splitIntoFragments } from '../wire/fragments.ts';
import { packInstruction, SHUTDOWN } from '../wire/instruction.ts';
import type { OpenedDatagram } from '../wire/sealed-channel.ts';
import type { Member } from './demultiplexer.ts';

const ONE_PIECE = 400;

export class Tombstone implements Member {
  readonly #remains: AttachmentRemains;
  readonly #clientLeft: boolean;
  #expected: number;
  #address: PeerAddress | undefined;

  /** @param clientLeft the client said goodbye, and is told that this arrived */
  constructor(remains: AttachmentRemains, clientLeft: boolean) {
    this.#remains = remains;
    this.#clientLeft = clientLeft;
    this.#expected = remains.expectedSequence;
    this.#address = remains.address;
  }

  get expectedSequence(): number {
    return this.#expected;
  }

  get address(): PeerAddress | undefined {
    return this.#address;
  }

  open(datagram: Buffer): OpenedDatagram | undefined {
    return this.#remains.channel.open(datagram);
  }

  receive({ sequence }: OpenedDatagram, from: PeerAddress): Heard {
    if (sequence < this.#expected) return 'late';
    this.#expected = sequence + 1;
    this.#address = from;
    this.#answer(from);
    return 'newer';
  }

  #answer(to: PeerAddress): void {
    const { channel, port, acknowledgedNumber } = this.#remains;
    const known = acknowledgedNumber === SHUTDOWN ? 0 : acknowledgedNumber;
    const packed = packInstruction({
      oldNumber: acknowledgedNumber,
      newNumber: SHUTDOWN,
      ackNumber: this.#clientLeft ? SHUTDOWN : 0,
      throwawayNumber: known,
      diff: Buffer.alloc(0),
    });
    const stamps = Buffer.alloc(4);
    stamps.writeUInt16BE(NO_TIMESTAMP, 0);
    stamps.writeUInt16BE(NO_TIMESTAMP, 2);
    // The counter of ids is gone; a random one does not meet a half-received instruction.
    for (const fragment of splitIntoFragments(randomInt(2 ** 40, 2 ** 47), packed, ONE_PIECE)) {
      port.send(channel.seal(Buffer.concat([stamps, fragment])), to, () => {});
    }
  }
}
