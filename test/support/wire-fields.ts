/** Fields of SSH's binary formats (RFC 4251 §5), for tests that make keys and signatures. */

/** Bytes or text behind their length. */
export function wireField(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([wireNumber(bytes.length), bytes]);
}

/** A positive integer, big-endian, in its shortest spelling. */
export function wireInteger(value: Uint8Array): Buffer {
  const first = value.findIndex((byte) => byte !== 0);
  const bare = first === -1 ? Buffer.alloc(0) : value.subarray(first);
  return wireField((bare[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bare]) : bare);
}

/** Four bytes. */
export function wireNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
