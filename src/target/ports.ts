/** What target needs from a store, from the sealing of secrets, and from those who know people and grants. */
import type { Target } from '../model/target.ts';

/** Every verb is one transaction and durable when it resolves. */
export interface TargetStore {
  find(name: string): Promise<Target | null>;
  /** By name. */
  list(): Promise<readonly Target[]>;
  add(target: Target): Promise<'added' | 'exists'>;
  /** Puts `next` in place of what `previous` was read as. */
  replace(previous: Target, next: Target): Promise<'replaced' | 'changed-meanwhile' | 'no-such-target'>;
  remove(name: string): Promise<boolean>;
}

/** Seals secrets to their owner: what was sealed for one name does not open for another. */
export interface SecretSealer {
  seal(plain: Uint8Array, owner: string): string;
  /** @throws HeldlineError when it was not sealed for `owner` or the key is not there */
  unseal(sealed: string, owner: string): Uint8Array;
}

/** People as they are now, not as they signed in. */
export interface CurrentRoles {
  /** null for somebody unknown or disabled. */
  rolesOf(user: string): Promise<readonly string[] | null>;
}

/** A time-boxed access that holds now. */
export interface TimedAccess {
  readonly id: string;
  readonly login: string | null;
  /** ms since the epoch */
  readonly until: number;
}

export interface TimedAccesses {
  /** Those of `user` to `target` that hold at this moment. */
  held(user: string, target: string): Promise<readonly TimedAccess[]>;
}
