/** TOTP (RFC 6238) by otplib: SHA-1, six digits, 30 seconds, secrets of at least 160 bits. No state. */
import { createGuardrails, generateSecret, generateSync, generateURI, ScureBase32Plugin, verifySync } from 'otplib';

/** Length of one time step, ms. */
export const STEP_MS = 30_000;

const DIGITS = /^\d{6}$/;
const SECRET = /^[A-Z2-7]+$/;
const SMALLEST_SECRET = 20;
const LARGEST_SECRET = 64;
/** The current step and the one before it (RFC 6238 §5.2); never one that is still to come. */
const WINDOW: [number, number] = [30, 0];
/** Where a code is looked for only to tell that a clock is wrong; such a code is never accepted. */
const HINT_WINDOW: [number, number] = [150, 120];
const guardrails = createGuardrails({ MIN_SECRET_BYTES: SMALLEST_SECRET });
const base32 = new ScureBase32Plugin();

/** A new 160-bit secret. */
export function newSecret(): Uint8Array {
  return base32.decode(generateSecret({ length: SMALLEST_SECRET }));
}

/** Base32 without padding, as authenticator apps take it. */
export function secretText(secret: Uint8Array): string {
  return base32.encode(secret, { padding: false });
}

/** The secret that base32 text stands for (blanks, case and padding aside), or null when it is none. */
export function parseSecret(text: string): Uint8Array | null {
  const compact = text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase();
  if (!SECRET.test(compact) || compact.length > (LARGEST_SECRET * 8) / 5 + 1) return null;
  try {
    const secret = base32.decode(compact);
    return secret.length < SMALLEST_SECRET || secret.length > LARGEST_SECRET ? null : secret;
  } catch {
    // Not base32 after all, for instance an impossible length: the caller says so.
    return null;
  }
}

/** `otpauth://` text; the defaults of algorithm, digits and period are left out to keep the QR code small. */
export function enrolmentUri(issuer: string, user: string, secret: Uint8Array): string {
  return generateURI({ issuer, label: user, secret: secretText(secret) });
}

/** Six digits, blanks removed, or null. */
export function readCode(text: string): string | null {
  const compact = text.replace(/\s/g, '');
  return DIGITS.test(compact) ? compact : null;
}

/** The time step that `at` (ms since the epoch) lies in. */
export function stepAt(at: number): number {
  return Math.floor(at / STEP_MS);
}

/** The step of the window for which `code` is right at `at`, or null. Constant-time per step. */
export function matchingStep(secret: Uint8Array, code: string, at: number): number | null {
  return match(secret, code, at, WINDOW);
}

/** The step for which `code` would be right if a clock were up to two minutes off, or null. */
export function distantStep(secret: Uint8Array, code: string, at: number): number | null {
  return match(secret, code, at, HINT_WINDOW);
}

function match(secret: Uint8Array, code: string, at: number, window: [number, number]): number | null {
  const epoch = Math.floor(at / 1000);
  const result = verifySync({ secret, token: code, epoch, epochTolerance: window, guardrails });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

/** The code at `at` (ms since the epoch). Only the demo, which plays its users' phones, has a use for it. */
export function codeAt(secret: Uint8Array, at: number): string {
  return generateSync({ secret, epoch: Math.floor(at / 1000) });
}
