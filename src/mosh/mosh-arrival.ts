/**
 * One client from the answer over SSH to the end of its attachment: waits for it to speak, then gives it a
 * session, a new one or the one that it had lost.
 */
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import { visibleShort } from '../base/visible.ts';
import type { AuditDraft, AuditSink } from '../model/audit-event.ts';
import type { Principal } from '../model/principal.ts';
import type { TerminalSize } from '../model/session.ts';
import type { ChannelRequest, Environment, Route, TerminalRequest } from '../session/ports.ts';
import { AddressGuard, addressText } from './address-guard.ts';
import type { Attachment, AttachmentEnd, PeerAddress } from './attachment.ts';
import { quoteWords } from './bootstrap/posix-words.ts';
import { type EntryQuestion, EntryStage } from './entry-stage.ts';
import type { LiveMoshSession, MoshSessions } from './mosh-sessions.ts';
import { MoshUserLeg } from './mosh-user-leg.ts';
import type { ConsoleOpener, MoshAdmission, MoshPlace, MoshVisit, SessionOpener } from './ports.ts';
import type { MoshPort } from './server/mosh-server.ts';

export interface MoshArrivalParts {
  /** Names this attachment in the audit log; not a secret. */
  readonly id: string;
  readonly visit: MoshVisit;
  /** null: the console, where the person chooses in the picker. */
  readonly place: MoshPlace | null;
  /** What to run there; empty for a shell, or for the picker. */
  readonly command: readonly string[];
  readonly term: string;
  readonly live: MoshSessions;
  readonly sessions: SessionOpener;
  readonly console: ConsoleOpener;
  readonly admission: MoshAdmission;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly detached: number;
  readonly clipboard: boolean;
  /** Once: where the client has spoken from; null when it will not speak any more. */
  readonly onSettled: (from: PeerAddress | null) => void;
  /** Once: the client has gone, or never came. */
  readonly onGone: () => void;
}

/** Mosh is UTF-8 only; a machine whose default is another needs to be told. */
const UTF8_LOCALE = 'C.UTF-8';
const ADDRESS_LENGTH = 60;
const LOCALE_VARIABLES = ['LANG', 'LC_ALL', 'LC_CTYPE'] as const;

export class MoshArrival {
  readonly #parts: MoshArrivalParts;
  #attachment: Attachment | undefined;
  #leg: MoshUserLeg | undefined;
  readonly #guard: AddressGuard;
  #entry: EntryStage | undefined;
  #place: MoshPlace | null;
  #settled = false;

  constructor(parts: MoshArrivalParts) {
    this.#parts = parts;
    this.#place = parts.place;
    this.#guard = this.#makeGuard();
  }

  get principal(): Principal {
    return this.#parts.visit.principal;
  }

  /** Sends the client away; the session, if it is somebody else's to end, stays without one. */
  disconnect(): void {
    this.#attachment?.end();
  }

