import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { describeKey, fingerprintOf, isAcceptedKey, isSignedByKey, type KeyOffer } from './public-key.ts';

const SIGNED = Buffer.from('session, user, key');
const APPLICATION = Buffer.from('ssh:');

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

function tail(key: KeyObject, bytes: number): Buffer {
  const der = key.export({ format: 'der', type: 'spki' });
  return der.subarray(der.length - bytes);
}

/** What a FIDO key signs, with its flags and counter. */
function message(flags: number): { message: Buffer; flagsAndCounter: Buffer } {
  const flagsAndCounter = Buffer.from([flags, 0, 0, 1, 2]);
  return { message: Buffer.concat([sha256(APPLICATION), flagsAndCounter, sha256(SIGNED)]), flagsAndCounter };
}

function skEd25519(flags = 1): KeyOffer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const type = 'sk-ssh-ed25519@openssh.com';
  const signed = message(flags);
  return {
    type,
    blob: Buffer.concat([string(type), string(tail(publicKey, 32)), string(APPLICATION)]),
    hash: undefined,
    signature: Buffer.concat([sign(null, signed.message, privateKey), signed.flagsAndCounter]),
    signed: SIGNED,
  };
}

function mpint(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const bare = bytes.subarray(first);
  return string((bare[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bare]) : bare);
}

function skEcdsa(flags = 1): KeyOffer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
  const signed = message(flags);
  const pair = sign('sha256', signed.message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return {
    type,
    blob: Buffer.concat([string(type), string('nistp256'), string(tail(publicKey, 65)), string(APPLICATION)]),
    hash: undefined,
    signature: Buffer.concat([mpint(pair.subarray(0, 32)), mpint(pair.subarray(32)), signed.flagsAndCounter]),
    signed: SIGNED,
  };
}

function plainEd25519(): KeyOffer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const blob = Buffer.concat([string('ssh-ed25519'), string(tail(publicKey, 32))]);
  return { type: 'ssh-ed25519', blob, hash: undefined, signature: sign(null, SIGNED, privateKey), signed: SIGNED };
}

function rsa(bits: number, hash: string | undefined): KeyOffer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const jwk = publicKey.export({ format: 'jwk' });
  const [e, n] = [Buffer.from(String(jwk.e), 'base64url'), Buffer.from(String(jwk.n), 'base64url')];
  const blob = Buffer.concat([string('ssh-rsa'), mpint(e), mpint(n)]);
  return { type: 'ssh-rsa', blob, hash, signature: sign(hash ?? 'sha1', SIGNED, privateKey), signed: SIGNED };
}

const MAKERS: readonly [string, () => KeyOffer][] = [
  ['ssh-ed25519', plainEd25519],
  ['sk-ssh-ed25519', skEd25519],
  ['sk-ecdsa', skEcdsa],
  ['rsa-sha2-256', () => rsa(2048, 'sha256')],
  ['rsa-sha2-512', () => rsa(2048, 'sha512')],
];

describe.each(MAKERS)('%s', (_, make) => {
  test('its own signature holds', () => {
    const offer = make();
    expect(isAcceptedKey(offer)).toBe(true);
    expect(isSignedByKey(offer)).toBe(true);
  });

  test('nothing else does', () => {
    const offer = make();
    const { signature, ...unsigned } = offer;
    const bent = Buffer.from(signature ?? []);
    bent.writeUInt8(bent.readUInt8(10) ^ 1, 10);
    expect(isSignedByKey({ ...unsigned, signature: undefined })).toBe(false);
    expect(isSignedByKey({ ...offer, signed: Buffer.from('something else') })).toBe(false);
    expect(isSignedByKey({ ...offer, signature: bent })).toBe(false);
    expect(isSignedByKey({ ...offer, signature: Buffer.alloc(0) })).toBe(false);
    expect(isSignedByKey({ ...offer, signature: randomBytes(71) })).toBe(false);
    expect(isSignedByKey({ ...offer, blob: make().blob })).toBe(false);
    expect(isSignedByKey({ ...offer, blob: randomBytes(40) })).toBe(false);
  });
});

test('a FIDO key is the one that the offer names, and no plain key in its place', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const plain = Buffer.concat([string('ssh-ed25519'), string(tail(publicKey, 32))]);
  const disguised = Buffer.concat([string('ssh-ed25519'), string(tail(publicKey, 32)), string(APPLICATION)]);
  const signed = message(1);
  const signature = Buffer.concat([sign(null, signed.message, privateKey), signed.flagsAndCounter]);
  for (const blob of [plain, disguised]) {
    const offer = { type: 'sk-ssh-ed25519@openssh.com', blob, hash: undefined, signature, signed: SIGNED };
    expect(isSignedByKey(offer)).toBe(false);
  }
});

describe('keys', () => {
  test.each([skEd25519, skEcdsa])('a FIDO key without a touch does not count', (make) => {
    expect(isSignedByKey(make(0))).toBe(false);
    expect(isSignedByKey(make(4))).toBe(false);
    expect(isSignedByKey(make(5))).toBe(true);
  });

  test('RSA with SHA-1 and short RSA are not accepted', () => {
    expect(isAcceptedKey(rsa(2048, undefined))).toBe(false);
    expect(isSignedByKey(rsa(2048, undefined))).toBe(false);
    expect(isAcceptedKey(rsa(1024, 'sha256'))).toBe(false);
  });

  test.each(['ssh-dss', 'ssh-ed25519-cert-v01@openssh.com', '', 'ssh-ed448'])('%j is not accepted', (type) => {
    expect(
      isAcceptedKey({ type, blob: Buffer.alloc(0), hash: undefined, signature: undefined, signed: undefined }),
    ).toBe(false);
  });

  test('a type that is not the one in the blob does not count', () => {
    expect(isSignedByKey({ ...plainEd25519(), type: 'ecdsa-sha2-nistp256' })).toBe(false);
  });

  test('fingerprints are as ssh-keygen prints them', () => {
    const blob = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'base64');
    expect(fingerprintOf(blob)).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
    expect(describeKey('ssh-ed25519', blob).fingerprint).toBe('SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
  });
});
