import { expect, test } from 'vitest';
import { nextTotpCode, totpCode } from './totp-code.ts';

/** RFC 6238 appendix B, the last six of its eight digits; the secret is `12345678901234567890`. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('the code at %d s is %s', (seconds, code) => {
  expect(totpCode(secret, seconds * 1000)).toBe(code);
  expect(totpCode(`otpauth://totp/x:alice?secret=${secret}&issuer=x`, seconds * 1000)).toBe(code);
  expect(nextTotpCode(secret.toLowerCase(), 2, seconds * 1000 - 60_000)).toBe(code);
});
