/**
 * Keys of every kind that people sign in and approve with, made and used in software: security keys too, of which
 * OpenSSH makes none without a token. They sign as `ssh-keygen -Y sign` does (PROTOCOL.sshsig, PROTOCOL.u2f), and
 * can lie where a test wants a liar.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { wireField, wireInteger, wireNumber } from './wire-fields.ts';

export type SoftwareKeyType =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'ssh-rsa'
  | 'sk-ssh-ed25519@openssh.com'
  | 'sk-ecdsa-sha2-nistp256@openssh.com';

export interface SignOptions {
  readonly namespace?: string;
  readonly hash?: string;
  readonly reserved?: string;
  readonly version?: number;
  /** Of a security key: 1 is a touch, 4 a PIN; 1 when not given. */
  readonly flags?: number;
  /** Of a security key; one more than the last time when not given. */
  readonly counter?: number;
  /** Name of the algorithm in the signature. */
  readonly algorithm?: string;
}

export const SOFTWARE_KEY_TYPES: readonly SoftwareKeyType[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

const APPLICATION = 'ssh:';
const CURVES: Readonly<Record<string, { readonly name: string; readonly hash: string; readonly size: number }>> = {
  nistp256: { name: 'P-256', hash: 'sha256', size: 32 },
  nistp384: { name: 'P-384', hash: 'sha384', size: 48 },
  nistp521: { name: 'P-521', hash: 'sha512', size: 66 },
};

export class SoftwareKey {
  readonly type: SoftwareKeyType;
  readonly blob: Buffer;
  readonly #private: KeyObject;
  #counter = 0;

  constructor(type: SoftwareKeyType) {
    this.type = type;
    const pair = generate(type);
    this.#private = pair.privateKey;
    this.blob = blobOf(type, pair.publicKey);
  }

  /** One line as in a `.pub` file. */
  get line(): string {
    return `${this.type} ${this.blob.toString('base64')}`;
  }

  /** `SHA256:...` */
  get fingerprint(): string {
    return `SHA256:${createHash('sha256').update(this.blob).digest('base64').replace(/=+$/, '')}`;
  }

  get isSecurityKey(): boolean {
    return this.type.startsWith('sk-');
  }

  /** An armoured signature over `message`. */
  sign(message: string, options: SignOptions = {}): string {
    return armoured(this.envelope(message, options));
  }

  /** The same without its armour. */
  envelope(message: string, options: SignOptions = {}): Buffer {
    const { namespace = 'approve@bastion.test', hash = 'sha512', reserved = '', version = 1 } = options;
    const digest = createHash(hash).update(message).digest();
    const head = [namespace, reserved, hash].map(wireField);
    const signed = Buffer.concat([Buffer.from('SSHSIG'), ...head, wireField(digest)]);
    const inner = this.#signature(signed, options);
    return Buffer.concat([Buffer.from('SSHSIG'), wireNumber(version), wireField(this.blob), ...head, wireField(inner)]);
  }

  #signature(signed: Buffer, options: SignOptions): Buffer {
    const algorithm = wireField(options.algorithm ?? (this.type === 'ssh-rsa' ? 'rsa-sha2-512' : this.type));
    if (!this.isSecurityKey) return Buffer.concat([algorithm, wireField(this.#proper(signed))]);
    this.#counter = options.counter ?? this.#counter + 1;
    const tail = Buffer.concat([Buffer.from([options.flags ?? 1]), wireNumber(this.#counter)]);
    const hashes = [sha256(APPLICATION), tail, sha256(signed)];
    return Buffer.concat([algorithm, wireField(this.#proper(Buffer.concat(hashes))), tail]);
  }

  #proper(data: Buffer): Buffer {
    if (this.type.includes('ed25519')) return sign(null, data, this.#private);
    if (this.type === 'ssh-rsa') return sign('sha512', data, this.#private);
    const { hash, size } = curveOf(this.type);
    const pair = sign(hash, data, { key: this.#private, dsaEncoding: 'ieee-p1363' });
    return Buffer.concat([wireInteger(pair.subarray(0, size)), wireInteger(pair.subarray(size))]);
  }
}

/** Armour around `envelope`, as ssh-keygen writes it. */
export function armoured(envelope: Buffer): string {
  const body = envelope.toString('base64').replace(/(.{70})(?!$)/g, '$1\n');
  return `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----\n`;
}

function generate(type: SoftwareKeyType): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (type.includes('ed25519')) return generateKeyPairSync('ed25519');
  if (type === 'ssh-rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ec', { namedCurve: curveOf(type).name });
}

function blobOf(type: SoftwareKeyType, key: KeyObject): Buffer {
  const { x = '', y = '', e = '', n = '' } = key.export({ format: 'jwk' });
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');
  const application = type.startsWith('sk-') ? [wireField(APPLICATION)] : [];
  if (type.includes('ed25519')) return Buffer.concat([wireField(type), wireField(bytes(x)), ...application]);
  if (type === 'ssh-rsa') return Buffer.concat([wireField(type), wireInteger(bytes(e)), wireInteger(bytes(n))]);
  const point = Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)]);
  return Buffer.concat([wireField(type), wireField(curveName(type)), wireField(point), ...application]);
}

function curveName(type: SoftwareKeyType): string {
  return /nistp\d+/.exec(type)?.[0] ?? '';
}

function curveOf(type: SoftwareKeyType): { readonly name: string; readonly hash: string; readonly size: number } {
  const curve = CURVES[curveName(type)];
  if (curve === undefined) throw new TypeError(`${type} is on no curve`);
  return curve;
}

function sha256(data: Buffer | string): Buffer {
  return createHash('sha256').update(data).digest();
}
