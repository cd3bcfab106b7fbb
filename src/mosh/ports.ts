/** What Mosh needs from the rest: whose SSH connection it starts from, where sessions open, where facts go. */
import type { Principal } from '../model/principal.ts';
import type { ChannelRequest, Route, UserLeg } from '../session/ports.ts';
import type { SessionRequest } from '../session/session-request.ts';
import type { ConnectionAddresses } from './bootstrap/answer.ts';

/** An exec channel of a console connection. */
export interface MoshVisit {
  readonly principal: Principal;
  readonly request: ChannelRequest;
  /** The SSH channel; it is answered and ended at once. */
  readonly leg: UserLeg;
  /** What the SSH client calls itself; foreign text. */
  readonly client: string;
  readonly connection: ConnectionAddresses;
}

/** Where sessions open; the broker. Takes care of `request.leg` in every case. */
export interface SessionOpener {
  open(request: SessionRequest): Promise<void>;
}

/** The picker of targets, in somebody's window. */
export interface PickerVisit {
  readonly principal: Principal;
  /** A shell with a terminal. */
  readonly request: ChannelRequest;
  readonly leg: UserLeg;
  readonly route: Route;
  readonly client: string;
  /** Told where it leads, before the session opens there. */
  readonly onConnect: (target: string, login: string) => void;
}

/** What stands behind `mosh USER@bastion` alone. Takes care of `visit.leg` in every case. */
export interface PickerOpener {
  open(visit: PickerVisit): Promise<void>;
}

/** What can be said about a wish before its session is opened; the broker decides anew when it opens. */
export interface MoshAdmission {
  /** Why this person may not go there, in words for them; null when they may. */
  refusal(principal: Principal, target: string, login: string | null): Promise<string | null>;
}
