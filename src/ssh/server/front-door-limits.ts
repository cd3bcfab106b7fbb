/** Everything about the front door that is a number; tests shrink them. */

import type { RekeyLimits } from '../adapter/guarded-connection.ts';
import { DEFAULT_REKEY } from '../adapter/guarded-connection.ts';

export interface FrontDoorLimits {
  /** Connections that have not signed in, per address. */
  readonly unauthenticatedPerAddress: number;
  /** From `start` such connections on, new ones are dropped at random, at `full` all of them (OpenSSH's MaxStartups). */
  readonly unauthenticated: { readonly start: number; readonly full: number };
  /** ms until the key exchange must be done. */
  readonly handshakeGrace: number;
  /** ms until somebody must have signed in; long enough to look for a phone. */
  readonly signInGrace: number;
  /** Sign-in requests on one connection. */
  readonly authRequests: number;
  /** Wrong one-time codes on one connection. */
  readonly wrongCodes: number;
  /** Channels open at once on one connection. */
  readonly channels: number;
  /** Refused channels reported per connection; the rest is refused silently, so that nobody can fill the log. */
  readonly deniedReports: number;
  readonly rekey: RekeyLimits;
  /** ms between two keepalives of ours on a quiet connection, and how many may stay unanswered. */
  readonly keepalive: { readonly interval: number; readonly count: number };
}

export const DEFAULT_FRONT_DOOR_LIMITS: FrontDoorLimits = {
  unauthenticatedPerAddress: 32,
  unauthenticated: { start: 64, full: 256 },
  handshakeGrace: 15_000,
  signInGrace: 120_000,
  authRequests: 20,
  wrongCodes: 3,
  channels: 64,
  deniedReports: 20,
  rekey: DEFAULT_REKEY,
  keepalive: { interval: 15_000, count: 3 },
};
