/**
 * What the broker needs from the edges: the two ends of a channel and somebody who opens the far one.
 * Both legs push: they call their listener as bytes arrive and are paused for back-pressure.
 */
import type { Door, ExitStatus, TerminalSize } from '../model/session.ts';
import type { Access } from '../target/access.ts';
import type { Clearance } from './clearance.ts';

export type { ExitStatus };

/** A pty as the user's client asked for it (RFC 4254 §6.2). */
export interface TerminalRequest {
  readonly term: string;
  readonly size: TerminalSize;
  /** Pixels; 0 when unknown. */
  readonly width: number;
  readonly height: number;
  /** Encoded terminal modes by name (`ECHO`, `VINTR` ...), as numbers. */
  readonly modes: Readonly<Record<string, number>>;
}

/** What a user asked a channel for. */
export type ChannelRequest =
  | { readonly kind: 'shell'; readonly terminal: TerminalRequest | null; readonly environment: Environment }
  | {
      readonly kind: 'exec';
      /** The command exactly as sent; not necessarily UTF-8. */
      readonly command: Uint8Array;
      readonly terminal: TerminalRequest | null;
      readonly environment: Environment;
    }
  | { readonly kind: 'sftp'; readonly environment: Environment };

/** Already filtered: only what may go to a target. */
export type Environment = Readonly<Record<string, string>>;

/**
 * Whether somebody is at the user's end. `moved`: they are at another address than the one that they signed in from,
 * and the policy does not take that for the same person. Only an `attached` session releases what it holds.
 */
export type Presence = 'attached' | 'moved' | 'detached';

export interface UserLegListener {
  onInput(bytes: Uint8Array): void;
  /** The user's end sends no more (EOF); output still flows. */
  onInputEnd(): void;
  onResize(size: TerminalSize): void;
  /** Signal name without `SIG` (RFC 4254 §6.9). */
  onSignal(name: string): void;
  /** Room again after a write returned false. */
  onDrain(): void;
  onPresence(presence: Presence): void;
  /** Gone for good, for whatever reason. Called exactly once; nothing is called after it. */
  onClose(): void;
}

/** The user's end of a channel: an SSH channel or a Mosh attachment. */
export interface UserLeg {
  readonly door: Door;
  readonly presence: Presence;
  /** Sets who hears of things, once; buffered input is delivered after it. */
  attach(listener: UserLegListener): void;
  /** Shows bytes. False means: wait for `onDrain` before the next write (it was taken all the same). */
  write(bytes: Uint8Array): boolean;
  writeError(bytes: Uint8Array): boolean;
  pauseInput(): void;
  resumeInput(): void;
  /** Round trip to the user in ms if it is known, for settle times. */
  readonly roundTrip: number | undefined;
  /** Flushes, tells how the program ended (null: unknown), ends the channel. Resolves when done or gone. */
  finish(status: ExitStatus | null): Promise<void>;
  /** Ends the channel at once. Idempotent. */
  close(): void;
}

export interface TargetLegListener {
  onOutput(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void;
  /** Room again after a write returned false. */
  onDrain(): void;
  /** The program ended (null: connection lost or no status sent) and all of its output was delivered. Once; last call. */
  onEnd(status: ExitStatus | null): void;
}

/** The target's end of a channel. Takes bytes only with a `Clearance`. */
export interface TargetLeg {
  /** Sets who hears of things, once; buffered output is delivered after it. */
  attach(listener: TargetLegListener): void;
  /** False means: wait for `onDrain` before the next write (it was taken all the same). */
  write(clearance: Clearance): boolean;
  endInput(): void;
  resize(size: TerminalSize): void;
  /** Signal name without `SIG`. */
  signal(name: string): void;
  pauseOutput(): void;
  resumeOutput(): void;
  /** Ends the program or channel at once. Idempotent; `onEnd` still comes. */
  close(): void;
}

/**
 * What a target leg is opened for. A command goes to the target with the opening itself, so it is carried by a
 * `Clearance`; its bytes are the command exactly as the user sent it.
 */
export type TargetOpening =
  | { readonly kind: 'shell'; readonly terminal: TerminalRequest | null; readonly environment: Environment }
  | {
      readonly kind: 'exec';
      readonly command: Clearance;
      readonly terminal: TerminalRequest | null;
      readonly environment: Environment;
    }
  | { readonly kind: 'sftp'; readonly environment: Environment };

/** Opens target legs for one kind of target. */
export interface TargetDialer {
  /**
   * Opens one channel. `route` is the same object for all channels of one user connection, so that an
   * implementation can share one connection to the target among them.
   * @throws HeldlineError `target.unreachable` (kind unreachable), `target.host-key-mismatch`, `target.refused`
   */
  dial(access: Access, opening: TargetOpening, route: Route, signal: AbortSignal): Promise<TargetLeg>;
}

/** One user connection as the dialer sees it; ends everything it carried. */
export interface Route {
  readonly id: string;
  /** Aborted when the user's connection is gone. */
  readonly ended: AbortSignal;
}
