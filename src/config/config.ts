/** The settings of one bastion, complete: every default filled in, durations in ms, sizes in bytes, paths absolute. */
import type { LogLevel } from '../base/logger.ts';

export interface SshConfig {
  /** IP addresses to listen on. */
  readonly listen: readonly string[];
  /** TCP port; 0 asks the system. */
  readonly port: number;
  /** The name that people type and that the ssh_config snippet names. */
  readonly hostName: string;
  /** Ending of target names at the jump door, with its dot. */
  readonly suffix: string;
  /** Shown before sign-in; null for none. */
  readonly banner: string | null;
}

export interface SignInConfig {
  /** Who must give a one-time code besides the key. */
  readonly secondFactor:
    | { readonly kind: 'nobody' }
    | { readonly kind: 'everybody' }
    | { readonly kind: 'roles'; readonly roles: readonly string[] };
  /** ms from the connection to a finished sign-in. */
  readonly graceTime: number;
}

export interface PathsConfig {
  /** store, keys, recordings, audit */
  readonly state: string;
  /** admin socket, lock */
  readonly run: string;
  /** Directory of the policy files. */
  readonly policy: string;
}

export interface RecordingConfig {
  /** What becomes of a session whose recording fails: frozen for `freeze`, or ended at once. */
  readonly onFailure: 'freeze' | 'end';
  /** ms that a frozen session waits for the disk to come back. */
  readonly freeze: number;
  /** Bytes that must stay free for a new session to open. */
  readonly minFree: number;
  /** Whether echoed input is recorded besides output. */
  readonly input: boolean;
  /** Bytes of one recording; then the session ends. */
  readonly maxSession: number;
  /** Recorded bytes per user and hour; then that user's sessions freeze until there is room. */
  readonly maxPerUserHour: number;
}

export interface ApprovalConfig {
  /** ms of a request for time-boxed access. */
  readonly accessExpires: number;
  /** ms that an approved request waits for the requester's Enter. */
  readonly releaseWithin: number;
  /** ms, the longest time-boxed access that a rule without `longest` gives. */
  readonly longestAccess: number;
  /** Wrong codes per approver and request. */
  readonly codeTries: number;
  /** ms before what X changed may vote on X's requests. */
  readonly coolingOff: number;
}

export interface LimitsConfig {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Connections that have not signed in yet. */
  readonly preAuth: number;
  readonly channelsPerConnection: number;
  readonly sessionsPerUser: number;
  readonly holdsPerUser: number;
  /** ms without input or output before a session ends; null for never. */
  readonly idle: number | null;
}

export interface MoshConfig {
  readonly enabled: boolean;
  /** IP addresses to listen on. */
  readonly listen: readonly string[];
  /** UDP port; 0 asks the system. */
  readonly port: number;
  /** ms that a session without a client is kept. */
  readonly detached: number;
}

export interface Config {
  /** The file it came from. */
  readonly file: string;
  readonly ssh: SshConfig;
  readonly signIn: SignInConfig;
  readonly paths: PathsConfig;
  readonly recording: RecordingConfig;
  readonly approval: ApprovalConfig;
  readonly limits: LimitsConfig;
  readonly mosh: MoshConfig;
  readonly log: { readonly level: LogLevel };
  /** ms that `SIGTERM` waits for sessions to end. */
  readonly drain: number;
}
