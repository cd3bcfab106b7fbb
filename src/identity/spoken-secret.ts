/**
 * Secrets that people read out or type: enrolment words and recovery codes, in Crockford's base32. Kept only
 * as scrypt hashes. Reading them forgives case, blanks, hyphens and the letters that look like digits.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { crockford } from '../base/ids.ts';
import type { HashedCode } from './ports.ts';

const HASH_SIZE = 32;
const SALT_SIZE = 16;

/** `characters` of 5 random bits each, in groups of `group` with hyphens between them. */
export function newSpokenSecret(characters: number, group: number): string {
  const text = crockford(characters);
  return text.match(new RegExp(`.{1,${group}}`, 'g'))?.join('-') ?? text;
}

export async function hashSpoken(text: string): Promise<HashedCode> {
  const salt = randomBytes(SALT_SIZE);
  const hash = await derive(text, salt);
  return { salt: salt.toString('base64'), hash: hash.toString('base64') };
}

export async function matchesSpoken(text: string, code: HashedCode): Promise<boolean> {
  const expected = Buffer.from(code.hash, 'base64');
  const given = await derive(text, Buffer.from(code.salt, 'base64'));
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function derive(text: string, salt: Uint8Array): Promise<Buffer> {
  const normal = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return new Promise((resolve, reject) => {
    scrypt(normal.slice(0, 64), salt, HASH_SIZE, (failure, key) => {
      if (failure === null) resolve(key);
      else reject(failure);
    });
  });
}
