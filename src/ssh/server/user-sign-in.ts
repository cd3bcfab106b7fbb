/**
 * Sign-in of a user's connection: a public key, then a one-time code if the user needs one. Unknown users, users
 * without that key and disabled ones get the same answers after the same work. A success is in the audit log
 * before the client hears of it.
 */
import type { AuthContext, KeyboardAuthContext, PublicKeyAuthContext } from 'ssh2';
import { describeFailure } from '../../base/heldline-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Principal } from '../../model/principal.ts';
import type { KeyOffer } from '../adapter/public-key.ts';
import { describeKey, isAcceptedKey, isSignedByKey } from '../adapter/public-key.ts';
import type { IdentityDoor, OfferedKey, SignInReport } from '../ports.ts';
import type { Seat, SignInMethod } from './seat.ts';
import type { SignInName } from './sign-in-name.ts';
import { parseSignInName } from './sign-in-name.ts';

export interface UserSignInOptions {
  readonly identity: IdentityDoor;
  readonly logger: Logger;
  readonly address: string;
  readonly client: string;
  /** What the prompt calls this bastion. */
  readonly hostName: string;
  /** Wrong one-time codes until no more are asked for. */
  readonly wrongCodes: number;
}

type Step =
  | { readonly kind: 'key' }
  | { readonly kind: 'code'; readonly key: OfferedKey }
  | { readonly kind: 'done' }
  /** Too many wrong codes: nothing is looked at any more. */
  | { readonly kind: 'refused' };

type Methods = Parameters<AuthContext['reject']>[0];

const KEY_METHODS: Methods = ['publickey'];
const CODE_METHODS: Methods = ['keyboard-interactive'];
const NO_METHODS: Methods = [];
const LONGEST_CODE = 64;
const LONGEST_NAME = 128;

export class UserSignIn implements SignInMethod {
  readonly #options: UserSignInOptions;
  #step: Step = { kind: 'key' };
  #seat: Seat | null = null;
  #attempted: { user: string; method: SignInReport['method']; fingerprint: string | null } | null = null;
  #wrongCodes = 0;

  constructor(options: UserSignInOptions) {
    this.#options = options;
  }

  get seat(): Seat | null {
    return this.#seat;
  }

