/**
 * How people come by a factor: a one-time word from an administrator, or their current code, or a recovery
 * code, begins; a first right code ends it. Importing a known secret is for migration and automation.
 * Everybody who had a hand in a factor is remembered with it, so that nobody makes their own approver.
 */
import type { Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { randomHex } from '../base/ids.ts';
import { SerialByKey } from '../base/serial.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { CodeOutcome } from '../model/code-outcome.ts';
import { enrolmentUri, matchingStep, newSecret, parseSecret, readCode, secretText } from './one-time-code.ts';
import type { FactorStore, HashedCode, PendingEnrolment, TotpFactor, UserStore } from './ports.ts';
import type { SealingKey } from './sealing-key.ts';
import { hashSpoken, matchesSpoken, newSpokenSecret } from './spoken-secret.ts';
import { CLEAN_THROTTLE, throttleState } from './throttle.ts';
import { ownerOfSecret, type TotpService } from './totp-service.ts';
import { newPhrase } from './user-phrase.ts';

/** Characters of 5 bits each: 60 bits. */
const WORD_LENGTH = 12;
const WORD_TRIES = 5;
const WORD_LIFE = 15 * 60_000;
const PENDING_LIFE = 15 * 60_000;
const RECOVERY_CODES = 10;
/** 50 bits. */
const RECOVERY_LENGTH = 10;
/** How long a hand in a factor is remembered over a re-enrolment. */
const MEMORY = 24 * 3_600_000;

/** What to show for scanning or typing. Never log it. */
export interface Enrolment {
  /** Base32. */
  readonly secret: string;
  /** `otpauth://...`, for the QR code. */
  readonly uri: string;
}

export type BeginOutcome =
  | { readonly kind: 'begun'; readonly enrolment: Enrolment }
  | { readonly kind: 'no-word' }
  | { readonly kind: 'word-expired' }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  /** The current code, or the recovery code, was not accepted. */
  | { readonly kind: 'code'; readonly outcome: Exclude<CodeOutcome, { kind: 'accepted' }> };

export type ActivateOutcome =
  | { readonly kind: 'active'; readonly recoveryCodes: readonly string[]; readonly phrase: string }
  | { readonly kind: 'wrong' }
  /** Nothing was begun, or it was too long ago. */
  | { readonly kind: 'not-begun' };

/** For telling people of each change of their factor. */
export interface FactorChange {
  readonly user: string;
  readonly kind: 'enrolled' | 'imported' | 'reset';
  readonly by: string;
}

export interface TotpEnrolmentParts {
  readonly store: FactorStore;
  readonly users: UserStore;
  readonly codes: TotpService;
  readonly sealing: SealingKey;
  readonly audit: AuditSink;
  readonly clock: Clock;
  /** Short name of the bastion; a long one makes the QR code too big for 24 rows. */
  readonly issuer: string;
  readonly onListenerFailure: (failure: unknown) => void;
}

export class TotpEnrolment {
  readonly #parts: TotpEnrolmentParts;
  readonly #byUser = new SerialByKey();
  readonly #changes: Signal<FactorChange>;

  constructor(parts: TotpEnrolmentParts) {
    this.#parts = parts;
    this.#changes = new Signal(parts.onListenerFailure);
  }

  onChange(listener: (change: FactorChange) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /** A word that lets `user` enrol once within 15 minutes; told once. @throws HeldlineError `user.unknown` */
  issueWord(user: string, by: string): Promise<string> {
    return this.#byUser.run(user, async () => {
      await this.#refuseUnknown(user);
      const word = newSpokenSecret(WORD_LENGTH, 4);
      const code = await hashSpoken(word);
      await this.#log('totp.word_issued', by, user);
      const expiresAt = this.#parts.clock.now() + WORD_LIFE;
      await this.#parts.store.saveWord({ user, code, expiresAt, triesLeft: WORD_TRIES, issuedBy: by });
      return word;
    });
  }

  /** Begins with the administrator's word. The word stays good until a code has proven the new secret. */
  beginWithWord(user: string, text: string): Promise<BeginOutcome> {
    return this.#byUser.run(user, async () => {
      const { store, clock } = this.#parts;
      const word = await store.word(user);
      if (word === null) return { kind: 'no-word' };
      if (word.expiresAt <= clock.now()) return { kind: 'word-expired' };
      if (!(await matchesSpoken(text, word.code))) {
        const triesLeft = word.triesLeft - 1;
        if (triesLeft <= 0) await store.dropWord(user);
        else await store.saveWord({ ...word, triesLeft });
        return { kind: 'wrong', triesLeft };
      }
      return this.#begin(user, [word.issuedBy, user]);
    });
  }

  /** Begins a re-enrolment with a code of the present factor. */
  beginWithCode(user: string, text: string): Promise<BeginOutcome> {
    return this.#byUser.run(user, async () => {
      const outcome = await this.#parts.codes.verify(user, text);
      if (outcome.kind !== 'accepted') return { kind: 'code', outcome };
      return this.#begin(user, await this.#recentHands(user));
    });
  }

  /** Begins a re-enrolment with a recovery code, which is thereby used up. */
  beginWithRecovery(user: string, text: string): Promise<BeginOutcome> {
    return this.#byUser.run(user, async () => {
      const { store, clock, codes } = this.#parts;
      const factor = await store.find(user);
      if (factor === null) return { kind: 'code', outcome: { kind: 'not-enrolled' } };
      const state = throttleState(factor.throttle, clock.now());
      if (state.kind !== 'open') return { kind: 'code', outcome: state };
      const found = await findRecovery(factor.recovery, text);
      if (found === null || !(await store.spendRecovery(user, found.hash))) {
        await codes.countWrong(user);
        return { kind: 'code', outcome: { kind: 'wrong' } };
      }
      await this.#log('totp.recovery_used', user, user);
      return this.#begin(user, await this.#recentHands(user));
    });
  }

  /** Ends what was begun with the first right code of the new secret. The code is thereby used up. */
  activate(user: string, text: string): Promise<ActivateOutcome> {
    return this.#byUser.run(user, async () => {
      const { store, clock, sealing } = this.#parts;
      const pending = await store.pending(user);
      if (pending === null || pending.expiresAt <= clock.now()) return { kind: 'not-begun' };
      const code = readCode(text);
      const secret = sealing.unseal(pending.sealed, ownerOfSecret(user, pending.id));
      const step = code === null ? null : matchingStep(secret, code, clock.now());
      secret.fill(0);
      if (step === null) return { kind: 'wrong' };
      const recoveryCodes = [...Array(RECOVERY_CODES)].map(() => newSpokenSecret(RECOVERY_LENGTH, 5));
      const recovery = await Promise.all(recoveryCodes.map(hashSpoken));
      await this.#install(factorOf(pending, { lastStep: step, recovery, now: clock.now() }), 'enrolled', user);
      return { kind: 'active', recoveryCodes, phrase: await this.#phrase(user) };
    });
  }

  /** Gives `user` a factor whose secret is known already. @throws HeldlineError `totp.secret`, `user.unknown` */
  importSecret(user: string, text: string, by: string): Promise<void> {
    return this.#byUser.run(user, async () => {
      await this.#refuseUnknown(user);
      const secret = parseSecret(text);
      if (secret === null) {
        throw new HeldlineError('totp.secret', 'A secret is base32 text of 20 to 64 bytes (32 letters or more).', {
          kind: 'usage',
        });
      }
      const pending = this.#seal(user, secret, [by]);
      secret.fill(0);
      const now = this.#parts.clock.now();
      await this.#install(factorOf(pending, { lastStep: null, recovery: [], now }), 'imported', by);
      await this.#phrase(user);
    });
  }

  /** Takes the factor away; enrolling anew needs a word. @throws HeldlineError `user.unknown` */
  reset(user: string, by: string): Promise<void> {
    return this.#byUser.run(user, async () => {
      await this.#refuseUnknown(user);
      await this.#log('totp.reset', by, user);
      await this.#parts.store.remove(user);
      this.#changes.tell({ user, kind: 'reset', by });
    });
  }

  async #begin(user: string, madeBy: readonly string[]): Promise<BeginOutcome> {
    const secret = newSecret();
    const pending = this.#seal(user, secret, madeBy);
    await this.#parts.store.savePending(pending);
    const uri = enrolmentUri(this.#parts.issuer, user, secret);
    const enrolment = { secret: secretText(secret), uri };
    secret.fill(0);
    return { kind: 'begun', enrolment };
  }

  #seal(user: string, secret: Uint8Array, madeBy: readonly string[]): PendingEnrolment {
    const id = randomHex(8);
    const sealed = this.#parts.sealing.seal(secret, ownerOfSecret(user, id));
    const expiresAt = this.#parts.clock.now() + PENDING_LIFE;
    return { user, id, sealed, madeBy: [...new Set(madeBy)], expiresAt };
  }

  async #install(factor: TotpFactor, kind: 'enrolled' | 'imported', by: string): Promise<void> {
    await this.#log('totp.enrolled', by, factor.user, { imported: kind === 'imported' });
    if ((await this.#parts.store.install(factor)) !== 'installed') throw unknownUser(factor.user);
    this.#changes.tell({ user: factor.user, kind, by });
  }

  async #recentHands(user: string): Promise<readonly string[]> {
    const factor = await this.#parts.store.find(user);
    const recent = factor !== null && this.#parts.clock.now() - factor.createdAt < MEMORY;
    return recent ? [...factor.madeBy, user] : [user];
  }

  async #phrase(name: string): Promise<string> {
    const user = await this.#parts.users.find(name);
    if (user?.phrase !== undefined) return user.phrase;
    const phrase = newPhrase();
    await this.#parts.users.setPhrase(name, phrase);
    return phrase;
  }

  async #refuseUnknown(user: string): Promise<void> {
    if ((await this.#parts.users.find(user)) === null) throw unknownUser(user);
  }

  async #log(type: string, by: string, user: string, more: Record<string, unknown> = {}): Promise<void> {
    const detail = { user, ...more };
    await this.#parts.audit.append({ type, outcome: 'success', actor: { user: by }, detail });
  }
}

function factorOf(
  pending: PendingEnrolment,
  more: { lastStep: number | null; recovery: readonly HashedCode[]; now: number },
): TotpFactor {
  const { user, id, sealed, madeBy } = pending;
  const { lastStep, recovery, now } = more;
  return { user, id, sealed, madeBy, lastStep, recovery, burnt: [], throttle: CLEAN_THROTTLE, createdAt: now };
}

/** All are compared, so that the time does not tell which one was near. */
async function findRecovery(codes: readonly HashedCode[], text: string): Promise<HashedCode | null> {
  const matches = await Promise.all(codes.map((code) => matchesSpoken(text, code)));
  return codes.find((_code, index) => matches[index] === true) ?? null;
}

function unknownUser(user: string): HeldlineError {
  return new HeldlineError('user.unknown', `There is no user ${user}.`, { kind: 'not-found' });
}
