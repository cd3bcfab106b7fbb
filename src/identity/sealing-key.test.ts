import { appendFileSync, chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SealingKey } from './sealing-key.ts';

let directory: string;
let path: string;
const secret = Buffer.from('the secret');

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heldline-seal-'));
  path = join(directory, 'sealing.key');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('opens what it sealed, for its owner only, also after being read again', () => {
  const key = SealingKey.create(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const sealed = key.seal(secret, 'totp/alice/1');
  expect(sealed).not.toContain(secret.toString('base64url'));
  expect(key.seal(secret, 'totp/alice/1')).not.toBe(sealed);
  const again = SealingKey.open(path);
  expect(Buffer.from(again.unseal(sealed, 'totp/alice/1'))).toEqual(secret);
  expect(() => again.unseal(sealed, 'totp/bob/1')).toThrow('belongs to somebody else');
  const flipped = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;
  expect(() => again.unseal(flipped, 'totp/alice/1')).toThrow('damaged');
  expect(() => again.unseal('v1.x', 'totp/alice/1')).toThrow('damaged');
});

test('an appended key seals from now on, the old one still opens', () => {
  const sealed = SealingKey.create(path).seal(secret, 'a');
  appendFileSync(path, `new1 ${Buffer.alloc(32, 9).toString('base64')}\n`);
  const both = SealingKey.open(path);
  expect(Buffer.from(both.unseal(sealed, 'a'))).toEqual(secret);
  expect(both.seal(secret, 'a')).toMatch(/^v1\.new1\./);
});

test('another key, no key, an open file and nonsense are refused with a code', () => {
  const sealed = SealingKey.create(path).seal(secret, 'a');
  rmSync(path);
  expect(() => SealingKey.open(path)).toThrow(expect.objectContaining({ code: 'sealing.missing' }));
  const other = SealingKey.create(path);
  expect(() => other.unseal(sealed, 'a')).toThrow(expect.objectContaining({ code: 'sealing.key-missing' }));
  expect(() => SealingKey.create(path)).toThrow('EEXIST');
  chmodSync(path, 0o640);
  expect(() => SealingKey.open(path)).toThrow(expect.objectContaining({ code: 'sealing.mode' }));
  chmodSync(path, 0o600);
  writeFileSync(path, 'hello\n');
  expect(() => SealingKey.open(path)).toThrow(expect.objectContaining({ code: 'sealing.malformed' }));
  writeFileSync(path, '');
  expect(() => SealingKey.open(path)).toThrow(expect.objectContaining({ code: 'sealing.malformed' }));
});