  handle(context: AuthContext): void {
    this.#answer(context).catch((failure: unknown) => {
      this.#options.logger.error('a sign-in could not be judged', { failure: describeFailure(failure) });
      context.reject(NO_METHODS);
    });
  }

  ended(): void {
    if (this.#step.kind === 'done' || this.#step.kind === 'refused' || this.#attempted === null) return;
    const { user, method, fingerprint } = this.#attempted;
    this.#reportFailure({ type: 'auth.failure', user, method, keyFingerprint: fingerprint, reason: 'gave up' });
  }

  async #answer(context: AuthContext): Promise<void> {
    if (this.#step.kind === 'refused') {
      context.reject(NO_METHODS);
      return;
    }
    switch (context.method) {
      case 'publickey':
        return await this.#judgeKey(context);
      case 'keyboard-interactive':
        return await this.#judgeCode(context);
      case 'none':
      case 'password':
      case 'hostbased':
        context.reject(this.#step.kind === 'code' ? CODE_METHODS : KEY_METHODS);
    }
  }

  async #judgeKey(context: PublicKeyAuthContext): Promise<void> {
    const offer = offerOf(context);
    const key = describeKey(offer.type, offer.blob);
    const name = parseSignInName(context.username);
    this.#attempted = { user: shorten(context.username), method: 'publickey', fingerprint: key.fingerprint };
    const good = offer.signature === undefined ? isAcceptedKey(offer) : isSignedByKey(offer);
    const outcome = await this.#options.identity.findUserKey(name?.user ?? shorten(context.username), key);
    if (this.#step.kind !== 'key' || !good || name === null || outcome.kind !== 'known') {
      context.reject(this.#step.kind === 'code' ? CODE_METHODS : KEY_METHODS);
    } else if (offer.signature === undefined) {
      context.accept();
    } else if (outcome.secondFactor) {
      this.#step = { kind: 'code', key };
      context.reject(CODE_METHODS, true);
    } else {
      await this.#seatUser(context, name, key, false);
    }
  }

  async #judgeCode(context: KeyboardAuthContext): Promise<void> {
    const name = parseSignInName(context.username);
    if (this.#step.kind !== 'code' || name === null) {
      context.reject(this.#step.kind === 'code' ? CODE_METHODS : KEY_METHODS);
      return;
    }
    const { key } = this.#step;
    this.#attempted = { user: name.user, method: 'keyboard-interactive', fingerprint: key.fingerprint };
    const code = await this.#askCode(context, name.user);
    if (code === null) return;
    const outcome = await this.#options.identity.verifyLoginCode(name.user, code, this.#options.address);
    if (outcome.kind !== 'accepted') {
      this.#refuseCode(context, name.user, key, outcome);
      return;
    }
    await this.#seatUser(context, name, key, true);
  }

  /** null when the client gave the question up; then nothing is to be answered. */
  #askCode(context: KeyboardAuthContext, user: string): Promise<string | null> {
    // OpenSSH puts "(user@host) " before every prompt by itself.
    const place = this.#options.client.startsWith('OpenSSH_') ? '' : `(${user}@${this.#options.hostName}) `;
    return new Promise((resolve) => {
      const prompt = { prompt: `${place}Code from your authenticator app: `, echo: false };
      context.prompt([prompt], '', '', (answers: unknown) => {
        // The package hands an Error to this callback when the client starts another method.
        if (!Array.isArray(answers)) return resolve(null);
        const [answer] = answers;
        resolve(typeof answer === 'string' ? answer.replace(/\s/g, '').slice(0, LONGEST_CODE) : '');
      });
    });
  }

  #refuseCode(
    context: AuthContext,
    user: string,
    key: OfferedKey,
    outcome: { kind: 'rejected' | 'locked'; why: string },
  ): void {
    this.#wrongCodes += 1;
    const locked = outcome.kind === 'locked';
    this.#reportFailure({
      type: locked ? 'auth.lockout' : 'auth.failure',
      user,
      method: 'keyboard-interactive',
      keyFingerprint: key.fingerprint,
      reason: outcome.why,
    });
    this.#attempted = null;
    if (locked || this.#wrongCodes >= this.#options.wrongCodes) this.#step = { kind: 'refused' };
    context.reject(this.#step.kind === 'refused' ? NO_METHODS : CODE_METHODS);
  }

  /** Authority is that of the last moment: it is looked up again when nothing but the answer is left to do. */
  async #seatUser(context: AuthContext, name: SignInName, key: OfferedKey, code: boolean): Promise<void> {
    const { address, client, identity } = this.#options;
    const method = code ? 'keyboard-interactive' : 'publickey';
    const report = { user: name.user, method, keyFingerprint: key.fingerprint } as const;
    await identity.report({ ...report, type: 'auth.success', address, client, secondFactor: code, reason: null });
    const outcome = await identity.findUserKey(name.user, key);
    if (outcome.kind !== 'known') {
      this.#step = { kind: 'refused' };
      this.#reportFailure({ ...report, type: 'auth.failure', reason: outcome.why });
      context.reject(NO_METHODS);
      return;
    }
    const proof = { keyFingerprint: key.fingerprint, keyType: key.type, secondFactor: code };
    this.#seat = seatOf(name, { user: name.user, roles: outcome.roles, proof, address });
    this.#step = { kind: 'done' };
    context.accept();
  }

  #reportFailure(report: Pick<SignInReport, 'type' | 'user' | 'method' | 'keyFingerprint' | 'reason'>): void {
    const { address, client, identity, logger } = this.#options;
    identity.report({ ...report, address, client, secondFactor: false }).catch((failure: unknown) => {
      // Nobody was let in; the log of the daemon keeps what the audit log could not take.
      logger.error('a failed sign-in could not be audited', { failure: describeFailure(failure) });
    });
  }
}

function seatOf(name: SignInName, principal: Principal): Seat {
  if (name.door === 'console') return { door: 'console', principal };
  return { door: 'direct', principal, target: name.target, login: name.login };
}

function offerOf(context: PublicKeyAuthContext): KeyOffer {
  return {
    type: context.key.algo,
    blob: context.key.data,
    hash: context.hashAlgo,
    signature: context.signature,
    signed: context.blob,
  };
}

function shorten(text: string): string {
  return text.slice(0, LONGEST_NAME);
}
