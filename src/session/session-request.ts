/**
 * What a door hands to the broker: somebody signed in and asked for one channel to one target. Nothing is
 * decided yet; the names are as the user wrote them and may not exist.
 */
import type { Principal } from '../model/principal.ts';
import type { Door } from '../model/session.ts';
import type { ChannelRequest, Route, UserLeg } from './ports.ts';

export interface SessionRequest {
  readonly principal: Principal;
  /** As written by the user, in lower case, without the suffix of the jump door; spelled like a name, not known to exist. */
  readonly target: string;
  /** null: the target's default login. */
  readonly login: string | null;
  readonly door: Door;
  readonly request: ChannelRequest;
  /** Already accepted towards the client; the broker attaches, and ends it whatever happens. */
  readonly leg: UserLeg;
  /** The same object for all channels of one user connection to one target and login. */
  readonly route: Route;
  /** What the client calls itself, foreign text, e.g. `OpenSSH_9.2p1 Debian-2`. */
  readonly client: string;
}
