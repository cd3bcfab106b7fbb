/** The two people of the demo, with keys and one-time codes made for this run. */
import { randomBytes } from 'node:crypto';
import { codeAt, enrolmentUri, newSecret, STEP_MS, secretText } from '../../identity/one-time-code.ts';
import { ed25519KeyText } from '../../ssh/ed25519-key-text.ts';

export interface DemoUser {
  readonly name: string;
  readonly roles: readonly string[];
  readonly privateKey: string;
  readonly publicKey: string;
  readonly secret: Uint8Array;
  /** Base32, for typing. */
  readonly secretText: string;
  readonly otpauth: string;
}

export function makeDemoUser(name: string, roles: readonly string[]): DemoUser {
  const key = ed25519KeyText(randomBytes(32), `${name}@demo`);
  const secret = newSecret();
  return {
    name,
    roles,
    ...key,
    secret,
    secretText: secretText(secret),
    otpauth: enrolmentUri('heldline', name, secret),
  };
}

/** The person's code of this moment, and how many seconds it lasts. @param now ms since the epoch */
export function demoCode(user: DemoUser, now: number): { readonly code: string; readonly secondsLeft: number } {
  const code = codeAt(user.secret, now);
  const secondsLeft = Math.ceil((STEP_MS - (now % STEP_MS)) / 1000);
  return { code: `${code.slice(0, 3)} ${code.slice(3)}`, secondsLeft };
}
