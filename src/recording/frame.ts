/**
 * Frames: the unit that is flushed, chained and verified. A frame is one gzip member (RFC 1952) whose extra
 * field "HL" holds the chain, so that `zcat` prints the recording and the chain is walked without inflating.
 * Layout: docs/recording-format.md.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

const GZIP_HEADER = 10;
const FLAGS_AT = 3;
const FEXTRA = 4;
/** XLEN, subfield id, subfield length, then 64 bytes. */
const EXTRA_LENGTH = 68;
const HL_AT = GZIP_HEADER + 2 + 4;
const HEADER_LENGTH = GZIP_HEADER + 2 + EXTRA_LENGTH;
const TRAILER_LENGTH = 8;
const LEVEL = 3;
/** A frame never inflates to more: one event of the longest text, every character escaped. */
const MAX_TEXT = 4 << 20;
const MAX_MEMBER = 8 << 20;

/** What is written into the extra field besides the lengths. */
export interface FrameHeader {
  /** Counts from 0 over all segments of a recording. */
  readonly number: number;
  /** The recording ends with this frame. */
  readonly final: boolean;
  /** It was flushed at once, because something waited for it to be on the disk. */
  readonly critical: boolean;
  /** Time of the first and last event, microseconds since the start. */
  readonly from: number;
  readonly to: number;
  /** SHA-256 of the frame before, 32 bytes. */
  readonly prev: Buffer;
}

export interface EncodedFrame {
  readonly bytes: Buffer;
  /** SHA-256 of `bytes`, 32 bytes. */
  readonly hash: Buffer;
}

/** A frame as it stands in a segment; not inflated yet. */
export interface StoredFrame extends FrameHeader {
  /** The whole member. */
  readonly bytes: Buffer;
}

export type FrameReading =
  | { readonly kind: 'frame'; readonly frame: StoredFrame }
  /** The bytes end inside of the frame. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'damaged'; readonly detail: string };

/** Compresses whole lines into a frame. */
export function encodeFrame(text: string, header: FrameHeader): EncodedFrame {
  const gzip = gzipSync(text, { level: LEVEL });
  const bytes = Buffer.allocUnsafe(gzip.length + HEADER_LENGTH - GZIP_HEADER);
  gzip.copy(bytes, 0, 0, GZIP_HEADER);
  bytes[FLAGS_AT] = (gzip[FLAGS_AT] ?? 0) | FEXTRA;
  bytes.writeUInt16LE(EXTRA_LENGTH, GZIP_HEADER);
  bytes.write('HL', GZIP_HEADER + 2, 'latin1');
  bytes.writeUInt16LE(EXTRA_LENGTH - 4, GZIP_HEADER + 4);
  writeHeader(bytes, header);
  gzip.copy(bytes, HEADER_LENGTH, GZIP_HEADER);
  return { bytes, hash: frameHash(bytes) };
}

function writeHeader(bytes: Buffer, header: FrameHeader): void {
  bytes.fill(0, HL_AT, HEADER_LENGTH);
  bytes[HL_AT] = 1;
  bytes[HL_AT + 1] = (header.final ? 1 : 0) | (header.critical ? 2 : 0);
  bytes.writeUInt32LE(header.number, HL_AT + 4);
  bytes.writeUInt32LE(bytes.length, HL_AT + 8);
  bytes.writeBigUInt64LE(BigInt(header.from), HL_AT + 12);
  bytes.writeBigUInt64LE(BigInt(header.to), HL_AT + 20);
  header.prev.copy(bytes, HL_AT + 28);
}

/** SHA-256 over all bytes of a member. */
export function frameHash(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Reads the frame that begins at `offset`. Looks at the header only; never throws. */
export function readFrame(segment: Buffer, offset: number): FrameReading {
  const rest = segment.subarray(offset);
  if (rest.length < HEADER_LENGTH) return { kind: 'torn' };
  if (!hasHeader(rest)) return { kind: 'damaged', detail: 'no frame header' };
  const length = rest.readUInt32LE(HL_AT + 8);
  if (length < HEADER_LENGTH + TRAILER_LENGTH || length > MAX_MEMBER)
    return { kind: 'damaged', detail: 'impossible length' };
  if (length > rest.length) return { kind: 'torn' };
  return { kind: 'frame', frame: headerOf(rest.subarray(0, length)) };
}

function hasHeader(bytes: Buffer): boolean {
  return (
    bytes.readUInt16BE(0) === 0x1f8b &&
    bytes[2] === 8 &&
    bytes[FLAGS_AT] === FEXTRA &&
    bytes.readUInt16LE(GZIP_HEADER) === EXTRA_LENGTH &&
    bytes.toString('latin1', GZIP_HEADER + 2, GZIP_HEADER + 4) === 'HL' &&
    bytes.readUInt16LE(GZIP_HEADER + 4) === EXTRA_LENGTH - 4 &&
    bytes[HL_AT] === 1
  );
}

function headerOf(bytes: Buffer): StoredFrame {
  const flags = bytes[HL_AT + 1] ?? 0;
  return {
    number: bytes.readUInt32LE(HL_AT + 4),
    final: (flags & 1) !== 0,
    critical: (flags & 2) !== 0,
    from: Number(bytes.readBigUInt64LE(HL_AT + 12)),
    to: Number(bytes.readBigUInt64LE(HL_AT + 20)),
    prev: bytes.subarray(HL_AT + 28, HL_AT + 60),
    bytes,
  };
}

/** The lines in a frame; null when they do not inflate, are too long or do not match their checksum. */
export function inflateFrame(frame: StoredFrame): string | null {
  try {
    return gunzipSync(frame.bytes, { maxOutputLength: MAX_TEXT }).toString('utf8');
  } catch {
    return null;
  }
}
