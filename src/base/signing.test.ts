import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { rfc3339 } from './rfc3339.ts';
import { createSignatureChecker, createSigner, keyIdOf } from './signing.ts';

describe('signatures', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signer = createSigner(privateKey);
  const check = createSignatureChecker([publicKey]);

  test('are valid for their text and key only', () => {
    const signature = signer.sign('text');
    expect(signer.keyId).toBe(keyIdOf(publicKey));
    expect(check('text', signature, signer.keyId)).toBe('valid');
    expect(check('text ', signature, signer.keyId)).toBe('invalid');
    expect(check('text', signature, '0000000000000000')).toBe('unknown-key');
  });

  test('that are garbage are invalid', () => {
    fc.assert(
      fc.property(fc.string(), (garbage) => {
        expect(check('text', garbage, signer.keyId)).toBe('invalid');
      }),
    );
  });
});

describe('canonicalJson', () => {
  test('sorts members and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [1, 'x', null], a: { d: true, c: undefined } })).toBe(
      '{"a":{"d":true},"b":[1,"x",null]}',
    );
  });

  test('does not depend on the order of members and keeps the value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(text);
        expect(JSON.parse(text)).toEqual({ ...value });
      }),
    );
  });
});

test('times have microseconds', () => {
  expect(rfc3339(Date.UTC(2026, 10, 20, 1, 2, 3, 4) + 0.5)).toBe('2026-11-20T01:02:03.004500Z');
});
