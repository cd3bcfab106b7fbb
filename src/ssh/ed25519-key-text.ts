/**
 * Ed25519 keys in the text forms of OpenSSH, from a seed: so that the bastion can make its own keys without a
 * program, and derive one host key for each target from one secret.
 */
import { createPrivateKey, createPublicKey, hkdfSync } from 'node:crypto';

const TYPE = 'ssh-ed25519';
/** PKCS#8 wrapping of a raw Ed25519 seed (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface Ed25519KeyText {
  /** `-----BEGIN OPENSSH PRIVATE KEY-----` ... */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA... comment` */
  readonly publicKey: string;
}

/** @param seed 32 secret bytes */
export function ed25519KeyText(seed: Uint8Array, comment: string): Ed25519KeyText {
  const publicBytes = publicKeyOf(seed);
  const blob = Buffer.concat([sshString(TYPE), sshString(publicBytes)]);
  const body = privateBody(seed, publicBytes, blob, comment);
  const lines = body.toString('base64').replace(/.{70}/g, '$&\n').trimEnd();
  return {
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
    publicKey: `${TYPE} ${blob.toString('base64')} ${comment}`,
  };
}

/** The host key that the jump door shows for `target`: always the same one for the same secret and name. */
export function targetHostKey(secret: Uint8Array, target: string): Ed25519KeyText {
  const seed = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `heldline target host key: ${target}`, 32));
  return ed25519KeyText(seed, `heldline/${target}`);
}

function publicKeyOf(seed: Uint8Array): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return der.subarray(der.length - 32);
}

/** The format of OpenSSH's PROTOCOL.key, without a passphrase. */
function privateBody(seed: Uint8Array, publicBytes: Uint8Array, blob: Uint8Array, comment: string): Buffer {
  const check = Buffer.alloc(8, 0x48);
  const pair = sshString(Buffer.concat([seed, publicBytes]));
  const inner = Buffer.concat([check, sshString(TYPE), sshString(publicBytes), pair, sshString(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, i) => i + 1));
  return Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    Buffer.from([0, 0, 0, 1]),
    sshString(blob),
    sshString(Buffer.concat([inner, padding])),
  ]);
}

/** RFC 4251 §5. */
function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
