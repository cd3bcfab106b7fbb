/**
 * Whether an SSH signature is its key's over exactly these bytes, with Node's OpenSSL: Ed25519, ECDSA on the three
 * NIST curves, RSA with SHA-2 and both kinds of security keys. SHA-1 is never accepted. Never throws.
 */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { isSecurityKeyType, type SshSignature, signedBytes } from './ssh-signature.ts';
import { WireReader } from './wire-reader.ts';

/** A signature and the key that claims to have made it. */
export type KeySignature = Pick<SshSignature, 'publicKey' | 'keyType' | 'algorithm' | 'bytes' | 'securityKey'>;

type Verifier = (key: KeyFields, signed: Uint8Array, bytes: Uint8Array) => boolean;

/** The public values of a key, and the application of a security key. */
interface KeyFields {
  readonly key: KeyObject;
  readonly application: Uint8Array | null;
}

interface Curve {
  readonly jwk: string;
  readonly hash: string;
  /** Bytes of one coordinate. */
  readonly size: number;
}

const CURVES: ReadonlyMap<string, Curve> = new Map([
  ['nistp256', { jwk: 'P-256', hash: 'sha256', size: 32 }],
  ['nistp384', { jwk: 'P-384', hash: 'sha384', size: 48 }],
  ['nistp521', { jwk: 'P-521', hash: 'sha512', size: 66 }],
]);
const ED25519_SIGNATURE = 64;

const VERIFIERS: ReadonlyMap<string, Verifier> = new Map([
  ['ssh-ed25519', isEd25519],
  ['sk-ssh-ed25519@openssh.com', isEd25519],
  ['ecdsa-sha2-nistp256', isEcdsa('nistp256')],
  ['ecdsa-sha2-nistp384', isEcdsa('nistp384')],
  ['ecdsa-sha2-nistp521', isEcdsa('nistp521')],
  ['sk-ecdsa-sha2-nistp256@openssh.com', isEcdsa('nistp256')],
  ['rsa-sha2-256', isRsa('sha256')],
  ['rsa-sha2-512', isRsa('sha512')],
]);

/**
 * Whether `signature` was made over `message` by the key that it names. Says nothing about whose key that is,
 * about its namespace, or about what the flags of a security key say: the caller judges those.
 */
export function isSignatureOver(signature: SshSignature, message: Uint8Array): boolean {
  const { namespace, hash } = signature;
  return isKeySignature(signature, signedBytes(namespace, hash, createHash(hash).update(message).digest()));
}

/** The same for a signature over plain `data`, as in a sign-in (RFC 4252 §7). */
export function isKeySignature(signature: KeySignature, data: Uint8Array): boolean {
  const verifier = VERIFIERS.get(signature.algorithm);
  if (verifier === undefined) return false;
  try {
    const key = keyOf(signature);
    return key !== null && verifier(key, whatWasSigned(signature, key, data), signature.bytes);
  } catch {
    // Whatever OpenSSL dislikes about foreign bytes, they are not a signature.
    return false;
  }
}

/** A security key signs hashed application, flags, counter and hashed data (PROTOCOL.u2f). */
function whatWasSigned({ securityKey }: KeySignature, { application }: KeyFields, data: Uint8Array): Uint8Array {
  if (application === null || securityKey === null) return data;
  const tail = Buffer.alloc(5);
  tail.writeUInt8(securityKey.flags);
  tail.writeUInt32BE(securityKey.counter, 1);
  return Buffer.concat([sha256(application), tail, sha256(data)]);
}

/** The key; null when it is not of the type that is claimed, or a security key's proof is missing. */
function keyOf({ publicKey, keyType, securityKey }: KeySignature): KeyFields | null {
  const fields = new WireReader(publicKey);
  if (fields.name() !== keyType) return null;
  const jwk = jwkOf(keyType, fields);
  const application = isSecurityKeyType(keyType) ? fields.string() : null;
  if (jwk === null || !fields.atEnd || (application === null) !== (securityKey === null)) return null;
  return { key: createPublicKey({ key: jwk, format: 'jwk' }), application };
}

function jwkOf(type: string, fields: WireReader): JsonWebKey | null {
  if (type.includes('ed25519')) return jwk({ kty: 'OKP', crv: 'Ed25519' }, { x: fields.string() });
  if (type.includes('ecdsa')) return ecdsaJwk(fields);
  const [e, n] = [fields.positive(), fields.positive()];
  return jwk({ kty: 'RSA' }, { e, n });
}

function ecdsaJwk(fields: WireReader): JsonWebKey | null {
  const curve = CURVES.get(fields.name() ?? '');
  const point = fields.string();
  if (curve === undefined || point === null || point.length !== 1 + 2 * curve.size || point[0] !== 0x04) return null;
  const middle = 1 + curve.size;
  return jwk({ kty: 'EC', crv: curve.jwk }, { x: point.subarray(1, middle), y: point.subarray(middle) });
}

function jwk(head: JsonWebKey, numbers: Readonly<Record<string, Uint8Array | null>>): JsonWebKey | null {
  const made = { ...head };
  for (const [name, value] of Object.entries(numbers)) {
    if (value === null) return null;
    made[name] = Buffer.from(value).toString('base64url');
  }
  return made;
}

function isEd25519({ key }: KeyFields, signed: Uint8Array, bytes: Uint8Array): boolean {
  return bytes.length === ED25519_SIGNATURE && verify(null, signed, key, bytes);
}

/** The signature is two integers (RFC 5656 §3.1.2). */
function isEcdsa(name: string): Verifier {
  return ({ key }, signed, bytes) => {
    const curve = CURVES.get(name);
    const fields = new WireReader(bytes);
    const [r, s] = [fields.positive(), fields.positive()];
    if (curve === undefined || r === null || s === null || !fields.atEnd) return false;
    if (r.length > curve.size || s.length > curve.size) return false;
    const pair = Buffer.concat([padded(r, curve.size), padded(s, curve.size)]);
    return verify(curve.hash, signed, { key, dsaEncoding: 'ieee-p1363' }, pair);
  };
}

/** Leading zeros may be missing (RFC 8332 §3). */
function isRsa(hash: string): Verifier {
  return ({ key }, signed, bytes) => {
    const size = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
    return bytes.length > 0 && bytes.length <= size && verify(hash, signed, key, padded(bytes, size));
  };
}

function padded(bytes: Uint8Array, size: number): Buffer {
  return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
