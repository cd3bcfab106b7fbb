/**
 * One-time codes of people: checks them, uses each up in the store before it is accepted, and slows guessing
 * down. A code proves that its owner is there, not what they agree to: that is the approval desk's business.
 * Enrolment is in `TotpEnrolment`. Codes and secrets never leave this class into a log.
 */
import type { Clock } from '../base/clock.ts';
import { SerialByKey } from '../base/serial.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { CodeOutcome } from '../model/code-outcome.ts';
import { distantStep, matchingStep, readCode, STEP_MS, stepAt } from './one-time-code.ts';
import type { FactorStore, Throttle, TotpFactor } from './ports.ts';
import type { SealingKey } from './sealing-key.ts';
import { afterWrongCode, CLEAN_THROTTLE, throttleState } from './throttle.ts';

export interface TotpServiceParts {
  readonly store: FactorStore;
  readonly sealing: SealingKey;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly onListenerFailure: (failure: unknown) => void;
}

export class TotpService {
  readonly #store: FactorStore;
  readonly #sealing: SealingKey;
  readonly #audit: AuditSink;
  readonly #clock: Clock;
  readonly #byUser = new SerialByKey();
  readonly #lockouts: Signal<string>;
  #misses: Throttle = CLEAN_THROTTLE;

  constructor(parts: TotpServiceParts) {
    this.#store = parts.store;
    this.#sealing = parts.sealing;
    this.#audit = parts.audit;
    this.#clock = parts.clock;
    this.#lockouts = new Signal(parts.onListenerFailure);
  }

  /** Told with the user's name whenever a factor has locked itself. */
  onLockout(listener: (user: string) => void): Unsubscribe {
    return this.#lockouts.subscribe(listener);
  }

  async isEnrolled(user: string): Promise<boolean> {
    return (await this.#store.find(user)) !== null;
  }

  /**
   * Checks a code that came over a channel signed in as `user`. `accepted` at most once a code, ever.
   * @throws HeldlineError when the store or the key fails: refuse
   */
  verify(user: string, text: string): Promise<CodeOutcome> {
    return this.#byUser.run(user, async () => {
      const now = this.#clock.now();
      const factor = await this.#store.find(user);
      if (factor === null) return { kind: 'not-enrolled' };
      const state = throttleState(factor.throttle, now);
      if (state.kind !== 'open') return state;
      if (factor.lastStep !== null && factor.lastStep > stepAt(now)) return { kind: 'clock-went-back' };
      const step = this.#match(factor, text, now, matchingStep);
      if (step === null) return this.#refuse(factor, text, now);
      return this.#accept(factor, step, now);
    });
  }

  /** Uses a valid code up that was typed where no code was asked for; true if it was one. Counts no failure. */
  burnIfValid(user: string, text: string): Promise<boolean> {
    return this.#byUser.run(user, async () => {
      const now = this.#clock.now();
      const factor = await this.#store.find(user);
      const step = factor === null ? null : this.#match(factor, text, now, matchingStep);
      if (factor === null || step === null) return false;
      return (await this.#store.burnStep(user, factor.id, step)) === 'burnt';
    });
  }

  /**
   * Whose current code `text` is, among `users`; null unless it is exactly one person's. Uses nothing up and
   * proves nothing: `verify` still has to accept it. Misses are nobody's wrong codes, so they slow this question
   * down for everybody: otherwise it could be asked until a guess is right.
   */
  async ownerOf(text: string, users: readonly string[]): Promise<string | null> {
    const now = this.#clock.now();
    if (throttleState(this.#misses, now).kind === 'paused') return null;
    const found = await Promise.all(users.map((user) => this.#store.find(user)));
    const matching = found.filter((factor) => factor !== null && this.#match(factor, text, now, matchingStep) !== null);
    const [only] = matching;
    if (matching.length === 1 && only !== undefined && only !== null) return only.user;
    this.#misses = { ...afterWrongCode(this.#misses, now), locked: false };
    return null;
  }

  /** Lets codes be looked at again. Returns false for somebody without a factor. */
  unlock(user: string, by: string): Promise<boolean> {
    return this.#byUser.run(user, async () => {
      const factor = await this.#store.find(user);
      if (factor === null) return false;
      const detail = { user };
      await this.#audit.append({ type: 'totp.unlocked', outcome: 'success', actor: { user: by }, detail });
      await this.#store.saveThrottle(user, factor.id, CLEAN_THROTTLE);
      return true;
    });
  }

  /** Counts one wrong secret of another kind (a recovery code) like a wrong code. */
  countWrong(user: string): Promise<void> {
    return this.#byUser.run(user, async () => {
      const factor = await this.#store.find(user);
      if (factor !== null) await this.#countWrong(factor, this.#clock.now());
    });
  }

  #match(
    factor: TotpFactor,
    text: string,
    now: number,
    search: (secret: Uint8Array, code: string, at: number) => number | null,
  ): number | null {
    const code = readCode(text);
    if (code === null) return null;
    const secret = this.#sealing.unseal(factor.sealed, ownerOfSecret(factor.user, factor.id));
    try {
      return search(secret, code, now);
    } finally {
      secret.fill(0);
    }
  }

  async #accept(factor: TotpFactor, step: number, now: number): Promise<CodeOutcome> {
    const burning = await this.#store.burnStep(factor.user, factor.id, step);
    if (burning === 'gone') return { kind: 'not-enrolled' };
    if (burning === 'replayed') return { kind: 'replayed', waitMs: untilNextCode(factor, step, now) };
    if (factor.throttle.consecutive > 0) {
      await this.#store.saveThrottle(factor.user, factor.id, CLEAN_THROTTLE);
    }
    return { kind: 'accepted', step };
  }

  async #refuse(factor: TotpFactor, text: string, now: number): Promise<CodeOutcome> {
    const throttle = await this.#countWrong(factor, now);
    const distant = this.#match(factor, text, now, distantStep);
    // Telling that a coming code is right must not help to guess it: it is used up by the hint.
    if (distant !== null && distant > stepAt(now)) await this.#store.burnLater(factor.user, factor.id, distant);
    return {
      kind: 'wrong',
      ...(distant === null ? {} : { clockOffset: ((distant - stepAt(now)) * STEP_MS) / 1000 }),
      ...(throttle.pausedUntil === null || throttle.pausedUntil <= now ? {} : { pausedUntil: throttle.pausedUntil }),
      ...(throttle.locked ? { locked: true } : {}),
    };
  }

  async #countWrong(factor: TotpFactor, now: number): Promise<TotpFactor['throttle']> {
    const throttle = afterWrongCode(factor.throttle, now);
    await this.#store.saveThrottle(factor.user, factor.id, throttle);
    if (throttle.locked && !factor.throttle.locked) {
      const detail = { user: factor.user, factor: 'totp' };
      await this.#audit.append({ type: 'auth.lockout', outcome: 'denied', actor: { user: factor.user }, detail });
      this.#lockouts.tell(factor.user);
    }
    return throttle;
  }
}

/** The name that a secret is sealed to. */
export function ownerOfSecret(user: string, factor: string): string {
  return `totp/${user}/${factor}`;
}

/** ms until a code that is not used up yet. */
function untilNextCode(factor: TotpFactor, step: number, now: number): number {
  let free = Math.max(step, factor.lastStep ?? step) + 1;
  while (factor.burnt.includes(free)) free += 1;
  return Math.max(0, free * STEP_MS - now);
}
