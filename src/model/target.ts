/** Hosts and programs that sessions are opened to. */

export type Labels = Readonly<Record<string, string>>;

/** How the broker signs in to an SSH target. Secrets are sealed; only `target` opens them. */
export type TargetCredential =
  | { readonly kind: 'egress' }
  | { readonly kind: 'key'; readonly sealed: string }
  | { readonly kind: 'password'; readonly sealed: string };

interface TargetBase {
  readonly name: string;
  readonly labels: Labels;
  readonly description: string;
  readonly createdAt: number;
  readonly createdBy: string;
}

export interface SshTarget extends TargetBase {
  readonly kind: 'ssh';
  readonly host: string;
  readonly port: number;
  /** Accounts on the host that may be asked for; the first one is the default. */
  readonly logins: readonly string[];
  /** Pinned host keys, `SHA256:...`; never empty. */
  readonly hostKeys: readonly string[];
  readonly credential: TargetCredential;
}

/** A program on this machine, run in a pty. Its only login is the account that runs it. */
export interface LocalTarget extends TargetBase {
  readonly kind: 'local';
  /** Program and arguments for a shell; `exec` requests run `program -c COMMAND`. */
  readonly argv: readonly [string, ...string[]];
  /** What that account is called for people and rules; absent: `local`. */
  readonly login?: string;
  /** Account to run as, when the daemon is root. */
  readonly account?: { readonly uid: number; readonly gid: number };
  readonly home?: string;
  /** Constructed environment; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
}

export type Target = SshTarget | LocalTarget;
