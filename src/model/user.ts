/** People and services as the store keeps them. */

export interface UserKey {
  /** `SHA256:...`, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, `sk-ssh-ed25519@openssh.com`, ... */
  readonly type: string;
  /** Base64 of the public key blob (RFC 4253 §6.6). */
  readonly blob: string;
  readonly comment: string;
  /** ms since the epoch */
  readonly addedAt: number;
  readonly addedBy: string;
  /** How often a security key had signed when it last approved something; absent until then. */
  readonly counter?: number;
}

export interface User {
  readonly name: string;
  readonly roles: readonly string[];
  readonly disabled: boolean;
  readonly keys: readonly UserKey[];
  /** Shown on every panel so that a fake panel is recognised; absent until enrolment. */
  readonly phrase?: string;
  readonly createdAt: number;
  readonly createdBy: string;
  /** When and by whom roles last changed: what X changed within 24 hours cannot vote on X's requests. */
  readonly rolesChangedAt: number;
  readonly rolesChangedBy: string;
}
