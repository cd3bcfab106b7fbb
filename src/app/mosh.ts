/** Builds the Mosh door when the configuration wants one, and keeps SSH working when it cannot open. */
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { MoshReport } from '../model/mosh-report.ts';
import type { Principal } from '../model/principal.ts';
import { MoshDoor, type MoshDoorParts } from '../mosh/mosh-door.ts';
import type { MoshVisit } from '../mosh/ports.ts';
import { MoshServer } from '../mosh/server/mosh-server.ts';
import { refusalWords } from '../session/refusal-words.ts';
import type { AccessControl } from '../target/access-control.ts';

/** Keys that one person may have waiting for a client. */
const WAITING_PER_USER = 8;

export interface MoshParts extends Pick<MoshDoorParts, 'sessions' | 'picker' | 'audit' | 'clock'> {
  readonly config: Config;
  readonly logger: Logger;
  readonly accessControl: AccessControl;
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
    const { config, clock, logger, accessControl, bastion, sessions, picker, audit } = parts;
    this.#logger = logger;
    this.#server = new MoshServer({ listen: config.mosh.listen, port: config.mosh.port, clock, logger });
    this.#door = new MoshDoor({
      server: this.#server,
      sessions,
      picker,
      audit,
      clock,
      logger,
      admission: {
        refusal: async (principal, target, login) => {
          const outcome = await accessControl.decide(principal, target, login);
          return outcome.kind === 'granted' ? null : refusalWords(outcome, { target, login }, bastion);
        },
      },
      detached: config.mosh.detached,
      clipboard: false,
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
