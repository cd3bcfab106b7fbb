import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armoured, SOFTWARE_KEY_TYPES, SoftwareKey, type SoftwareKeyType } from '../../test/support/software-keys.ts';
import { isSignatureOver } from './signature-check.ts';
import { parseSshSignature, SIGNATURE_LIMIT, type SshSignature } from './ssh-signature.ts';

const MESSAGE = 'heldline-approval-v1\nverdict="approve"\n';
const KEYS = new Map(SOFTWARE_KEY_TYPES.map((type) => [type, new SoftwareKey(type)]));

function keyOf(type: SoftwareKeyType): SoftwareKey {
  const key = KEYS.get(type);
  if (key === undefined) throw new TypeError(`no key of type ${type}`);
  return key;
}

function parsed(armour: string): SshSignature {
  const result = parseSshSignature(armour);
  if (result.kind === 'refused') throw new TypeError(result.why);
  return result.signature;
}

/** Whether these bytes, in armour, are accepted as a signature of `key` over the message. */
function isAccepted(envelope: Buffer, key: SoftwareKey): boolean {
  const result = parseSshSignature(armoured(envelope));
  if (result.kind === 'refused' || !key.blob.equals(result.signature.publicKey)) return false;
  return (
    result.signature.namespace === 'approve@bastion.test' && isSignatureOver(result.signature, Buffer.from(MESSAGE))
  );
}

describe.each(SOFTWARE_KEY_TYPES)('a signature of %s', (type) => {
  const key = keyOf(type);

  test.each(['sha256', 'sha512'])('over a message hashed with %s is right for that message alone', (hash) => {
    const signature = parsed(key.sign(MESSAGE, { hash }));
    expect(signature).toMatchObject({ keyType: type, hash, namespace: 'approve@bastion.test' });
    expect(key.blob.equals(signature.publicKey)).toBe(true);
    expect(isSignatureOver(signature, Buffer.from(MESSAGE))).toBe(true);
    expect(isSignatureOver(signature, Buffer.from(`${MESSAGE} `))).toBe(false);
    expect(isSignatureOver(signature, Buffer.alloc(0))).toBe(false);
  });

  test('is not right under another name, another hash or another key of the same type', () => {
    const signature = parsed(key.sign(MESSAGE));
    const other = new SoftwareKey(type).blob;
    for (const changed of [
      { ...signature, namespace: 'file' },
      { ...signature, hash: 'sha256' as const },
      { ...signature, publicKey: other },
      { ...signature, algorithm: 'ssh-dss' },
      { ...signature, bytes: Buffer.alloc(0) },
      { ...signature, publicKey: Buffer.alloc(0) },
    ]) {
      expect(isSignatureOver(changed, Buffer.from(MESSAGE))).toBe(false);
    }
  });

  test('is not accepted with any byte changed, taken away or put in', () => {
    const envelope = key.envelope(MESSAGE);
    expect(isAccepted(envelope, key)).toBe(true);
    const change = fc.record({
      at: fc.nat(envelope.length - 1),
      how: fc.constantFrom('flip', 'cut', 'insert', 'drop'),
      by: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(change, ({ at, how, by }) => {
        expect(isAccepted(mutated(envelope, at, how, by), key)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a security key', () => {
  test.each(SOFTWARE_KEY_TYPES.filter((type) => type.startsWith('sk-')))('%s tells flags and counter', (type) => {
    const key = keyOf(type);
    const signature = parsed(key.sign(MESSAGE, { flags: 5, counter: 4_000_000_000 }));
    expect(signature.securityKey).toEqual({ flags: 5, counter: 4_000_000_000 });
    for (const lie of [
      { flags: 1, counter: 4_000_000_000 },
      { flags: 5, counter: 4_000_000_001 },
    ]) {
      expect(isSignatureOver({ ...signature, securityKey: lie }, Buffer.from(MESSAGE))).toBe(false);
    }
    expect(isSignatureOver({ ...signature, securityKey: null }, Buffer.from(MESSAGE))).toBe(false);
  });
});

describe('refused', () => {
  const key = keyOf('ssh-ed25519');
  const good = key.sign(MESSAGE);

  test.each([
    ['nothing', ''],
    ['a code', '492039'],
    ['another armour', good.replaceAll('SSH SIGNATURE', 'PGP SIGNATURE')],
    ['two signatures', good + good],
    ['text in front', `hello\n${good}`],
    ['no end', good.replace('-----END SSH SIGNATURE-----', '')],
    ['something that is not base64', good.replace('U1NI', 'U1N!')],
    ['base64 in another spelling', good.replace(/\n-----END/, '=\n-----END')],
    ['another version', key.sign(MESSAGE, { version: 2 })],
    ['a hash that is too weak', key.sign(MESSAGE, { hash: 'sha1' })],
    ['something reserved', key.sign(MESSAGE, { reserved: 'x' })],
    ['a namespace with control characters', key.sign(MESSAGE, { namespace: 'approve\u001b' })],
    ['SHA-1 with RSA', keyOf('ssh-rsa').sign(MESSAGE, { algorithm: 'ssh-rsa' })],
    ['an algorithm of another key', key.sign(MESSAGE, { algorithm: 'rsa-sha2-512' })],
    ['a name of JavaScript', key.sign(MESSAGE, { algorithm: '__proto__' })],
    ['too much', `${good}${' '.repeat(SIGNATURE_LIMIT)}`],
  ])('%s', (_, text) => {
    expect(parseSshSignature(text).kind).toBe('refused');
  });

  test('and nothing makes it throw', () => {
    fc.assert(fc.property(fc.string(), (text) => parseSshSignature(text).kind === 'refused'));
    const envelopes = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.concat([Buffer.from('SSHSIG'), bytes]));
    fc.assert(fc.property(envelopes, (bytes) => !isAccepted(bytes, key)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...SOFTWARE_KEY_TYPES), isNothing));
  });

  test('lines may end in CR LF and be folded elsewhere', () => {
    expect(parseSshSignature(good.replaceAll('\n', '\r\n')).kind).toBe('signature');
    expect(parseSshSignature(` \n${good.replace(/(.{40})\n/, '$1')}\n`).kind).toBe('signature');
  });
});

/** Any bytes as key and as signature of any type. */
function isNothing(bytes: Uint8Array, keyType: string): boolean {
  const algorithm = keyType === 'ssh-rsa' ? 'rsa-sha2-512' : keyType;
  const securityKey = { flags: 1, counter: 1 };
  const rest = { keyType, algorithm, namespace: 'n', hash: 'sha512', securityKey } as const;
  const key = createHash('sha256').update(bytes).digest();
  return (
    !isSignatureOver({ ...rest, publicKey: bytes, bytes }, Buffer.from(MESSAGE)) &&
    !isSignatureOver({ ...rest, publicKey: keyOf('ssh-ed25519').blob, bytes: key }, Buffer.from(MESSAGE))
  );
}

function mutated(bytes: Buffer, at: number, how: string, by: number): Buffer {
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (how) {
    case 'cut':
      return before;
    case 'drop':
      return Buffer.concat([before, after.subarray(1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.from([by]), after]);
    default: {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ by, at);
      return flipped;
    }
  }
}
