/** Where a connection ended up once somebody signed in: at the console, or before one target. */
import type { Principal } from '../../model/principal.ts';

export type Seat =
  | { readonly door: 'console'; readonly principal: Principal }
  | {
      readonly door: 'direct' | 'jump';
      readonly principal: Principal;
      readonly target: string;
      /** null: the target's default login. */
      readonly login: string | null;
    };

/** How a connection signs in. */
export interface SignInMethod {
  /** Answers one sign-in request, sooner or later. */
  handle(context: import('ssh2').AuthContext): void;
  /** Set once a sign-in succeeded. */
  readonly seat: Seat | null;
  /** The connection is gone; says so to the log if nobody signed in. */
  ended(): void;
}
