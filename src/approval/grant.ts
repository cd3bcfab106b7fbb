/**
 * Proof that exactly one approved command was consumed in the store and may be submitted once, now, in the
 * session and channel it names. Made only by the approval desk after `consume` was acknowledged.
 */
import type { Statement } from '../model/approval-request.ts';
import type { Digest } from '../model/names.ts';

export class Grant {
  readonly statement: Statement;
  readonly digest: Digest;
  /** ms since the epoch */
  readonly consumedAt: number;
  #spent = false;

  private constructor(statement: Statement, digest: Digest, consumedAt: number) {
    this.statement = statement;
    this.digest = digest;
    this.consumedAt = consumedAt;
  }

  /** For the desk alone, after the store acknowledged the consumption of `digest`. */
  static afterConsumption(statement: Statement, digest: Digest, consumedAt: number): Grant {
    return new Grant(statement, digest, consumedAt);
  }

  /** True the first time, false for ever after. */
  spend(): boolean {
    if (this.#spent) return false;
    this.#spent = true;
    return true;
  }
}
