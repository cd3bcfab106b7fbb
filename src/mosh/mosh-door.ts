/**
 * The way from `mosh USER@bastion [-- [LOGIN@]TARGET | -- VERB ...]` to a session or to the console: reads the request of the SSH channel, answers
 * it with a port and a fresh key, and opens the session when the client has spoken. It decides nothing about
 * access; the broker does, when the session opens.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import { randomHex } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { visibleShort } from '../base/visible.ts';
import type { AuditSink } from '../model/audit-event.ts';
import { isName } from '../model/names.ts';
import type { Principal } from '../model/principal.ts';
import type { PeerAddress } from './attachment.ts';
import { moshAnswer } from './bootstrap/answer.ts';
import { type MoshCommand, parseMoshCommand, parseRoute } from './bootstrap/mosh-command.ts';
import { MoshArrival, notServedWords } from './mosh-arrival.ts';
import { MoshReach, type ReachCounts } from './mosh-reach.ts';
import { MoshSessions } from './mosh-sessions.ts';
import type { ConsoleOpener, MoshAdmission, MoshPlace, MoshVisit, SessionOpener } from './ports.ts';
import type { MoshPort, MoshServer } from './server/mosh-server.ts';
import { KEY_BYTES } from './wire/ocb.ts';

export interface MoshDoorParts {
  readonly server: MoshServer;
  readonly sessions: SessionOpener;
  readonly console: ConsoleOpener;
  /** Whether a word behind `--` begins a command of the console; no target is called that. */
  readonly isVerb: (word: string) => boolean;
  readonly admission: MoshAdmission;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** ms without a client until a session ends. */
  readonly detached: number;
  /** Whether targets may set the user's clipboard (OSC 52). */
  readonly clipboard: boolean;
  /** Keys that one person may have waiting for a client. */
  readonly waitingPerUser: number;
  /** Windows that one person may have open, detached ones included. */
  readonly openPerUser: number;
}

/** Exit code of the exec channel when there is no Mosh for it. */
const REFUSED = 126;
const NAME_LENGTH = 64;

/** What was asked for, understood. */
interface Destination {
  /** null: the console */
  readonly place: MoshPlace | null;
  /** What to run there; empty for a shell, or for the picker. */
  readonly command: readonly string[];
}

export class MoshDoor {
  readonly #parts: MoshDoorParts;
  readonly #live: MoshSessions;
  readonly #waiting = new Map<string, number>();
  readonly #reach = new MoshReach();
  readonly #arrivals = new Set<MoshArrival>();

  constructor(parts: MoshDoorParts) {
    this.#parts = parts;
    this.#live = new MoshSessions();
  }

  /** Whether clients get through by UDP, since the start. */
  get reach(): ReachCounts {
    return this.#reach.counts;
  }

  /** Takes the channel when it asks for Mosh. False leaves it untouched. */
  tryOpen(visit: MoshVisit): boolean {
    const command = visit.request.kind === 'exec' ? parseMoshCommand(visit.request.command) : undefined;
    if (command === undefined) return false;
    this.#open(visit, command).catch((failure: unknown) => {
      this.#parts.logger.error('Mosh could not be started', { failure: describeFailure(failure) });
      visit.leg.close();
    });
    return true;
  }

  /** Ends what these people opened and sends their clients away, also those that were only let in. @param why for them */
  disconnectWhere(concerns: (principal: Principal) => boolean, why: string): void {
    this.#live.closeWhere(concerns, why);
    for (const arrival of [...this.#arrivals]) if (concerns(arrival.principal)) arrival.disconnect();
  }

  /** Ends every session of Mosh. */
  closeAll(): void {
    this.#live.closeAll();
  }

  async #open(visit: MoshVisit, command: MoshCommand): Promise<void> {
    const destination = await this.#destinationOf(visit, command);
    if (typeof destination === 'string') return this.#refuse(visit, destination);
    const port = await this.#parts.server.portFor(visit.connection.localAddress);
    if (port === null) return this.#refuse(visit, `Mosh is not offered at ${visit.connection.localAddress}`);
    const { user } = visit.principal;
    if ((this.#waiting.get(user) ?? 0) >= this.#parts.waitingPerUser) {
      return this.#refuse(visit, 'too many Mosh connections of yours wait for their client; try again in a minute');
    }
    if (this.#live.countOf(user) >= this.#parts.openPerUser) {
      return this.#refuse(visit, 'you have too many Mosh sessions open; end one of them first');
    }
    await this.#answer(visit, command, destination, port);
  }

  /** Where to; words of refusal otherwise. */
  async #destinationOf(visit: MoshVisit, command: MoshCommand): Promise<Destination | string> {
    const [first, ...rest] = command.words;
    if (first === undefined || this.#parts.isVerb(first)) {
      return this.#served(visit, { place: null, command: command.words });
    }
    const route = parseRoute(first, isName);
    if (route === undefined) return `no such target: ${visibleShort(first, NAME_LENGTH)}`;
    const place = await this.#parts.admission.admit(visit.principal, route.target, route.login);
    return typeof place === 'string' ? place : this.#served(visit, { place, command: rest });
  }

  /** Who may not be served where they are learns it while there is a connection that can say so. */
  #served({ principal, connection }: MoshVisit, destination: Destination): Destination | string {
    const { allows } = this.#parts.admission.roaming(principal, destination.place);
    return allows(connection.remoteAddress) ? destination : notServedWords(connection.remoteAddress);
  }

  async #answer(visit: MoshVisit, command: MoshCommand, destination: Destination, port: MoshPort): Promise<void> {
    const key = randomBytes(KEY_BYTES);
    const { user } = visit.principal;
    this.#waiting.set(user, (this.#waiting.get(user) ?? 0) + 1);
    const arrival: MoshArrival = new MoshArrival({
      ...this.#parts,
      ...destination,
      id: randomHex(8),
      visit,
      term: command.term,
      live: this.#live,
      onSettled: (from) => {
        this.#noLongerWaiting(user);
        this.#noteReach(from, user, port);
      },
      onGone: () => this.#arrivals.delete(arrival),
    });
    this.#arrivals.add(arrival);
    arrival.open(port, key);
    visit.leg.write(moshAnswer(port.port, key, command.wantsConnection ? visit.connection : null));
    await visit.leg.finish({ kind: 'code', code: 0 });
  }

  #noLongerWaiting(user: string): void {
    const left = (this.#waiting.get(user) ?? 1) - 1;
    if (left > 0) this.#waiting.set(user, left);
    else this.#waiting.delete(user);
  }

  #noteReach(from: PeerAddress | null, user: string, port: MoshPort): void {
    const { clock, logger } = this.#parts;
    if (from !== null) return this.#reach.heard(from, port.address, clock.now());
    this.#reach.unheard();
    logger.warn('a Mosh client was let in and never heard: UDP may be blocked', { user, port: port.port });
  }

  async #refuse({ leg }: MoshVisit, words: string): Promise<void> {
    leg.writeError(Buffer.from(`heldline: ${words}\r\n`));
    await leg.finish({ kind: 'code', code: REFUSED });
  }
}
