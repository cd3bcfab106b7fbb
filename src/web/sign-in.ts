/**
 * Who asks: whoever brings a token is its person, and whoever comes through their own SSH connection is who signed in
 * there; with the authority of this moment, for one request. What fails is counted against the address and written
 * down; a token that works is written down once an hour, and before every vote.
 */
import type { Clock } from '../base/clock.ts';
import type { ApiTokens } from '../identity/api-tokens.ts';
import { tokenFingerprint } from '../identity/api-tokens.ts';
import type { ApiToken, TokenScope } from '../identity/ports.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { Principal } from '../model/principal.ts';
import { addressKey, type Rate, RateLimit } from './rate-limit.ts';
import { type Refusal, refuse, refuseForNow } from './refusal.ts';

/** One request, as far as it says who sends it. */
export interface Arrival {
  /** Remote address without port. */
  readonly address: string;
  /** The header as it came. */
  readonly authorization: string | undefined;
  /** Who signed in to the SSH connection that it came through; null when it came by itself. */
  readonly through: Principal | null;
}

/** Somebody who is signed in. */
export interface Visitor {
  readonly kind: 'visitor';
  readonly principal: Principal;
  /** null through SSH. */
  readonly token: ApiToken | null;
}

/** Whether the authority of somebody who signed in by SSH still stands. */
export type StandingOf = (
  principal: Principal,
) => Promise<{ readonly kind: 'stands'; readonly roles: readonly string[] } | { readonly kind: 'lost' }>;

export interface WebRates {
  /** Requests of nobody in particular, an address. */
  readonly anonymous: Rate;
  /** Tokens that were wrong, an address. */
  readonly failures: Rate;
  /** Requests with one token. */
  readonly token: Rate;
  /** Decisions with one token. */
  readonly decisions: Rate;
}

export interface SignInParts {
  readonly tokens: Pick<ApiTokens, 'authenticate'>;
  readonly standing: StandingOf;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly rates: WebRates;
}

const HOUR = 3_600_000;
/** Tokens and addresses that are remembered as written down. */
const MOST_SEEN = 1000;
/** Failures that are written down, of all addresses together. */
const LOGGED_FAILURES: Rate = { burst: 100, perMinute: 60 };

export class SignIn {
  readonly #parts: SignInParts;
  readonly #limits: Readonly<Record<keyof WebRates, RateLimit>>;
  readonly #loggedFailures: RateLimit;
  /** When a token was last written down for an address, ms since the epoch. */
  readonly #seen = new Map<string, number>();
  #unlogged = 0;

  constructor(parts: SignInParts) {
    const { rates, clock } = parts;
    this.#parts = parts;
    this.#limits = {
      anonymous: new RateLimit(rates.anonymous, clock),
      failures: new RateLimit(rates.failures, clock),
      token: new RateLimit(rates.token, clock),
      decisions: new RateLimit(rates.decisions, clock),
    };
    this.#loggedFailures = new RateLimit(LOGGED_FAILURES, clock);
  }

  /** Counts a request that needs no sign-in. */
  anonymous({ address }: Arrival): Refusal | null {
    const wait = this.#limits.anonymous.take(addressKey(address));
    return wait === 0 ? null : refuseForNow(wait);
  }

  /** @throws when store or log fail: refuse */
  async visitor(arrival: Arrival, needs: TokenScope): Promise<Visitor | Refusal> {
    const { authorization, address, through } = arrival;
    if (through !== null) return this.#throughSsh(through, needs);
    if (authorization === undefined) return this.anonymous(arrival) ?? unknown('this needs a token');
    const text = /^bearer ([!-~]{1,200})$/i.exec(authorization)?.[1] ?? '';
    const outcome = await this.#parts.tokens.authenticate(text);
    if (outcome.kind === 'refused') return this.#refuse(arrival, outcome.why, outcome.token);
    const { token, roles } = outcome;
    const wait = this.#waitFor(token.id, needs);
    if (wait > 0) return refuseForNow(wait);
    if (needs === 'decide' && token.scope !== 'decide') return refuse(403, 'token.scope', 'this token may only read');
    const proof = { keyFingerprint: tokenFingerprint(token), keyType: 'token', secondFactor: false };
    const principal: Principal = { user: token.user, roles, proof, address };
    await this.#writeDown(token, principal, needs);
    return { kind: 'visitor', principal, token };
  }

  /** No token is needed, and one that is sent is not looked at. */
  async #throughSsh(signedIn: Principal, needs: TokenScope): Promise<Visitor | Refusal> {
    const wait = this.#waitFor(`ssh/${signedIn.user}`, needs);
    if (wait > 0) return refuseForNow(wait);
    const standing = await this.#parts.standing(signedIn);
    if (standing.kind === 'lost') return unknown('your account or key is not active any more');
    return { kind: 'visitor', principal: { ...signedIn, roles: standing.roles }, token: null };
  }

  #waitFor(key: string, needs: TokenScope): number {
    const wait = this.#limits.token.take(key);
    return wait > 0 || needs === 'read' ? wait : this.#limits.decisions.take(key);
  }

  async #refuse({ address }: Arrival, why: string, token: ApiToken | null): Promise<Refusal> {
    const wait = this.#limits.failures.take(addressKey(address));
    if (wait > 0) return refuseForNow(wait);
    await this.#writeFailureDown(address, why, token);
    return unknown('this token is not known, has ended, or its person is not active');
  }

  /** Whoever sends wrong tokens from many addresses must not fill the log. */
  async #writeFailureDown(address: string, why: string, token: ApiToken | null): Promise<void> {
    if (this.#loggedFailures.take('all') > 0) {
      this.#unlogged += 1;
      return;
    }
    const more = this.#unlogged === 0 ? {} : { unlogged: this.#unlogged };
    this.#unlogged = 0;
    await this.#parts.audit.append({
      type: 'auth.failure',
      outcome: 'failure',
      actor: { user: token?.user ?? '', address, auth: 'token' },
      reason: why,
      detail: { token: token?.name ?? null, ...more },
    });
  }

  async #writeDown(token: ApiToken, { user, roles, address }: Principal, needs: TokenScope): Promise<void> {
    const key = `${token.id} ${address}`;
    const now = this.#parts.clock.now();
    const last = this.#seen.get(key);
    if (needs === 'read' && last !== undefined && now >= last && now - last < HOUR) return;
    await this.#parts.audit.append({
      type: 'auth.success',
      outcome: 'success',
      actor: { user, address, roles, auth: 'token', mfa: false },
      detail: { token: token.name, token_id: token.id, scope: token.scope },
    });
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
    this.#seen.set(key, now);
  }
}

function unknown(message: string): Refusal {
  return refuse(401, 'token.unknown', message);
}
