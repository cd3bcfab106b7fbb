/**
 * Somebody's authenticator: hands out one-time codes of which the bastion has seen none, as few seconds late as
 * it can. A bastion takes the code of the step before too, so two codes are at hand at most times.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { timeLeftOfCode, totpCode } from './totp-code.ts';

/** ms of one step. */
const STEP = 30_000;
/** ms that a code of the step before must still be good for when it is handed out. */
const MARGIN = 8_000;

export class Phone {
  /** Base32, for `totp import`. */
  readonly secret: string;
  #usedStep = 0;

  /** @param secret base32 or an otpauth URI */
  constructor(secret: string) {
    this.secret = secret;
  }

  /** The oldest code that is good and was not handed out yet; waits for the next step when there is none. */
  async code(): Promise<string> {
    for (;;) {
      const step = this.#nextStep();
      if (step !== null) {
        this.#usedStep = step;
        return totpCode(this.secret, step * STEP);
      }
      await sleep(timeLeftOfCode() + 1);
    }
  }

  /** A code that was right ten minutes ago. */
  late(): string {
    return totpCode(this.secret, Date.now() - 20 * STEP);
  }

  /** Six digits that are right at no moment near now. */
  wrong(): string {
    const near = Array.from({ length: 21 }, (_, index) => totpCode(this.secret, Date.now() + (index - 10) * STEP));
    const wrong = Array.from({ length: 50 }, (_, number) => String(100_000 + number)).find(
      (code) => !near.includes(code),
    );
    return wrong ?? '000000';
  }

  #nextStep(): number | null {
    const now = Math.floor(Date.now() / STEP);
    if (this.#usedStep < now - 1 && timeLeftOfCode() > MARGIN) return now - 1;
    return this.#usedStep < now ? now : null;
  }
}
