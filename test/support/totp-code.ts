/**
 * One-time codes as a phone shows them: RFC 6238 with SHA-1, six digits and steps of 30 s, computed from
 * node:crypto alone so that it shares no code with what it tests.
 */
import { createHmac } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** ms of one step. */
const step = 30_000;

/** The code for `secret` (base32, or an otpauth URI) at `at` ms since the epoch. */
export function totpCode(secret: string, at: number = Date.now()): string {
  return codeOfStep(secret, Math.floor(at / step));
}

/** The code `later` steps after the current one: what a phone will show then. */
export function nextTotpCode(secret: string, later = 1, at: number = Date.now()): string {
  return codeOfStep(secret, Math.floor(at / step) + later);
}

/** ms until the current code gives way to the next. */
export function timeLeftOfCode(at: number = Date.now()): number {
  return step - (at % step);
}

/** RFC 4226 §5.3 with the step as the counter. */
function codeOfStep(secret: string, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', decodeBase32(base32Of(secret)))
    .update(message)
    .digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

function base32Of(secret: string): string {
  if (!secret.startsWith('otpauth:')) return secret;
  return new URL(secret).searchParams.get('secret') ?? '';
}

/** RFC 4648 §6; blanks, case and padding do not matter. */
function decodeBase32(text: string): Buffer {
  const bits = [...text.toUpperCase().replace(/[\s=-]/g, '')].map((character) => {
    const value = alphabet.indexOf(character);
    if (value < 0) throw new TypeError(`not base32: ${character}`);
    return value.toString(2).padStart(5, '0');
  });
  const bytes = bits.join('').match(/[01]{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
