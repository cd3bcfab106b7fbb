/** What somebody offers as a signature, and what became of it; identity checks it, approval asks. */

/** What is offered as somebody's signature, and over what it has to be. */
export interface SignatureOffer {
  /** As `ssh-keygen -Y sign` prints it. */
  readonly armored: string;
  readonly namespace: string;
  readonly message: string;
}

/** What became of a signature. Everything but `accepted` refuses. */
export type SignatureOutcome =
  | {
      readonly kind: 'accepted';
      /** `SHA256:...` of the key. */
      readonly fingerprint: string;
      /** `TYPE BASE64`, as in an allowed_signers file. */
      readonly publicKey: string;
      /** The signature as ssh-keygen writes it, whatever it came as. */
      readonly armored: string;
      readonly isSecurityKey: boolean;
      /** Whether the security key checked a PIN or a finger. */
      readonly userVerified: boolean;
    }
  /** `why`: a sentence for the person and for the log. */
  | { readonly kind: 'refused'; readonly why: string };
