/** The settings of one bastion, complete: every default filled in, durations in ms, sizes in bytes, paths absolute. */
import type { LogLevel } from '../base/logger.ts';
import type { MetricsConfig } from './metrics-config.ts';
import type { NotifyConfig } from './notify-config.ts';
import type { WebConfig } from './web-config.ts';

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
  /** Recorded bytes per user and hour; then that user's sessions freeze until there is room. */
  readonly maxPerUserHour: number;
}

export interface ApprovalConfig {
  /** ms, the longest access for a time that a rule without `longest` gives. */
  readonly longestAccess: number;
}

export interface LimitsConfig {
  readonly connectionsPerAddress: number;
  /** Connections that have not signed in yet. */
  readonly preAuth: number;
  readonly channelsPerConnection: number;
  readonly sessionsPerUser: number;
  readonly holdsPerUser: number;
}

export interface MoshConfig {
  readonly enabled: boolean;
  /** IP addresses to listen on. */
  readonly listen: readonly string[];
  /** UDP port; 0 asks the system. */
  readonly port: number;
  /** ms that a session without a client is kept. */
  readonly detached: number;
  /** Whether targets may set the user's clipboard (OSC 52); reading it is never possible. */
  readonly clipboard: boolean;
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
  readonly notify: NotifyConfig;
  /** null: there is no HTTP API. */
  readonly web: WebConfig | null;
  /** null when they are off. */
  readonly metrics: MetricsConfig | null;
  readonly log: { readonly level: LogLevel };
  /** ms that `SIGTERM` waits for sessions to end. */
  readonly drain: number;
}
