/**
 * User keys and the signatures made with them: Ed25519, ECDSA and RSA with SHA-2 through the package, FIDO keys
 * (`sk-...`, PROTOCOL.u2f of OpenSSH) by ourselves, because the package refuses them. SHA-1 is never accepted.
 */

import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey, verify } from 'node:crypto';
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
const ED25519_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const P256_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

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

/** The signed message is hashed application, flags, counter, hashed data. */
function verifySecurityKey(offer: KeyOffer, signature: Buffer, signed: Buffer): boolean {
  const key = parseSecurityKey(offer);
  if (key === null || signature.length <= SK_TAIL) return false;
  const tail = signature.subarray(signature.length - SK_TAIL);
  if ((tail.readUInt8(0) & USER_PRESENT) === 0) return false;
  const message = Buffer.concat([sha256(key.application), tail, sha256(signed)]);
  const proper = signature.subarray(0, signature.length - SK_TAIL);
  if (offer.type === SK_ED25519) return proper.length === 64 && verify(null, message, key.key, proper);
  const pair = parseEcdsaPair(proper);
  return pair !== null && verify('sha256', message, { key: key.key, dsaEncoding: 'ieee-p1363' }, pair);
}

function parseSecurityKey(offer: KeyOffer): { key: KeyObject; application: Buffer } | null {
  const reader = new WireReader(offer.blob);
  if (reader.text() !== offer.type) return null;
  if (offer.type === SK_ECDSA && reader.text() !== 'nistp256') return null;
  const point = reader.bytes();
  const application = reader.bytes();
  const length = offer.type === SK_ED25519 ? 32 : 65;
  if (point === null || application === null || point.length !== length || !reader.atEnd) return null;
  const prefix = offer.type === SK_ED25519 ? ED25519_PREFIX : P256_PREFIX;
  return { key: createPublicKey({ key: Buffer.concat([prefix, point]), format: 'der', type: 'spki' }), application };
}

/** Two multiple precision integers as two 32-byte numbers. */
function parseEcdsaPair(encoded: Buffer): Buffer | null {
  const reader = new WireReader(encoded);
  const [r, s] = [reader.bytes(), reader.bytes()];
  if (r === null || s === null || !reader.atEnd) return null;
  const [left, right] = [toNumber32(r), toNumber32(s)];
  return left === null || right === null ? null : Buffer.concat([left, right]);
}

function toNumber32(integer: Buffer): Buffer | null {
  const bare = integer[0] === 0 ? integer.subarray(1) : integer;
  return bare.length > 32 ? null : Buffer.concat([Buffer.alloc(32 - bare.length), bare]);
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
