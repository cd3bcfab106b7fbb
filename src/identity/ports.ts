/**
 * What identity needs from a store. Every verb is one transaction and durable when it resolves; a rejection
 * means that the outcome is unknown and the caller must refuse.
 */
import type { User, UserKey } from '../model/user.ts';

/** Who changed something, and when. */
export interface Change {
  readonly by: string;
  /** ms since the epoch */
  readonly at: number;
}

export interface UserStore {
  find(name: string): Promise<User | null>;
  /** By name. */
  list(): Promise<readonly User[]>;
  /** Whom a public key blob (base64) belongs to; a key belongs to one person at most. */
  ownerOf(blob: string): Promise<string | null>;
  add(user: User): Promise<'added' | 'exists' | 'key-taken'>;
  addKey(name: string, key: UserKey): Promise<'added' | 'no-such-user' | 'key-taken'>;
  removeKey(name: string, fingerprint: string): Promise<boolean>;
  /**
   * Notes how often a security key has signed. `went-back`: not more often than before; a key that always says 0
   * does not count, which is `raised`.
   */
  raiseKeyCounter(name: string, fingerprint: string, counter: number): Promise<'raised' | 'went-back' | 'gone'>;
  /**
   * Disabling ends the person's tokens. Enabling counts as a change of the account's roles: who enabled it cannot be
   * voted for by it for a day.
   */
  setDisabled(name: string, disabled: boolean, change: Change): Promise<boolean>;
  setRoles(name: string, roles: readonly string[], change: Change): Promise<boolean>;
  setPhrase(name: string, phrase: string): Promise<boolean>;
  /** Removes the person and everything of theirs: factor, enrolment, word, tokens. */
  remove(name: string): Promise<boolean>;
}

/** Whether a security key that had signed `before` times may say `counter` now; keys that do not count say 0. */
export function mayCounterBe(counter: number, before: number | undefined): boolean {
  return counter > (before ?? -1) || (counter === 0 && before === 0);
}

/** Wrong codes of one person, over all doors and requests. */
export interface Throttle {
  /** Wrong codes since the last right one. */
  readonly consecutive: number;
  /** When the wrong codes of the last minutes came, ms since the epoch, oldest first. */
  readonly recent: readonly number[];
  /** How many pauses came since the last right code; each doubles. */
  readonly pauses: number;
  /** No code is looked at before this moment. */
  readonly pausedUntil: number | null;
  /** Until an administrator unlocks. */
  readonly locked: boolean;
}

export interface HashedCode {
  /** base64 */
  readonly salt: string;
  /** base64 of scrypt */
  readonly hash: string;
}

/** An active one-time-code generator. */
export interface TotpFactor {
  readonly user: string;
  readonly id: string;
  /** Sealed secret; see SealingKey. */
  readonly sealed: string;
  /** Highest time step that was used up; codes of it and of older ones are never accepted again. */
  readonly lastStep: number | null;
  /** Newer steps that were used up by being shown in the wrong place. */
  readonly burnt: readonly number[];
  readonly throttle: Throttle;
  readonly recovery: readonly HashedCode[];
  readonly createdAt: number;
  /** Everybody who had a hand in it: who issued the word or imported the secret, and who enrolled. */
  readonly madeBy: readonly string[];
}

/** A secret that has been shown but not proven by a code. */
export interface PendingEnrolment {
  readonly user: string;
  readonly id: string;
  readonly sealed: string;
  readonly madeBy: readonly string[];
  readonly expiresAt: number;
}

/** A one-time enrolment word, as its hash. */
export interface EnrolmentWord {
  readonly user: string;
  readonly code: HashedCode;
  readonly expiresAt: number;
  readonly triesLeft: number;
  readonly issuedBy: string;
}

export interface FactorStore {
  find(user: string): Promise<TotpFactor | null>;
  list(): Promise<readonly TotpFactor[]>;
  /** Uses up a time step; only `burnt` permits acceptance, and it is returned at most once a step, ever. */
  burnStep(user: string, factor: string, step: number): Promise<'burnt' | 'replayed' | 'gone'>;
  /** Uses up a step that lies in the future, or that must not count as a success. */
  burnLater(user: string, factor: string, step: number): Promise<void>;
  saveThrottle(user: string, factor: string, throttle: Throttle): Promise<void>;
  /** Replaces any factor and ends the enrolment and the word that led to it. */
  install(factor: TotpFactor): Promise<'installed' | 'no-such-user'>;
  remove(user: string): Promise<boolean>;
  /** Removes a recovery code; true exactly once. */
  spendRecovery(user: string, hash: string): Promise<boolean>;
  pending(user: string): Promise<PendingEnrolment | null>;
  savePending(enrolment: PendingEnrolment): Promise<void>;
  word(user: string): Promise<EnrolmentWord | null>;
  saveWord(word: EnrolmentWord): Promise<void>;
  dropWord(user: string): Promise<void>;
}

/** What a token may do: read what its person may see, or also decide with that person's code. */
export type TokenScope = 'read' | 'decide';

/** A person's key to the HTTP API. By itself it approves nothing. */
export interface ApiToken {
  /** Random; part of the token's text. */
  readonly id: string;
  /** Chosen by people; one token has it at a time. */
  readonly name: string;
  readonly user: string;
  /** Hex of the SHA-256 of the secret part, which is random: a slow hash would add nothing. */
  readonly hash: string;
  readonly scope: TokenScope;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt: number;
  /** Codes in a row that were wrong. */
  readonly wrongCodes: number;
}

export interface TokenStore {
  find(id: string): Promise<ApiToken | null>;
  /** By name. */
  list(): Promise<readonly ApiToken[]>;
  /** `too-many`: the person has `quota` already. */
  add(token: ApiToken, quota: number): Promise<'added' | 'exists' | 'no-such-user' | 'too-many'>;
  remove(id: string): Promise<boolean>;
  /** Counts one more wrong code, or forgets them all. How many there are now; null when the token is gone. */
  countWrongCode(id: string, outcome: 'wrong' | 'right'): Promise<number | null>;
}
