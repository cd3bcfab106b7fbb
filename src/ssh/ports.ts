/**
 * What the SSH folder needs from the rest: who may sign in, where channels go, which keys the bastion shows
 * and which credentials it uses towards targets.
 */
import type { Duplex } from 'node:stream';
import type { Principal } from '../model/principal.ts';
import type { SshTarget } from '../model/target.ts';
import type { ChannelRequest, Route, UserLeg } from '../session/ports.ts';
import type { SessionRequest } from '../session/session-request.ts';

/** A public key as a client offers it. */
export interface OfferedKey {
  /** `ssh-ed25519`, `ssh-rsa`, `sk-ssh-ed25519@openssh.com`, ... */
  readonly type: string;
  /** Base64 of the public key blob (RFC 4253 §6.6). */
  readonly blob: string;
  /** `SHA256:...` */
  readonly fingerprint: string;
}

/** What the identity part knows of a user name and a key. `refused` covers unknown, disabled and locked alike. */
export type KeyOutcome =
  | {
      readonly kind: 'known';
      readonly roles: readonly string[];
      /** Whether a one-time code is asked for after the key. */
      readonly secondFactor: boolean;
    }
  | { readonly kind: 'refused'; readonly why: string };

export type LoginCodeOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly why: string }
  /** No more codes of this user are looked at for now. */
  | { readonly kind: 'locked'; readonly why: string };

/** One sign-in that ended, for the audit log. */
export interface SignInReport {
  readonly type: 'auth.success' | 'auth.failure' | 'auth.lockout';
  /** As written by the client; foreign text. */
  readonly user: string;
  readonly address: string;
  readonly client: string;
  readonly method: 'publickey' | 'keyboard-interactive' | 'other';
  readonly keyFingerprint: string | null;
  readonly secondFactor: boolean;
  /** For the log only; never shown to the client. */
  readonly reason: string | null;
}

/** Who may sign in. Asked for every connection; nothing is cached on this side. */
export interface IdentityDoor {
  findUserKey(user: string, key: OfferedKey): Promise<KeyOutcome>;
  verifyLoginCode(user: string, code: string, address: string): Promise<LoginCodeOutcome>;
  /** Durable when resolved; a success that cannot be written down is refused. */
  report(report: SignInReport): Promise<void>;
}

/** Where channels to targets go; the broker implements it. Must take care of `request.leg` in every case. */
export interface SessionDoor {
  open(request: SessionRequest): Promise<void>;
}

/** A channel of a connection that named no target: the picker, the verbs, and `mosh-server`. */
export interface ConsoleRequest {
  readonly principal: Principal;
  /** Never `sftp`. */
  readonly request: ChannelRequest;
  readonly leg: UserLeg;
  readonly route: Route;
  readonly client: string;
  readonly connection: ConnectionAddresses;
}

/** The TCP connection as our side sees it, for `SSH_CONNECTION` and for Mosh. */
export interface ConnectionAddresses {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

export interface ConsoleDoor {
  open(request: ConsoleRequest): Promise<void>;
}

/** Where `ssh -L PORT:web:80` leads: HTTP inside the process, with nothing that listens. */
export interface WebDoor {
  /** Serves one connection for somebody who is signed in; it is gone when their SSH connection is. */
  accept(stream: Duplex, principal: Principal): void;
}

/** A channel or request that is never served here, for the audit log. */
export interface DeniedChannel {
  readonly principal: Principal;
  readonly door: 'direct' | 'jump' | 'console';
  /** null on a console connection. */
  readonly target: string | null;
  /** What was asked: `direct-tcpip`, `tcpip-forward`, `auth-agent`, `x11`, `subsystem`, `streamlocal` ... */
  readonly what: string;
  /** Foreign text: `host:port`, the subsystem's name. */
  readonly detail: string;
  readonly why: string;
}

/** Private host keys in OpenSSH or PEM text. */
export interface HostKeys {
  /** What the bastion itself shows; at least one. */
  readonly own: readonly string[];
  /** What the jump door shows for a target; at least one. Called with any well-spelled name, known or not. */
  hostKeyFor(target: string): readonly string[];
}

/** An opened credential towards a target; kept no longer than the sign-in. */
export type DialCredential =
  | { readonly kind: 'key'; readonly privateKey: string }
  | { readonly kind: 'password'; readonly password: string };

/** Opens the sealed credential of a target, or the bastion's egress key. @throws HeldlineError if it cannot */
export type CredentialFor = (target: SshTarget, login: string) => Promise<DialCredential>;
