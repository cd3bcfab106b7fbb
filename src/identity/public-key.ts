/**
 * OpenSSH public keys in their one-line form: `TYPE BASE64 [COMMENT]`. Strict: no options in front, one
 * spelling of everything, no field left over, points that lie on their curve, RSA of 2048 to 16384 bits.
 * `ssh-dss` and certificates are not accepted.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { visibleShort } from '../base/visible.ts';
import { WireReader } from './wire-reader.ts';

export interface PublicKey {
  readonly type: string;
  /** Base64 of the blob (RFC 4253 §6.6). */
  readonly blob: string;
  readonly comment: string;
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

export type ParsedKey =
  | { readonly kind: 'key'; readonly key: PublicKey }
  | { readonly kind: 'refused'; readonly why: string };

const LINE_LIMIT = 16_384;
const COMMENT_LIMIT = 200;
const ED25519_SIZE = 32;

const CURVES: Readonly<Record<string, { readonly jwk: string; readonly size: number }>> = {
  nistp256: { jwk: 'P-256', size: 32 },
  nistp384: { jwk: 'P-384', size: 48 },
  nistp521: { jwk: 'P-521', size: 66 },
};

type Check = (fields: WireReader) => string | null;

const TYPES: ReadonlyMap<string, Check> = new Map([
  ['ssh-ed25519', checkEd25519],
  ['ecdsa-sha2-nistp256', checkEcdsa('nistp256')],
  ['ecdsa-sha2-nistp384', checkEcdsa('nistp384')],
  ['ecdsa-sha2-nistp521', checkEcdsa('nistp521')],
  ['ssh-rsa', checkRsa],
  ['sk-ssh-ed25519@openssh.com', (fields) => checkEd25519(fields) ?? checkApplication(fields)],
  ['sk-ecdsa-sha2-nistp256@openssh.com', (fields) => checkEcdsa('nistp256')(fields) ?? checkApplication(fields)],
]);

/** Reads one line of a `.pub` file; a newline at the end is fine. `why` is a sentence for the administrator. */
export function parsePublicKey(text: string): ParsedKey {
  const line = text.trim();
  if (line.length > LINE_LIMIT) return refused('The key is too long.');
  if (/[\r\n]/.test(line)) return refused('That is more than one line; give one key at a time.');
  const [type = '', blob = '', ...comment] = line.split(/[ \t]+/);
  if (!TYPES.has(type)) return refused(describeUnknown(type, line));
  const bytes = Buffer.from(blob, 'base64');
  if (blob === '' || bytes.toString('base64') !== blob) {
    return refused('The second word of the key is not proper base64.');
  }
  const wrong = checkKeyBlob(type, bytes);
  if (wrong !== null) return refused(wrong);
  const shown = visibleShort(comment.join(' '), COMMENT_LIMIT);
  return { kind: 'key', key: { type, blob, comment: shown, fingerprint: fingerprintOf(bytes) } };
}

/** `SHA256:` and base64 without padding of the SHA-256 of a public key blob. */
function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** What is wrong with a blob that claims to be of `type`, or null. */
function checkKeyBlob(type: string, blob: Uint8Array): string | null {
  const fields = new WireReader(blob);
  if (fields.name() !== type) return 'The key says another type inside than in front.';
  const wrong = TYPES.get(type)?.(fields) ?? null;
  if (wrong !== null) return wrong;
  return fields.atEnd ? null : 'The key has bytes left over.';
}

function checkEd25519(fields: WireReader): string | null {
  return fields.string()?.length === ED25519_SIZE ? null : 'The ed25519 key has the wrong size.';
}

function checkEcdsa(curve: string): Check {
  return (fields) => {
    if (fields.name() !== curve) return 'The key names another curve inside than in front.';
    const point = fields.string();
    return point !== null && isOnCurve(curve, point) ? null : `The key is not a point on ${curve}.`;
  };
}

function isOnCurve(name: string, point: Uint8Array): boolean {
  const curve = CURVES[name];
  if (curve === undefined || point.length !== 1 + 2 * curve.size || point[0] !== 0x04) return false;
  const x = Buffer.from(point.subarray(1, 1 + curve.size)).toString('base64url');
  const y = Buffer.from(point.subarray(1 + curve.size)).toString('base64url');
  try {
    createPublicKey({ key: { kty: 'EC', crv: curve.jwk, x, y }, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

function checkRsa(fields: WireReader): string | null {
  const exponent = fields.positive();
  const modulus = fields.positive();
  if (exponent === null || modulus === null) return 'The RSA key is malformed.';
  const odd = ((exponent.at(-1) ?? 0) & 1) === 1 && ((modulus.at(-1) ?? 0) & 1) === 1;
  const tiny = exponent.length === 1 && (exponent[0] ?? 0) < 3;
  if (!odd || tiny || exponent.length > 8) return 'The RSA key is malformed.';
  const bits = bitLength(modulus);
  if (bits < 2048) return `The RSA key has ${bits} bits; at least 2048 are needed, ed25519 is better.`;
  return bits > 16_384 ? 'The RSA key has more than 16384 bits.' : null;
}

function bitLength(bytes: Uint8Array): number {
  return (bytes.length - 1) * 8 + (32 - Math.clz32(bytes[0] ?? 0));
}

function checkApplication(fields: WireReader): string | null {
  const application = fields.name();
  return application === null || application === '' ? 'The security key names no application.' : null;
}

function describeUnknown(type: string, line: string): string {
  if (line === '') return 'There is no key in it.';
  if (line.includes('PRIVATE KEY')) return 'That is a private key. Give the .pub file.';
  if (type === 'ssh-dss') return 'DSA keys are not accepted; make an ed25519 key.';
  return `A key starts with its type (${[...TYPES.keys()].join(', ')}), without options in front.`;
}

function refused(why: string): ParsedKey {
  return { kind: 'refused', why };
}