  /** A command of the console, which ends by itself and is not gone on with by a later sign-in. */
  get #isVerb(): boolean {
    return this.#parts.place === null && this.#parts.command.length > 0;
  }

  /** Waits for the client at `port`. */
  open(port: MoshPort, key: Uint8Array): void {
    this.#entry = new EntryStage({
      onReady: (size) => this.#ready(size),
      onChange: () => this.#attachment?.changed(),
    });
    this.#attachment = port.open(key, this.#entry, {
      allows: (from) => this.#guard.allows(from),
      onMoved: (from, to) => this.#moved(from, to),
      onHeard: () => this.#heard(),
      onEnd: (how) => this.#ended(how),
    });
  }

  #ready(size: TerminalSize): EntryQuestion | null {
    const { live, visit, place } = this.#parts;
    const lost = this.#isVerb ? undefined : live.openTo(visit.principal.user, place);
    if (lost !== undefined && this.#isServedAt(lost.place())) return this.#offer(lost);
    this.#begin(size);
    return null;
  }

  /** Whether the policy of that place lets the client be where it is. */
  #isServedAt(place: MoshPlace | null): boolean {
    const { admission, visit } = this.#parts;
    const address = this.#attachment?.address?.address ?? visit.connection.remoteAddress;
    return admission.roaming(visit.principal, place).allows(address);
  }

  /** The session takes the place of what stood before it, whose screen is not kept. */
  #enter(leg: MoshUserLeg): void {
    this.#leg = leg;
    this.#entry = undefined;
  }

  #makeGuard(): AddressGuard {
    const { admission, clock, visit } = this.#parts;
    return new AddressGuard({
      clock,
      roaming: () => admission.roaming(visit.principal, this.#place),
      verify: (code) => admission.verifyCode(visit.principal.user, code),
      session: () => this.#leg,
      entry: () => this.#entry,
      tell: (type, detail) => this.#tell(type, detail),
    });
  }

  #offer(lost: LiveMoshSession): EntryQuestion {
    const minutes = Math.round((this.#parts.clock.now() - lost.startedAt) / 60_000);
    const place = lost.place();
    return {
      lines: [
        `heldline: your session on ${place === null ? 'no target' : placeText(place)} of ${minutes} min ago is still running.`,
        '',
        '  Enter  go on with it',
        '  n      open a new one',
      ],
      onKey: (key, size) => {
        if (key === '\r' && lost.leg.open) this.#resume(lost, size);
        else if (key === 'n' || key === '\r') this.#begin(size);
        else return false;
        return true;
      },
    };
  }

  #resume({ leg, place }: LiveMoshSession, size: TerminalSize): void {
    if (this.#attachment === undefined) return;
    this.#enter(leg);
    this.#place = place();
    leg.drive(this.#attachment);
    leg.believe(this.#attachment, this.#guard.presence);
    leg.resize(size);
    this.#tell('mosh.started', { resumed: true, address: whereIs(this.#attachment) });
  }

  #begin(size: TerminalSize): void {
    const { live, visit, clock, detached, clipboard, logger } = this.#parts;
    if (this.#attachment === undefined) return;
    // Nobody comes back to one of those that were left behind: this one is as good.
    if (this.#isVerb) live.closeLeftBehind(visit.principal.user);
    const ended = new AbortController();
    const leg: MoshUserLeg = new MoshUserLeg({
      size,
      clock,
      detached,
      clipboard,
      keepsScreen: this.#isVerb,
      onPresence: (presence) => {
        if (presence === 'detached') this.#detached(leg);
      },
      onEnded: (why) => {
        remove();
        ended.abort();
        this.#tell('mosh.ended', { why });
      },
    });
    const { principal } = visit;
    const remove = live.add({ principal, place: () => this.#place, startedAt: clock.now(), leg });
    this.#enter(leg);
    leg.drive(this.#attachment);
    leg.believe(this.#attachment, this.#guard.presence);
    this.#tell('mosh.started', { resumed: false, address: whereIs(this.#attachment) });
    this.#openBehind(leg, size, { id: this.#parts.id, ended: ended.signal }).catch((failure: unknown) => {
      logger.error('a Mosh session failed', { failure: describeFailure(failure) });
      leg.close();
    });
  }

  async #openBehind(leg: MoshUserLeg, size: TerminalSize, route: Route): Promise<void> {
    const { sessions, console, visit } = this.#parts;
    const { principal, client } = visit;
    const shared = { principal, client, leg, route, request: this.#request(size) };
    const { place } = this.#parts;
    if (place === null) return console.open({ ...shared, onConnect: (target, login) => this.#choose(target, login) });
    return sessions.open({ ...shared, target: place.target, login: place.login, door: 'mosh' });
  }

  /** @returns why not */
  async #choose(target: string, login: string): Promise<string | null> {
    const { admission, visit } = this.#parts;
    const place = await admission.admit(visit.principal, target, login);
    if (typeof place === 'string') return place;
    if (!this.#isServedAt(place)) return notServedWords(this.#attachment?.address?.address ?? 'unknown');
    this.#place = place;
    return null;
  }

  /** A picker that nobody looks at is of no use: the next one is as good. The inbox of a phone that sleeps is. */
  #detached(leg: MoshUserLeg): void {
    this.#tell('mosh.detached', {});
    if (this.#place === null && !this.#isVerb) leg.close();
  }

  #request(size: TerminalSize): ChannelRequest {
    const { term, command, visit } = this.#parts;
    const terminal: TerminalRequest = { term, size, width: 0, height: 0, modes: {} };
    const environment = withUtf8(visit.request.environment);
    if (command.length === 0) return { kind: 'shell', terminal, environment };
    return { kind: 'exec', command: Buffer.from(quoteWords(command)), terminal, environment };
  }

  #moved(from: PeerAddress | null, to: PeerAddress): void {
    if (from !== null && this.#attachment !== undefined) this.#guard.moved(this.#attachment, from, to);
    this.#settle(to);
  }

  #heard(): void {
    if (this.#attachment !== undefined) this.#leg?.heard(this.#attachment);
  }

  #ended(how: AttachmentEnd): void {
    this.#settle(null);
    this.#parts.onGone();
    if (this.#attachment !== undefined) this.#leg?.gone(this.#attachment, how);
  }

  #settle(from: PeerAddress | null): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#parts.onSettled(from);
  }

  #tell(type: string, detail: Readonly<Record<string, unknown>>): void {
    const { principal, client } = this.#parts.visit;
    const place = this.#place;
    const draft: AuditDraft = {
      type,
      outcome: 'success',
      actor: { user: principal.user, address: principal.address, roles: principal.roles, client },
      ...(place === null ? {} : { target: auditTarget(place) }),
      detail: { attachment: this.#parts.id, ...detail },
    };
    this.#parts.audit.append(draft).catch((failure: unknown) => {
      this.#parts.logger.error('an event of Mosh was not written', { type, failure: describeFailure(failure) });
    });
  }
}

/** For whoever may not use Mosh from where they are. */
export function notServedWords(address: string): string {
  return `the policy allows no Mosh to there from your network (${visibleShort(address, ADDRESS_LENGTH)})`;
}

function auditTarget({ target, login }: MoshPlace): NonNullable<AuditDraft['target']> {
  return { name: target, ...(login === null ? {} : { login }) };
}

function placeText({ target, login }: MoshPlace): string {
  return login === null ? target : `${login}@${target}`;
}

function whereIs({ address }: Attachment): string | null {
  return address === undefined ? null : addressText(address);
}

function withUtf8(environment: Environment): Environment {
  return LOCALE_VARIABLES.some((name) => environment[name] !== undefined)
    ? environment
    : { ...environment, LANG: UTF8_LOCALE };
}
