/** Identifiers: time-ordered UUIDs for records, short ids for people, random tokens for secrets. */
import { randomBytes, randomFillSync, randomInt } from 'node:crypto';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const UUID_BYTES = 16;

/** Random bytes for the next UUIDs: asking the system for many at once costs about what asking for one does. */
const pool: Buffer = Buffer.alloc(256 * UUID_BYTES);
let used: number = pool.length;

/** A UUIDv7 (RFC 9562 §5.7): sorts by creation time. @param now ms since the epoch */
export function uuidv7(now: number): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + UUID_BYTES);
  used += UUID_BYTES;
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** `length` random characters of Crockford base32 (no I, L, O, U), 5 bits each. */
export function crockford(length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += CROCKFORD.charAt(randomInt(32));
  return text;
}

/** `bytes` random bytes in lower-case hex. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
