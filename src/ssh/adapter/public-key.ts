/**
 * User keys and the signatures made with them: Ed25519, ECDSA and RSA with SHA-2 through the package, FIDO keys
 * (`sk-...`, PROTOCOL.u2f of OpenSSH) by identity, because the package refuses them. SHA-1 is never accepted.
 */

import { createHash } from 'node:crypto';
import { isKeySignature } from '../../identity/signature-check.ts';
import type { OfferedKey } from '../ports.ts';
import { WireReader } from './request-payload.ts';
import { ssh2Library } from './ssh2-library.ts';

/** A key and, once the client signed, what it signed (RFC 4252 §7). */
export interface KeyOffer {
  /** Key type, without the hash that an RSA signature uses. */
  readonly type: string;
  readonly blob: Buffer;
  /** `sha256` or `sha512` for RSA; absent means SHA-1 there and nothing elsewhere. */
  readonly hash: string | undefined;
  readonly signature: Buffer | undefined;
  readonly signed: Buffer | undefined;
}

const PLAIN_TYPES = new Set(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521']);
const RSA_HASHES = new Set(['sha256', 'sha512']);
const SMALLEST_RSA_BITS = 2048;
const SK_ED25519 = 'sk-ssh-ed25519@openssh.com';
const SK_ECDSA = 'sk-ecdsa-sha2-nistp256@openssh.com';
const USER_PRESENT = 0x01;
/** Flags byte and counter after the signature proper. */
const SK_TAIL = 5;

/** The key as the identity part wants to see it. */
export function describeKey(type: string, blob: Buffer): OfferedKey {
  return { type, blob: blob.toString('base64'), fingerprint: fingerprintOf(blob) };
}

/** `SHA256:...` as `ssh-keygen -l` prints it. @param blob public key blob (RFC 4253 §6.6) */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** Whether keys of this type may sign in at all. */
export function isAcceptedKey(offer: KeyOffer): boolean {
  if (offer.type === 'ssh-rsa')
    return offer.hash !== undefined && RSA_HASHES.has(offer.hash) && isLongRsaKey(offer.blob);
  return PLAIN_TYPES.has(offer.type) || offer.type === SK_ED25519 || offer.type === SK_ECDSA;
}

/** Whether the offer carries a signature and it is this key's over exactly what was signed. Never throws. */
export function isSignedByKey(offer: KeyOffer): boolean {
  if (offer.signature === undefined || offer.signed === undefined || !isAcceptedKey(offer)) return false;
  try {
    if (offer.type === SK_ED25519 || offer.type === SK_ECDSA)
      return verifySecurityKey(offer, offer.signature, offer.signed);
    return verifyPlain(offer, offer.signature, offer.signed);
  } catch {
    // Whatever the parser or OpenSSL dislikes about foreign bytes, they are not a signature.
    return false;
  }
}

function verifyPlain(offer: KeyOffer, signature: Buffer, signed: Buffer): boolean {
  const key = ssh2Library().utils.parseKey(offer.blob);
  if (key instanceof Error || key.type !== offer.type) return false;
  return key.verify(signed, signature, offer.hash) === true;
}

function isLongRsaKey(blob: Buffer): boolean {
  const reader = new WireReader(blob);
  reader.bytes();
  reader.bytes();
  const modulus = reader.bytes();
  return modulus !== null && modulus.length * 8 >= SMALLEST_RSA_BITS;
}

/** A signature of a FIDO key ends in its flags and its counter; one that nobody touched is none. */
function verifySecurityKey({ type, blob }: KeyOffer, signature: Buffer, signed: Buffer): boolean {
  if (signature.length <= SK_TAIL) return false;
  const tail = signature.subarray(signature.length - SK_TAIL);
  const bytes = signature.subarray(0, signature.length - SK_TAIL);
  const securityKey = { flags: tail.readUInt8(0), counter: tail.readUInt32BE(1) };
  if ((securityKey.flags & USER_PRESENT) === 0) return false;
  return isKeySignature({ keyType: type, algorithm: type, publicKey: blob, bytes, securityKey }, signed);
}
