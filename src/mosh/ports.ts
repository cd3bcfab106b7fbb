/** What Mosh needs from the rest: whose SSH connection it starts from, where sessions open, where facts go. */
import type { Principal } from '../model/principal.ts';
import type { Roaming } from '../model/roaming.ts';
import type { Labels } from '../model/target.ts';
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

/** The console in somebody's window. */
export interface ConsoleWindow {
  readonly principal: Principal;
  /** With a terminal: a shell is the picker of targets, a command is a verb with its words. */
  readonly request: ChannelRequest;
  readonly leg: UserLeg;
  readonly route: Route;
  readonly client: string;
  /** Asked before a session opens where the picker leads: why not, in words for the person; null when it may. */
  readonly onConnect: (target: string, login: string) => Promise<string | null>;
}

/** What stands behind `mosh USER@bastion` without a target. Takes care of `visit.leg` in every case. */
export interface ConsoleOpener {
  open(visit: ConsoleWindow): Promise<void>;
}

/** Where a session is, or is wished to be. */
export interface MoshPlace {
  readonly target: string;
  /** As asked for; null is the default login. */
  readonly login: string | null;
  /** Of the target, as of the sign-in. */
  readonly labels: Labels;
}

export type CodeAnswer = { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly why: string };

/** What can be said about a wish before its session is opened; the broker decides anew when it opens. */
export interface MoshAdmission {
  /** The place, or why this person may not go there, in words for them. */
  admit(principal: Principal, target: string, login: string | null): Promise<MoshPlace | string>;
  /** What an address of this person's client means, by the policy of this moment. @param place null: none yet */
  roaming(principal: Principal, place: MoshPlace | null): Roaming;
  /** Uses a one-time code up. */
  verifyCode(user: string, code: string): Promise<CodeAnswer>;
}
