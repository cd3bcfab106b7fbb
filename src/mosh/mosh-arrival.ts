/**
 * One client from the answer over SSH to the end of its attachment: waits for it to speak, then gives it a
 * session, a new one or the one that it had lost.
 */
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { AuditDraft, AuditSink } from '../model/audit-event.ts';
import type { Principal } from '../model/principal.ts';
import type { TerminalSize } from '../model/session.ts';
import type { ChannelRequest, Environment, Route, TerminalRequest } from '../session/ports.ts';
import type { Attachment, AttachmentEnd, PeerAddress } from './attachment.ts';
import type { MoshRoute } from './bootstrap/mosh-command.ts';
import { quoteWords } from './bootstrap/posix-words.ts';
import { type EntryQuestion, EntryStage } from './entry-stage.ts';
import type { LiveMoshSession, MoshSessions } from './mosh-sessions.ts';
import { MoshUserLeg } from './mosh-user-leg.ts';
import type { MoshVisit, PickerOpener, SessionOpener } from './ports.ts';
import type { MoshPort } from './server/mosh-server.ts';

export interface MoshArrivalParts {
  /** Names this attachment in the audit log; not a secret. */
  readonly id: string;
  readonly visit: MoshVisit;
  /** null: the person chooses in the picker. */
  readonly route: MoshRoute | null;
  /** What to run there; empty for a shell. */
  readonly command: readonly string[];
  readonly term: string;
  readonly live: MoshSessions;
  readonly sessions: SessionOpener;
  readonly picker: PickerOpener;
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
const LOCALE_VARIABLES = ['LANG', 'LC_ALL', 'LC_CTYPE'] as const;

export class MoshArrival {
  readonly #parts: MoshArrivalParts;
  #attachment: Attachment | undefined;
  #leg: MoshUserLeg | undefined;
  #place: MoshRoute | null;
  #settled = false;

  constructor(parts: MoshArrivalParts) {
    this.#parts = parts;
    this.#place = parts.route;
  }

  get principal(): Principal {
    return this.#parts.visit.principal;
  }

  /** Sends the client away; the session, if it is somebody else's to end, stays without one. */
  disconnect(): void {
    this.#attachment?.end();
  }

  /** Waits for the client at `port`. */
  open(port: MoshPort, key: Uint8Array): void {
    const entry = new EntryStage({
      onReady: (size) => this.#ready(size),
      onChange: () => this.#attachment?.changed(),
    });
    this.#attachment = port.open(key, entry, {
      onMoved: (from, to) => this.#moved(from, to),
      onHeard: () => this.#heard(),
      onEnd: (how) => this.#ended(how),
    });
  }

  #ready(size: TerminalSize): EntryQuestion | null {
    const { live, visit, route } = this.#parts;
    const lost = live.detachedOf(visit.principal.user, route);
    if (lost !== undefined) return this.#offer(lost);
    this.#begin(size);
    return null;
  }

  #offer(lost: LiveMoshSession): EntryQuestion {
    const minutes = Math.round((this.#parts.clock.now() - lost.startedAt) / 60_000);
    const place = lost.place();
    return {
      lines: [
        `heldline: your session on ${place === null ? 'no target' : routeText(place)} of ${minutes} min ago is still running.`,
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
    this.#leg = leg;
    this.#place = place();
    leg.drive(this.#attachment);
    leg.resize(size);
    this.#tell('mosh.started', { resumed: true, address: addressText(this.#attachment.address) });
  }

  #begin(size: TerminalSize): void {
    const { live, visit, clock, detached, clipboard, logger } = this.#parts;
    if (this.#attachment === undefined) return;
    const ended = new AbortController();
    const leg: MoshUserLeg = new MoshUserLeg({
      size,
      clock,
      detached,
      clipboard,
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
    this.#leg = leg;
    leg.drive(this.#attachment);
    this.#tell('mosh.started', { resumed: false, address: addressText(this.#attachment.address) });
    this.#openBehind(leg, size, { id: this.#parts.id, ended: ended.signal }).catch((failure: unknown) => {
      logger.error('a Mosh session failed', { failure: describeFailure(failure) });
      leg.close();
    });
  }

  async #openBehind(leg: MoshUserLeg, size: TerminalSize, route: Route): Promise<void> {
    const { sessions, picker, visit } = this.#parts;
    const { principal, client } = visit;
    const shared = { principal, client, leg, route, request: this.#request(size) };
    if (this.#parts.route !== null) return sessions.open({ ...shared, ...this.#parts.route, door: 'mosh' });
    const onConnect = (target: string, login: string): void => {
      this.#place = { target, login };
    };
    return picker.open({ ...shared, onConnect });
  }

  /** A picker that nobody looks at is of no use: the next one is as good. */
  #detached(leg: MoshUserLeg): void {
    this.#tell('mosh.detached', {});
    if (this.#place === null) leg.close();
  }

  #request(size: TerminalSize): ChannelRequest {
    const { term, command, visit } = this.#parts;
    const terminal: TerminalRequest = { term, size, width: 0, height: 0, modes: {} };
    const environment = withUtf8(visit.request.environment);
    if (command.length === 0) return { kind: 'shell', terminal, environment };
    return { kind: 'exec', command: Buffer.from(quoteWords(command)), terminal, environment };
  }

  #moved(from: PeerAddress | null, to: PeerAddress): void {
    if (from !== null) this.#tell('mosh.roamed', { from: addressText(from), to: addressText(to) });
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

function auditTarget({ target, login }: MoshRoute): NonNullable<AuditDraft['target']> {
  return { name: target, ...(login === null ? {} : { login }) };
}

function routeText({ target, login }: MoshRoute): string {
  return login === null ? target : `${login}@${target}`;
}

function addressText(address: PeerAddress | undefined): string | null {
  return address === undefined ? null : `${address.address} port ${address.port}`;
}

function withUtf8(environment: Environment): Environment {
  return LOCALE_VARIABLES.some((name) => environment[name] !== undefined)
    ? environment
    : { ...environment, LANG: UTF8_LOCALE };
}
