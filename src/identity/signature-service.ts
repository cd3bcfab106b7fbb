/**
 * Signatures of people over statements: whether one was made just now by a key that is theirs at this moment, for
 * this purpose, over exactly these bytes. A security key has to have been touched, and what it counts is kept, so
 * that a copy of it is noticed. What a signature permits is the approval desk's business.
 */
import { SerialByKey } from '../base/serial.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { SignatureOffer, SignatureOutcome } from '../model/signature-outcome.ts';
import type { UserKey } from '../model/user.ts';
import type { UserStore } from './ports.ts';
import { isSignatureOver } from './signature-check.ts';
import { parseSshSignature, type SecurityKeyProof } from './ssh-signature.ts';

export interface SignatureServiceParts {
  readonly store: UserStore;
  readonly audit: AuditSink;
}

const TOUCHED = 0x01;
const VERIFIED = 0x04;

export class SignatureService {
  readonly #store: UserStore;
  readonly #audit: AuditSink;
  readonly #byUser = new SerialByKey();

  constructor(parts: SignatureServiceParts) {
    this.#store = parts.store;
    this.#audit = parts.audit;
  }

  /** Checks a signature of `user`. @throws HeldlineError when store or log fail: refuse */
  verify(user: string, offer: SignatureOffer): Promise<SignatureOutcome> {
    return this.#byUser.run(user, async () => {
      const parsed = parseSshSignature(offer.armored);
      if (parsed.kind === 'refused') return parsed;
      const { signature, armored } = parsed;
      if (signature.namespace !== offer.namespace) return refused('The signature was made for something else.');
      const key = await this.#keyOf(user, signature.publicKey);
      if (key === null) return refused(`The signature is not of a key of ${user}.`);
      if (!isSignatureOver(signature, Buffer.from(offer.message))) {
        return refused('The signature is not over this statement.');
      }
      if (signature.securityKey === null) return accepted(key, null, armored);
      const refusal = await this.#refusalOf(user, key, signature.securityKey);
      return refusal ?? accepted(key, signature.securityKey, armored);
    });
  }

  async #keyOf(user: string, publicKey: Uint8Array): Promise<UserKey | null> {
    const blob = Buffer.from(publicKey).toString('base64');
    const found = await this.#store.find(user);
    if (found === null || found.disabled) return null;
    return found.keys.find((key) => key.blob === blob) ?? null;
  }

  /** The counter is stored before the signature is accepted. */
  async #refusalOf(user: string, key: UserKey, proof: SecurityKeyProof): Promise<SignatureOutcome | null> {
    if ((proof.flags & TOUCHED) === 0) return refused('The security key says that nobody touched it.');
    switch (await this.#store.raiseKeyCounter(user, key.fingerprint, proof.counter)) {
      case 'raised':
        return null;
      case 'went-back':
        return this.#alarm(user, key, proof);
      case 'gone':
        return refused(`The signature is not of a key of ${user}.`);
    }
  }

  async #alarm(user: string, { fingerprint }: UserKey, { counter }: SecurityKeyProof): Promise<SignatureOutcome> {
    const detail = { user, fingerprint, counter };
    const reason = 'the counter of a security key went back: there may be a copy of it';
    await this.#audit.append({ type: 'user.key_counter_back', outcome: 'denied', actor: { user }, reason, detail });
    return refused('The counter of the security key went back: there may be a copy of it. Tell an administrator.');
  }
}

function accepted(
  { fingerprint, type, blob }: UserKey,
  proof: SecurityKeyProof | null,
  armored: string,
): SignatureOutcome {
  return {
    kind: 'accepted',
    fingerprint,
    publicKey: `${type} ${blob}`,
    armored,
    isSecurityKey: proof !== null,
    userVerified: proof !== null && (proof.flags & VERIFIED) !== 0,
  };
}

function refused(why: string): SignatureOutcome {
  return { kind: 'refused', why };
}
