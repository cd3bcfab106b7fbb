/**
 * Who may reach which target and login. `Access` is the proof that a session opens with; only
 * `AccessControl` makes one.
 */
import type { Principal } from '../model/principal.ts';
import type { Target } from '../model/target.ts';

export class Access {
  readonly principal: Principal;
  readonly target: Target;
  readonly login: string;
  /** ms since the epoch; null when it does not end. */
  readonly expiresAt: number | null;
  /** The access rule or grant that gave it, for the log. */
  readonly basis: string;

  private constructor(principal: Principal, target: Target, login: string, expiresAt: number | null, basis: string) {
    this.principal = principal;
    this.target = target;
    this.login = login;
    this.expiresAt = expiresAt;
    this.basis = basis;
  }

  /** For `AccessControl` alone. */
  static proven(principal: Principal, target: Target, login: string, expiresAt: number | null, basis: string): Access {
    return new Access(principal, target, login, expiresAt, basis);
  }
}
