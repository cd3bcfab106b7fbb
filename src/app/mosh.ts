/** Builds the Mosh door when the configuration wants one, and keeps SSH working when it cannot open. */
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { MoshReport } from '../model/mosh-report.ts';
import type { Principal } from '../model/principal.ts';
import { MoshDoor, type MoshDoorParts } from '../mosh/mosh-door.ts';
import type { MoshVisit } from '../mosh/ports.ts';
import { MoshServer } from '../mosh/server/mosh-server.ts';
import type { PolicyEngine } from '../policy/engine.ts';
import { refusalWords } from '../session/refusal-words.ts';
import type { AccessControl } from '../target/access-control.ts';

/** Keys that one person may have waiting for a client. */
const WAITING_PER_USER = 8;

export interface MoshParts extends Pick<MoshDoorParts, 'sessions' | 'console' | 'isVerb' | 'audit' | 'clock'> {
  readonly config: Config;
  readonly logger: Logger;
  readonly accessControl: AccessControl;
  readonly engine: PolicyEngine;
  readonly authenticator: Authenticator;
  /** What people type to reach the console. */
  readonly bastion: string;
}

/** The door and its sockets, opened and closed with the daemon. */
export class Mosh {
  readonly #server: MoshServer;
  readonly #door: MoshDoor;
  readonly #logger: Logger;
  #isOpen = false;
  #fault: string | null = null;

  constructor(parts: MoshParts) {
    const { config, clock, logger, accessControl, engine, authenticator, bastion } = parts;
    this.#logger = logger;
    this.#server = new MoshServer({ listen: config.mosh.listen, port: config.mosh.port, clock, logger });
    this.#door = new MoshDoor({
      server: this.#server,
      sessions: parts.sessions,
      console: parts.console,
      isVerb: parts.isVerb,
      audit: parts.audit,
      clock,
      logger,
      admission: {
        admit: async (principal, target, login) => {
          const outcome = await accessControl.decide(principal, target, login);
          if (outcome.kind !== 'granted') return refusalWords(outcome, { target, login }, bastion);
          return { target: outcome.access.target.name, login, labels: outcome.access.target.labels };
        },
        roaming: ({ user, roles }, place) =>
          engine.current.roamingFor({
            user: { name: user, roles },
            ...(place === null ? {} : { target: { name: place.target, labels: place.labels } }),
          }),
        verifyCode: async (user, code) => {
          const outcome = await authenticator.verifyLoginCode(user, code);
          return outcome.kind === 'accepted' ? outcome : { kind: 'refused', why: outcome.why };
        },
      },
      detached: config.mosh.detached,
      clipboard: config.mosh.clipboard,
      waitingPerUser: WAITING_PER_USER,
      openPerUser: config.limits.sessionsPerUser,
    });
  }

  /** Opens the ports. A port that cannot be had turns Mosh off and nothing else; the log says why. */
  async open(): Promise<void> {
    try {
      await this.#server.open();
      this.#isOpen = true;
    } catch (failure) {
      this.#fault = describeFailure(failure);
      this.#logger.error('Mosh is off', { failure: this.#fault });
    }
  }

  /** What is known of the ports and of the clients that came; looks at every port anew. */
  async report(): Promise<MoshReport> {
    const ports = this.#isOpen ? await this.#server.ports() : [];
    return { fault: this.#fault, ports, ...this.#door.reach };
  }

  /** Takes a console channel that asks for Mosh. False leaves it untouched. */
  tryOpen(visit: MoshVisit): boolean {
    return this.#isOpen && this.#door.tryOpen(visit);
  }

  /** Ends what these people opened over Mosh, detached sessions too, and sends their clients away. */
  disconnectWhere(concerns: (principal: Principal) => boolean, why: string): void {
    this.#door.disconnectWhere(concerns, why);
  }

  async close(): Promise<void> {
    this.#door.closeAll();
    await this.#server.close();
  }
}
