/**
 * Proof that bytes may go to the target. A target leg takes nothing else, so that skipping the gate does not
 * compile. Made only by the gates of this folder; the boundary test forbids everybody else to import it as a
 * value.
 */
import type { Grant } from '../approval/grant.ts';
import type { Decision } from '../model/decision.ts';

/** Why the bytes may pass. */
export type ClearanceBasis =
  | { readonly kind: 'edit' }
  | { readonly kind: 'allowed'; readonly decision: Decision }
  | { readonly kind: 'granted'; readonly grant: Grant };

export class Clearance {
  readonly bytes: Uint8Array;
  readonly basis: ClearanceBasis;

  private constructor(bytes: Uint8Array, basis: ClearanceBasis) {
    this.bytes = bytes;
    this.basis = basis;
  }

  /** For bytes that only edit a line and cannot submit it, or answer the target's own questions. */
  static forEdit(bytes: Uint8Array): Clearance {
    return new Clearance(bytes, { kind: 'edit' });
  }

  /** For a submit key, or the stream of a command, that the policy lets pass. @throws TypeError if it does not */
  static forAllowed(bytes: Uint8Array, decision: Decision): Clearance {
    if (decision.effect !== 'allow' && decision.effect !== 'auto-approve') {
      throw new TypeError(`a decision "${decision.effect}" clears nothing`);
    }
    return new Clearance(bytes, { kind: 'allowed', decision });
  }

  /** For the submit key of exactly the command that was approved and consumed. */
  static forGrant(bytes: Uint8Array, grant: Grant): Clearance {
    return new Clearance(bytes, { kind: 'granted', grant });
  }
}
