/**
 * One step of synchronisation on the wire: "from state `oldNumber`, `diff` gives `newNumber`", with what was
 * received and what the other side may forget. Compressed as a zlib stream (RFC 1950).
 */
import { randomBytes, randomInt } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import { bytesField, lastBytes, lastVarint, readFields, varintField } from './protobuf.ts';

/** State number that says: this is the end. */
export const SHUTDOWN: number = Number.POSITIVE_INFINITY;

/** The other side refuses more, and so do we. */
export const INFLATED_LIMIT: number = 4 * 1024 * 1024;

const PROTOCOL_VERSION = 2;
/** zlib takes memory for the largest messages before it sees one; most are of some dozens of bytes. */
const SMALL = 512;
const SMALL_CHUNK = 1024;
const SMALL_DEFLATE = { windowBits: 9, memLevel: 3, chunkSize: SMALL_CHUNK } as const;
const CHAFF_LIMIT = 17;

export interface TransportInstruction {
  readonly oldNumber: number;
  readonly newNumber: number;
  /** The newest state of the receiver's object that the sender of this has. */
  readonly ackNumber: number;
  /** States below this one are never used as a base again. */
  readonly throwawayNumber: number;
  readonly diff: Uint8Array;
}

/** The compressed message, with a little random padding that hides its length. Random: differs at every call. */
export function packInstruction(instruction: TransportInstruction): Buffer {
  const message = Buffer.concat([
    varintField(1, PROTOCOL_VERSION),
    varintField(2, instruction.oldNumber),
    varintField(3, instruction.newNumber),
    varintField(4, instruction.ackNumber),
    varintField(5, instruction.throwawayNumber),
    bytesField(6, instruction.diff),
    bytesField(7, randomBytes(randomInt(CHAFF_LIMIT))),
  ]);
  return message.length <= SMALL ? deflateSync(message, SMALL_DEFLATE) : deflateSync(message);
}

/** undefined for what is malformed, too large, or of another version. */
export function unpackInstruction(packed: Uint8Array): TransportInstruction | undefined {
  const message = inflate(packed);
  const fields = message === undefined ? undefined : readFields(message);
  if (fields === undefined || lastVarint(fields, 1) !== PROTOCOL_VERSION) return undefined;
  return {
    oldNumber: lastVarint(fields, 2) ?? 0,
    newNumber: lastVarint(fields, 3) ?? 0,
    ackNumber: lastVarint(fields, 4) ?? 0,
    throwawayNumber: lastVarint(fields, 5) ?? 0,
    diff: lastBytes(fields, 6) ?? Buffer.alloc(0),
  };
}

function inflate(packed: Uint8Array): Buffer | undefined {
  try {
    const chunk = packed.length <= SMALL ? { chunkSize: SMALL_CHUNK } : {};
    return inflateSync(packed, { ...chunk, maxOutputLength: INFLATED_LIMIT });
  } catch {
    // Only the peer's bytes can be at fault here; a peer that sends nonsense is not answered.
    return undefined;
  }
}
