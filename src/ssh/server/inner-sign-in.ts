/**
 * Sign-in on the inner connection of the jump door: none is asked, because the stream it runs on exists only
 * inside of a connection that has signed in. The user name is the login on the target.
 */
import type { AuthContext } from 'ssh2';
import { isName } from '../../model/names.ts';
import type { Principal } from '../../model/principal.ts';
import type { Seat, SignInMethod } from './seat.ts';
import { parseLogin } from './sign-in-name.ts';

export class InnerSignIn implements SignInMethod {
  readonly #principal: Principal;
  readonly #target: string;
  #seat: Seat | null = null;

  constructor(principal: Principal, target: string) {
    this.#principal = principal;
    this.#target = target;
  }

  get seat(): Seat | null {
    return this.#seat;
  }

  handle(context: AuthContext): void {
    if (!isName(context.username)) {
      context.reject([]);
      return;
    }
    this.#seat = {
      door: 'jump',
      principal: this.#principal,
      target: this.#target,
      login: parseLogin(context.username),
    };
    context.accept();
  }

  ended(): void {
    // The outer connection has its own report.
  }
}
