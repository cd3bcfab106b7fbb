import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ECDSA_256_KEY,
  ECDSA_384_KEY,
  ECDSA_521_KEY,
  ED25519_KEY,
  RSA_1024_KEY,
  RSA_2048_KEY,
} from '../../test/support/sample-public-keys.ts';
import { parsePublicKey } from './public-key.ts';

function field(bytes: Uint8Array | string): Buffer {
  const body = Buffer.from(bytes as Uint8Array);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

function line(type: string, ...fields: readonly (Uint8Array | string)[]): string {
  return `${type} ${Buffer.concat([field(type), ...fields.map(field)]).toString('base64')}`;
}

describe('what ssh-keygen makes', () => {
  test.each([ED25519_KEY, ECDSA_256_KEY, ECDSA_384_KEY, ECDSA_521_KEY, RSA_2048_KEY])('$fingerprint', (sample) => {
    const [type, blob, comment] = sample.line.split(' ');
    expect(parsePublicKey(`${sample.line}\n`)).toEqual({
      kind: 'key',
      key: { type, blob, comment, fingerprint: sample.fingerprint },
    });
  });

  test('and keys of security tokens, of which ssh-keygen makes none without a token', () => {
    const point = Buffer.from(ECDSA_256_KEY.line.split(' ')[1] ?? '', 'base64').subarray(-65);
    const ed = line('sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:');
    const ec = line('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', point, 'ssh:');
    expect(parsePublicKey(ed).kind).toBe('key');
    expect(parsePublicKey(ec).kind).toBe('key');
  });
});

describe('refused', () => {
  const ed = ED25519_KEY.line;
  const blob = Buffer.from(ed.split(' ')[1] ?? '', 'base64');

  test.each([
    ['nothing', ''],
    ['weak RSA', RSA_1024_KEY.line],
    ['DSA', line('ssh-dss', 'x')],
    ['a name of JavaScript', line('constructor')],
    ['another one', line('__proto__')],
    ['options in front', `command="x" ${ed}`],
    ['two lines', `${ed}\n${ed}`],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nabc'],
    ['no base64', 'ssh-ed25519 !!!!'],
    ['unpadded base64', ed.split(' ').slice(0, 2).join(' ').slice(0, -1)],
    ['another type in front', ed.replace('ssh-ed25519', 'ssh-rsa')],
    ['bytes left over', `ssh-ed25519 ${Buffer.concat([blob, Buffer.from([0])]).toString('base64')}`],
    ['a short key', line('ssh-ed25519', Buffer.alloc(31))],
    [
      'a point off the curve',
      line('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)])),
    ],
    [
      'a compressed point',
      line('ecdsa-sha2-nistp256', 'nistp256', Buffer.concat([Buffer.from([2]), Buffer.alloc(32, 1)])),
    ],
    ['another curve inside', line('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(97))],
    ['a negative modulus', line('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(256, 0xff))],
    ['an even exponent', line('ssh-rsa', Buffer.from([4]), Buffer.concat([Buffer.from([0]), Buffer.alloc(256, 0xff)]))],
    [
      'a second spelling of the modulus',
      line('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.from([0, 0]), Buffer.alloc(256, 0xff)])),
    ],
    ['a length beyond the end', `ssh-ed25519 ${Buffer.from([255, 255, 255, 255]).toString('base64')}`],
  ])('%s', (_name, text) => {
    expect(parsePublicKey(text)).toMatchObject({ kind: 'refused', why: expect.stringMatching(/\.$/) });
  });

  test('any text without a throw', () => {
    fc.assert(fc.property(fc.string(), (text) => parsePublicKey(`ssh-ed25519 ${text}`).kind !== undefined));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = `ssh-rsa ${Buffer.from(bytes).toString('base64')}`;
        expect(parsePublicKey(text).kind).toBe('refused');
      }),
    );
  });
});

test('a comment is shown without control characters', () => {
  const [type, blob] = ED25519_KEY.line.split(' ');
  const parsed = parsePublicKey(`${type} ${blob} laptop\x1b[31m of\talice`);
  expect(parsed).toMatchObject({ kind: 'key', key: { comment: 'laptop\\x1b[31m of alice' } });
});
