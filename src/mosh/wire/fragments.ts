/**
 * Instructions in pieces that fit a datagram. A repeated piece of one id must carry the same bytes: the client
 * aborts otherwise, so whoever resends keeps the bytes or takes a new id.
 */
import { INFLATED_LIMIT } from './instruction.ts';

/** Bytes before the piece: id, final bit and number. */
export const FRAGMENT_HEADER_BYTES = 10;

const FINAL = 0x8000;
/** The smallest piece that anybody sends; bounds what one reassembly can hold. */
const SMALLEST_PIECE = 500;
const HIGHEST_NUMBER: number = Math.ceil(INFLATED_LIMIT / SMALLEST_PIECE);
const HIGH = 2 ** 32;

/** `payload` in fragments with pieces of at most `pieceBytes`, ready to be put into packets. */
export function splitIntoFragments(id: number, payload: Uint8Array, pieceBytes: number): Buffer[] {
  const fragments: Buffer[] = [];
  for (let start = 0, number = 0; start < payload.length || number === 0; start += pieceBytes, number += 1) {
    const piece = payload.subarray(start, start + pieceBytes);
    const header = Buffer.alloc(FRAGMENT_HEADER_BYTES);
    header.writeUInt32BE(Math.floor(id / HIGH), 0);
    header.writeUInt32BE(id % HIGH, 4);
    header.writeUInt16BE((start + pieceBytes >= payload.length ? FINAL : 0) | number, 8);
    fragments.push(Buffer.concat([header, piece]));
  }
  return fragments;
}

/** Puts the pieces of one instruction at a time together; a piece of another instruction drops the rest. */
export class FragmentAssembly {
  #id = -1;
  #pieces = new Map<number, Buffer>();
  #last: number | undefined;
  #bytes = 0;

  /** The joined pieces once the last missing one arrives, else undefined. */
  add(fragment: Buffer): Buffer | undefined {
    if (fragment.length < FRAGMENT_HEADER_BYTES) return undefined;
    const id = fragment.readUInt32BE(0) * HIGH + fragment.readUInt32BE(4);
    const mark = fragment.readUInt16BE(8);
    const number = mark & ~FINAL;
    if (number > HIGHEST_NUMBER) return undefined;
    if (id !== this.#id) this.#start(id);
    if (this.#pieces.has(number) || number > (this.#last ?? number)) return undefined;
    if (mark & FINAL) this.#last = number;
    return this.#keep(number, fragment.subarray(FRAGMENT_HEADER_BYTES));
  }

  #keep(number: number, piece: Buffer): Buffer | undefined {
    this.#bytes += piece.length;
    if (this.#bytes > INFLATED_LIMIT) {
      this.#start(-1);
      return undefined;
    }
    this.#pieces.set(number, piece);
    if (this.#last === undefined || this.#pieces.size <= this.#last) return undefined;
    const joined = Buffer.concat([...this.#pieces].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
    this.#pieces = new Map();
    this.#bytes = 0;
    // The id stays: late duplicates of a complete instruction must not start it anew for nothing.
    return joined;
  }

  #start(id: number): void {
    this.#id = id;
    this.#pieces = new Map();
    this.#last = undefined;
    this.#bytes = 0;
  }
}
