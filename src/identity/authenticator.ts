/**
 * Who may sign in, and whether somebody who did still has authority. Every answer is looked up anew; nothing
 * is cached. Unknown, disabled and keyless people get the same refusal; the reason is for the log.
 */
import type { AuditSink } from '../model/audit-event.ts';
import type { Principal } from '../model/principal.ts';
import type { User } from '../model/user.ts';
import type { UserStore } from './ports.ts';
import type { TotpService } from './totp-service.ts';

/** A key as a client offered it; possession is proven by the SSH layer. */
export interface OfferedKey {
  readonly type: string;
  /** Base64. */
  readonly blob: string;
  readonly fingerprint: string;
}

export type KeyOutcome =
  | { readonly kind: 'known'; readonly roles: readonly string[]; readonly secondFactor: boolean }
  | { readonly kind: 'refused'; readonly why: string };

export type LoginCodeOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly why: string }
  | { readonly kind: 'locked'; readonly why: string };

/** Whether a principal's authority still stands. */
export type Standing =
  | { readonly kind: 'stands'; readonly roles: readonly string[] }
  | { readonly kind: 'lost'; readonly why: string };

/** One sign-in that ended. */
export interface SignInReport {
  readonly type: 'auth.success' | 'auth.failure' | 'auth.lockout';
  readonly user: string;
  readonly address: string;
  readonly client: string;
  readonly method: string;
  readonly keyFingerprint: string | null;
  readonly secondFactor: boolean;
  readonly reason: string | null;
}

export interface AuthenticatorParts {
  readonly users: UserStore;
  readonly codes: Pick<TotpService, 'verify'>;
  readonly audit: AuditSink;
  /** Whether the configuration asks this person for a one-time code at sign-in. */
  readonly needsSecondFactor: (user: User) => boolean;
}

export class Authenticator {
  readonly #parts: AuthenticatorParts;

  constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
  }

  /** Whether `user` may sign in with a key that they will prove to have. */
  async findUserKey(user: string, key: OfferedKey): Promise<KeyOutcome> {
    const found = await this.#parts.users.find(user);
    if (found === null) return { kind: 'refused', why: 'unknown user' };
    if (found.disabled) return { kind: 'refused', why: 'user is disabled' };
    const known = found.keys.some((stored) => stored.blob === key.blob && stored.type === key.type);
    if (!known) return { kind: 'refused', why: `unknown key ${key.fingerprint}` };
    return { kind: 'known', roles: found.roles, secondFactor: this.#parts.needsSecondFactor(found) };
  }

  /** Checks a sign-in code after the key was proven. Uses the code up for approvals too. */
  async verifyLoginCode(user: string, code: string): Promise<LoginCodeOutcome> {
    const outcome = await this.#parts.codes.verify(user, code);
    switch (outcome.kind) {
      case 'accepted':
        return { kind: 'accepted' };
      case 'paused':
      case 'locked':
        return { kind: 'locked', why: `one-time codes are ${outcome.kind}` };
      case 'wrong':
        if (outcome.locked === true) return { kind: 'locked', why: 'too many wrong codes' };
        return { kind: 'rejected', why: 'wrong code' };
      case 'replayed':
        return { kind: 'rejected', why: 'code was used already' };
      case 'not-enrolled':
        return { kind: 'rejected', why: 'no one-time codes enrolled' };
      case 'clock-went-back':
        return { kind: 'rejected', why: 'clock of the bastion went back' };
    }
  }

  /** Whether the person, and the key they signed in with, are still good. */
  async standing(principal: Principal): Promise<Standing> {
    const user = await this.#parts.users.find(principal.user);
    if (user === null) return { kind: 'lost', why: 'user was removed' };
    if (user.disabled) return { kind: 'lost', why: 'user was disabled' };
    const { keyFingerprint } = principal.proof;
    const known = user.keys.some((key) => key.fingerprint === keyFingerprint);
    return known ? { kind: 'stands', roles: user.roles } : { kind: 'lost', why: 'key was removed' };
  }

  /** The roles of now; null for somebody unknown or disabled. */
  async rolesOf(name: string): Promise<readonly string[] | null> {
    const user = await this.#parts.users.find(name);
    return user === null || user.disabled ? null : user.roles;
  }

  /** Writes a sign-in down; durable when resolved. */
  async report(report: SignInReport): Promise<void> {
    const { type, user, address, client, method, keyFingerprint, secondFactor, reason } = report;
    await this.#parts.audit.append({
      type,
      outcome: type === 'auth.success' ? 'success' : 'failure',
      actor: { user, address, client, auth: method, mfa: secondFactor },
      ...(reason === null ? {} : { reason }),
      detail: { key: keyFingerprint },
    });
  }
}
