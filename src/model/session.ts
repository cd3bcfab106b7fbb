/** One principal's connection to one target, from open to close. */
import type { SessionId } from './names.ts';

export type Door = 'direct' | 'jump' | 'mosh';
export type SessionKind = 'shell' | 'exec' | 'sftp';
export type SessionState = 'live' | 'ended' | 'recovered' | 'failed';

export interface SessionRecord {
  readonly id: SessionId;
  readonly user: string;
  readonly target: string;
  readonly login: string;
  readonly door: Door;
  readonly kind: SessionKind;
  readonly state: SessionState;
  /** ms since the epoch */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Remote address of the user. */
  readonly address: string;
}

/** Size of a terminal in cells. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** How a process ended: RFC 4254 §6.10. */
export type ExitStatus =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string; readonly coreDumped: boolean; readonly message: string };
