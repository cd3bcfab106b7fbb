/**
 * Tokens of the HTTP API: made, shown once, kept as a hash, checked and ended. A token says who somebody is and
 * nothing about what they agree to: whoever has one still needs that person's one-time code for every approval.
 * Who may call which verb is decided by the caller.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { sha256Hex } from '../base/digest.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { randomHex } from '../base/ids.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { AuditSink } from '../model/audit-event.ts';
import { isName } from '../model/names.ts';
import type { ApiToken, TokenScope, TokenStore, UserStore } from './ports.ts';

export interface ApiTokensParts {
  readonly store: TokenStore;
  readonly users: Pick<UserStore, 'find'>;
  readonly audit: AuditSink;
  readonly clock: Clock;
  /** Called with whatever a listener threw. */
  readonly onListenerFailure: (failure: unknown) => void;
}

export interface NewToken {
  readonly name: string;
  readonly user: string;
  readonly scope: TokenScope;
  /** ms that it is good for. */
  readonly lifetime: number;
}

export type TokenOutcome =
  | { readonly kind: 'accepted'; readonly token: ApiToken; readonly roles: readonly string[] }
  /** `why` is for the log; `token` is the one that was meant, if there is one. */
  | { readonly kind: 'refused'; readonly why: string; readonly token: ApiToken | null };

const TEXT = /^hlt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;
const DAY = 86_400_000;
const LONGEST = 366 * DAY;
const SHORTEST = 60_000;
/** Tokens of one person. */
const QUOTA = 20;
/** Wrong codes in a row that a token brings before it ends: fewer than what locks its person's codes. */
const WRONG_CODES = 5;
/** What is compared with when nothing is found, so that it takes as long. */
const NO_HASH = sha256Hex('');

export class ApiTokens {
  readonly #parts: ApiTokensParts;
  readonly #ended: Signal<ApiToken>;

  constructor(parts: ApiTokensParts) {
    this.#parts = parts;
    this.#ended = new Signal(parts.onListenerFailure);
  }

  /** Told of each token that was removed or has ended itself. */
  onEnded(listener: (token: ApiToken) => void): Unsubscribe {
    return this.#ended.subscribe(listener);
  }

  /** By name. */
  list(): Promise<readonly ApiToken[]> {
    return this.#parts.store.list();
  }

  /**
   * The token and its text, which nobody can tell again.
   * @throws HeldlineError `token.name`, `token.lifetime`, `token.exists`, `token.too-many`, `user.unknown`
   */
  async add(draft: NewToken, by: string): Promise<{ readonly token: ApiToken; readonly text: string }> {
    const { audit, clock, store, users } = this.#parts;
    refuseBad(draft);
    const user = await users.find(draft.user);
    if (user === null || user.disabled) throw unknownUser(draft.user);
    const [id, secret] = [randomHex(8), randomBytes(SECRET_BYTES).toString('base64url')];
    const createdAt = clock.now();
    const { name, scope, lifetime } = draft;
    const expiresAt = createdAt + lifetime;
    const made = { createdAt, createdBy: by, expiresAt, wrongCodes: 0 };
    const token: ApiToken = { id, name, user: user.name, hash: sha256Hex(secret), scope, ...made };
    const detail = { token: name, token_id: id, user: user.name, scope, expires: new Date(expiresAt).toISOString() };
    await audit.append({ type: 'token.added', outcome: 'success', actor: { user: by }, detail });
    const outcome = await store.add(token, QUOTA);
    if (outcome !== 'added') throw refusedAddition(outcome, draft);
    return { token, text: `hlt_${id}_${secret}` };
  }

  /** @throws HeldlineError `token.unknown` when there is none that `concerns` accepts */
  async remove(name: string, by: string, concerns: (token: ApiToken) => boolean = () => true): Promise<ApiToken> {
    const token = (await this.#parts.store.list()).find((one) => one.name === name);
    if (token === undefined || !concerns(token)) {
      const hint = 'See: token list';
      throw new HeldlineError('token.unknown', `there is no token ${name}`, { kind: 'not-found', hint });
    }
    await this.#end(token, 'token.removed', { user: by });
    return token;
  }

  /** Whose token `text` is, as of now. @throws when the store fails: refuse */
  async authenticate(text: string): Promise<TokenOutcome> {
    const [, id = '', secret = ''] = TEXT.exec(text) ?? [];
    const token = await this.#parts.store.find(id);
    const isRight = sameHash(sha256Hex(secret), token?.hash ?? NO_HASH);
    if (token === null || !isRight) return { kind: 'refused', why: 'unknown token', token: null };
    if (token.expiresAt <= this.#parts.clock.now()) return { kind: 'refused', why: 'token has expired', token };
    const user = await this.#parts.users.find(token.user);
    if (user === null || user.disabled) return { kind: 'refused', why: 'user is not active', token };
    return { kind: 'accepted', token, roles: user.roles };
  }

  /**
   * Counts what a code that came with a token was. A token that brings one wrong code after another ends, so that
   * whoever stole it cannot lock its person's codes.
   */
  async codeWas(outcome: 'wrong' | 'right', token: ApiToken): Promise<void> {
    const wrong = await this.#parts.store.countWrongCode(token.id, outcome);
    if (wrong !== null && wrong >= WRONG_CODES)
      await this.#end(token, 'token.ended', { user: token.user }, 'wrong codes');
  }

  async #end(token: ApiToken, type: string, actor: { user: string }, reason?: string): Promise<void> {
    const { id, name, user } = token;
    const why = reason === undefined ? {} : { reason };
    const detail = { token: name, token_id: id, user };
    await this.#parts.audit.append({ type, outcome: 'success', actor, ...why, detail });
    await this.#parts.store.remove(id);
    this.#ended.tell(token);
  }
}

/** The name under which votes and people remember a token, as they do keys. */
export function tokenFingerprint({ id }: Pick<ApiToken, 'id'>): string {
  return `token:${id}`;
}

function sameHash(given: string, kept: string): boolean {
  return given.length === kept.length && timingSafeEqual(Buffer.from(given), Buffer.from(kept));
}

function refuseBad({ name, lifetime }: NewToken): void {
  if (!isName(name)) {
    const message = 'a token has a name like a person: a-z, 0-9, "_", "." and "-", at most 32 characters';
    throw new HeldlineError('token.name', message, { kind: 'usage' });
  }
  if (lifetime >= SHORTEST && lifetime <= LONGEST) return;
  throw new HeldlineError('token.lifetime', 'a token is good for a minute at least and 366 days at most', {
    kind: 'usage',
    hint: 'Example: --for 90d',
  });
}

function refusedAddition(outcome: 'exists' | 'no-such-user' | 'too-many', { name, user }: NewToken): HeldlineError {
  switch (outcome) {
    case 'exists':
      return new HeldlineError('token.exists', `there is a token ${name} already`, {
        kind: 'conflict',
        hint: `Remove it first: token remove ${name}`,
      });
    case 'too-many':
      return new HeldlineError('token.too-many', `${user} has ${QUOTA} tokens already`, { kind: 'conflict' });
    case 'no-such-user':
      return unknownUser(user);
  }
}

function unknownUser(name: string): HeldlineError {
  return new HeldlineError('user.unknown', `there is no active user ${name}`, { kind: 'not-found' });
}
