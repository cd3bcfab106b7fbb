/**
 * Ed25519 signatures of text, for whoever anchors evidence (checkpoints of the audit log, seals of
 * recordings). Knows nothing of where keys are kept or who trusts them.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** Makes signatures with one private key. */
export interface Signer {
  /** First 16 hex digits of the SHA-256 of the public key (SPKI, DER). */
  readonly keyId: string;
  /** Base64 of the signature over the UTF-8 bytes of `text`. */
  sign(text: string): string;
}

export type SignatureCheck = 'valid' | 'invalid' | 'unknown-key';

/** Checks a base64 signature that claims to be made by `keyId`. Never throws. */
export type SignatureChecker = (text: string, signature: string, keyId: string) => SignatureCheck;

/** A signer with an Ed25519 private key. */
export function createSigner(privateKey: KeyObject): Signer {
  const keyId = keyIdOf(createPublicKey(privateKey));
  return { keyId, sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64') };
}

/** A checker that knows these Ed25519 public keys and no others. */
export function createSignatureChecker(publicKeys: readonly KeyObject[]): SignatureChecker {
  const known = new Map(publicKeys.map((key) => [keyIdOf(key), key]));
  return (text, signature, keyId) => {
    const key = known.get(keyId);
    if (key === undefined) return 'unknown-key';
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64')) ? 'valid' : 'invalid';
  };
}

/** What signatures name a public key by. */
export function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}
