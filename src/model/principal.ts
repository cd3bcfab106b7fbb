/** Who is at the other end, and how they proved it. */

/** How a connection was authenticated. */
export interface Proof {
  /** `SHA256:...` of the public key that signed in, `token:...` of a token of the HTTP API. */
  readonly keyFingerprint: string;
  readonly keyType: string;
  /** Whether a one-time code was given as second login factor. */
  readonly secondFactor: boolean;
}

/** An authenticated person or service, as of the moment of sign-in. Authority is always looked up anew. */
export interface Principal {
  readonly user: string;
  readonly roles: readonly string[];
  readonly proof: Proof;
  /** Remote address without port, `local` for the admin socket. */
  readonly address: string;
}
