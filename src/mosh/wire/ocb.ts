/** AES-128 in OCB mode (RFC 7253) as Mosh uses it: 12-byte nonce, no associated data, 16-byte tag at the end. */
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Bytes of a key. */
export const KEY_BYTES = 16;
/** Bytes that sealing adds. */
export const TAG_BYTES = 16;

const ALGORITHM = 'aes-128-ocb';
const OPTIONS = { authTagLength: TAG_BYTES } as const;

/** Ciphertext and tag. @throws what `node:crypto` throws when the build has no OCB */
export function sealOcb(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS);
  // Partial blocks come out of `final` only: both parts are needed, both ways.
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext, or undefined when the bytes are not what somebody with the key has sealed under this nonce. */
export function openOcb(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS);
  const end = sealed.length - TAG_BYTES;
  decipher.setAuthTag(sealed.subarray(end));
  const start = decipher.update(sealed.subarray(0, end));
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch {
    // `final` throws for a wrong tag and for nothing else; forged bytes are an expected outcome.
    return undefined;
  }
}
