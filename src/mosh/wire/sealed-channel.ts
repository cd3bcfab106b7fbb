/**
 * One direction pair under one key: numbers and seals what goes out, opens what came in. The nonce of a datagram
 * is its number and direction, so the number lives here and nowhere else, and is raised before it is used.
 *
 * Datagram: 8 bytes of direction bit and sequence number, ciphertext, 16-byte tag. Big-endian throughout.
 */
import { HeldlineError } from '../../base/heldline-error.ts';
import { openOcb, sealOcb, TAG_BYTES } from './ocb.ts';

/** Which way a datagram travels; the top bit of its nonce. */
export type Direction = 'to-server' | 'to-client';

/** Bytes around the plaintext of a datagram. */
export const SEAL_BYTES: number = 8 + TAG_BYTES;
/** Longer datagrams are nobody's: the receive buffer of the protocol. */
export const DATAGRAM_LIMIT = 2048;

/** OCB is safe for far less data under one key than its counter could number (RFC 7253 §5). */
const BLOCK_LIMIT = 2 ** 47;
/** What may still be sealed once the limit is reached: enough to end, and far from anything that matters. */
const BLOCKS_LEFT = 2 ** 20;
const BLOCK_BYTES = 16;
const TOP_BIT = 0x8000_0000;
const HIGH = 2 ** 32;

export interface OpenedDatagram {
  readonly sequence: number;
  readonly plaintext: Buffer;
}

export class SealedChannel {
  readonly #key: Uint8Array;
  readonly #sends: Direction;
  readonly #blockLimit: number;
  #sent = -1;
  #blocks = 0;

  /** @param blockLimit blocks of 16 bytes, both ways together */
  constructor(key: Uint8Array, sends: Direction, blockLimit: number = BLOCK_LIMIT) {
    this.#key = key;
    this.#sends = sends;
    this.#blockLimit = blockLimit;
  }

  /** The key has protected all it may: the connection has to end. Nothing is opened any more. */
  get exhausted(): boolean {
    return this.#blocks > this.#blockLimit || this.#sent >= Number.MAX_SAFE_INTEGER;
  }

  /** @throws HeldlineError `mosh.key-exhausted` when the key has protected all it may */
  seal(plaintext: Uint8Array): Buffer {
    this.#countSealed(plaintext);
    this.#sent += 1;
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(Math.floor(this.#sent / HIGH) + (this.#sends === 'to-client' ? TOP_BIT : 0), 4);
    nonce.writeUInt32BE(this.#sent % HIGH, 8);
    return Buffer.concat([nonce.subarray(4), sealOcb(this.#key, nonce, plaintext)]);
  }

  /** undefined for anything that the peer has not sealed, our own datagrams included. */
  open(datagram: Buffer): OpenedDatagram | undefined {
    const sequence = incomingSequence(datagram, this.#sends);
    if (sequence === undefined || this.exhausted) return undefined;
    const nonce = Buffer.alloc(12);
    datagram.copy(nonce, 4, 0, 8);
    const plaintext = openOcb(this.#key, nonce, datagram.subarray(8));
    if (plaintext === undefined) return undefined;
    this.#blocks += blocksOf(plaintext);
    return { sequence, plaintext };
  }

  #countSealed(plaintext: Uint8Array): void {
    this.#blocks += blocksOf(plaintext);
    if (this.#blocks > this.#blockLimit + BLOCKS_LEFT || this.#sent >= Number.MAX_SAFE_INTEGER) {
      throw new HeldlineError('mosh.key-exhausted', 'this Mosh connection has used up its key; connect again');
    }
  }
}

function blocksOf(plaintext: Uint8Array): number {
  return Math.ceil(plaintext.length / BLOCK_BYTES) + 1;
}

/**
 * The number that a datagram claims, without looking at the rest; undefined when it cannot be for an end that
 * sends `sends` (too short, too long, own direction).
 */
export function incomingSequence(datagram: Buffer, sends: Direction): number | undefined {
  if (datagram.length < SEAL_BYTES || datagram.length > DATAGRAM_LIMIT) return undefined;
  const high = datagram.readUInt32BE(0);
  const toClient = high >= TOP_BIT;
  if (toClient === (sends === 'to-client')) return undefined;
  const sequence = (high % TOP_BIT) * HIGH + datagram.readUInt32BE(4);
  return Number.isSafeInteger(sequence) ? sequence : undefined;
}
