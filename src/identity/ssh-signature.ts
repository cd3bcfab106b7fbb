/**
 * Signatures as `ssh-keygen -Y sign` makes them: armour, envelope and the signature inside (PROTOCOL.sshsig and
 * PROTOCOL.u2f of OpenSSH). Reads bytes of strangers: bounded, one spelling of everything, nothing left over,
 * never throws. Whether a signature is right is `signature-check.ts`.
 */
import { WireReader } from './wire-reader.ts';

/** What a security key adds to a signature. */
export interface SecurityKeyProof {
  /** 0x01: somebody touched the key; 0x04: the key checked a PIN or a finger. */
  readonly flags: number;
  /** How often the key has signed; 0 for keys that do not count. */
  readonly counter: number;
}

export interface SshSignature {
  /** Blob of the key that claims to have signed (RFC 4253 §6.6). */
  readonly publicKey: Uint8Array;
  readonly keyType: string;
  /** What the signature is for, as `ssh-keygen -Y sign -n` was told. */
  readonly namespace: string;
  /** Hash of the message. */
  readonly hash: 'sha256' | 'sha512';
  /** `ssh-ed25519`, `rsa-sha2-512`, ...: the key type but for RSA. */
  readonly algorithm: string;
  /** The signature proper, in the form of its algorithm. */
  readonly bytes: Uint8Array;
  /** null for a key without a token. */
  readonly securityKey: SecurityKeyProof | null;
}

export type ParsedSignature =
  /** `armored`: as ssh-keygen writes it, however it was folded. */
  | { readonly kind: 'signature'; readonly signature: SshSignature; readonly armored: string }
  /** `why`: a sentence for the person. */
  | { readonly kind: 'refused'; readonly why: string };

/** A sentence for the person. */
interface Objection {
  readonly why: string;
}

/** Characters of an armoured signature; RSA of 16384 bits needs about 6,000. */
export const SIGNATURE_LIMIT = 16_384;
/** Last line of an armoured signature. */
export const SIGNATURE_END = '-----END SSH SIGNATURE-----';

const SIGNATURE_BEGIN = '-----BEGIN SSH SIGNATURE-----';
const LINE = /(.{70})(?!$)/g;
const ARMOUR = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----$/;
const MAGIC = 'SSHSIG';
const VERSION = 1;
const RSA = 'ssh-rsa';
const RSA_ALGORITHMS: ReadonlySet<string> = new Set(['rsa-sha2-256', 'rsa-sha2-512']);
const SECURITY_KEY = /^sk-/;

/** Whether keys of this type live in a token and tell whether it was touched. */
export function isSecurityKeyType(type: string): boolean {
  return SECURITY_KEY.test(type);
}

/** Reads one armoured signature; blanks around it are fine. */
export function parseSshSignature(text: string): ParsedSignature {
  if (text.length > SIGNATURE_LIMIT) return refused('The signature is too long.');
  const body = ARMOUR.exec(text.trim())?.[1]?.replace(/[\r\n]/g, '');
  if (body === undefined) return refused('That is no signature of ssh-keygen -Y sign.');
  const bytes = Buffer.from(body, 'base64');
  if (bytes.toString('base64') !== body) return refused('The signature is damaged: it is not proper base64.');
  const parsed = parseEnvelope(bytes);
  if ('why' in parsed) return refused(parsed.why);
  const armored = `${SIGNATURE_BEGIN}\n${body.replace(LINE, '$1\n')}\n${SIGNATURE_END}\n`;
  return { kind: 'signature', signature: parsed, armored };
}

/** What is signed instead of the message (PROTOCOL.sshsig 3). @param digest hash of the message by `hash` */
export function signedBytes(namespace: string, hash: string, digest: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.from(MAGIC),
    ...[namespace, '', hash].map((text) => field(Buffer.from(text))),
    field(digest),
  ]);
}

function parseEnvelope(bytes: Buffer): SshSignature | Objection {
  if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return { why: 'The signature does not begin as one.' };
  const fields = new WireReader(bytes.subarray(MAGIC.length));
  if (fields.uint32() !== VERSION) return { why: 'The signature is of another version.' };
  const publicKey = fields.string();
  const namespace = fields.name();
  const reserved = fields.string();
  const hash = fields.name();
  const inner = fields.string();
  if (publicKey === null || namespace === null || reserved === null || inner === null || !fields.atEnd) {
    return { why: 'The signature is damaged.' };
  }
  // OpenSSH ignores what stands in it; what nobody understands is not accepted here.
  if (reserved.length > 0) return { why: 'The signature holds something that is not known.' };
  if (hash !== 'sha256' && hash !== 'sha512')
    return { why: 'The signature uses another hash than SHA-256 or SHA-512.' };
  return parseInner(inner, { publicKey, namespace, hash });
}

function parseInner(
  inner: Uint8Array,
  outer: Pick<SshSignature, 'publicKey' | 'namespace' | 'hash'>,
): SshSignature | Objection {
  const fields = new WireReader(inner);
  const algorithm = fields.name();
  const bytes = fields.string();
  const keyType = new WireReader(outer.publicKey).name();
  if (algorithm === null || bytes === null || keyType === null) return { why: 'The signature is damaged.' };
  if (!belongsTo(algorithm, keyType)) return { why: 'The signature is of another kind than its key.' };
  const securityKey = isSecurityKeyType(keyType) ? securityKeyProof(fields) : null;
  if (isSecurityKeyType(keyType) && securityKey === null)
    return { why: 'The signature of the security key is damaged.' };
  if (!fields.atEnd) return { why: 'The signature is damaged.' };
  return { ...outer, keyType, algorithm, bytes, securityKey };
}

function belongsTo(algorithm: string, keyType: string): boolean {
  return keyType === RSA ? RSA_ALGORITHMS.has(algorithm) : algorithm === keyType;
}

function securityKeyProof(fields: WireReader): SecurityKeyProof | null {
  const flags = fields.byte();
  const counter = fields.uint32();
  return flags === null || counter === null ? null : { flags, counter };
}

function field(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function refused(why: string): ParsedSignature {
  return { kind: 'refused', why };
}
