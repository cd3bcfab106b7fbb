/**
 * One SSH connection of a user, outer or inner: sign-in, its channels, its end. Everything that hangs on it ends
 * with it.
 */
import type { Connection } from 'ssh2';
import type { Clock } from '../../base/clock.ts';
import { randomHex } from '../../base/ids.ts';
import type { Logger } from '../../base/logger.ts';
import type { Principal } from '../../model/principal.ts';
import { GuardedConnection } from '../adapter/guarded-connection.ts';
import type { RoundTripMeter } from '../adapter/user-guard.ts';
import { guardUserConnection } from '../adapter/user-guard.ts';
import type { ConnectionAddresses, ConsoleDoor, DeniedChannel, SessionDoor, WebDoor } from '../ports.ts';
import type { ChannelContext, ChannelLedger, OpenChannel } from './channels/channel-context.ts';
import { refuseForwarding } from './channels/forwarding.ts';
import type { JumpDoor } from './channels/jump.ts';
import { serveJump } from './channels/jump.ts';
import { serveSession } from './channels/session.ts';
import type { FrontDoorLimits } from './front-door-limits.ts';
import type { Seat, SignInMethod } from './seat.ts';

/** What all connections share. */
export interface ConnectionServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: FrontDoorLimits;
  readonly sessions: SessionDoor;
  readonly console: ConsoleDoor;
  /** null when there is none. */
  readonly web: WebDoor | null;
  readonly onChannelDenied: (denied: DeniedChannel) => void;
}

export interface UserConnectionOptions {
  readonly connection: Connection;
  readonly client: string;
  readonly addresses: ConnectionAddresses;
  readonly signIn: SignInMethod;
  readonly services: ConnectionServices;
  /** null on an inner connection. */
  readonly jump: JumpDoor | null;
  readonly onHandshake: () => void;
  readonly onSignedIn: () => void;
}

/** ms in which a client shows what it was told last; OpenSSH drops what it has not shown when it is disconnected. */
const LAST_WORDS = 200;
/** ms after the goodbye until the connection is cut. */
const GOODBYE = 300;
/** ms in which a client whose last channel has ended leaves by itself; told to leave, OpenSSH forgets the exit code. */
const DEPARTURE = 500;

export class UserConnection implements ChannelLedger {
  readonly #options: UserConnectionOptions;
  readonly #guarded: GuardedConnection;
  readonly #meter: RoundTripMeter;
  readonly #ended = new AbortController();
  readonly #channels = new Set<OpenChannel>();
  #draining = false;
  #denied = 0;

  constructor(options: UserConnectionOptions) {
    this.#options = options;
    const { connection, signIn, services } = options;
    const { clock, limits, logger } = services;
    const onViolation = (why: string) =>
      logger.warn('an SSH client was thrown out', { why, address: options.addresses.remoteAddress });
    this.#guarded = new GuardedConnection({ connection, clock, rekey: limits.rekey, onViolation });
    this.#meter = guardUserConnection({
      guarded: this.#guarded,
      limits,
      clock,
      isAuthenticated: () => signIn.seat !== null,
      onUnknownChannel: (type) => this.#reportDenied('channel', type, 'no such channel is served'),
    });
    connection.on('error', (failure: Error) => logger.debug('an SSH connection failed', { failure: failure.message }));
    connection.on('handshake', () => options.onHandshake());
    connection.on('authentication', (context) => signIn.handle(context));
    connection.on('ready', () => this.#ready());
    connection.on('close', () => this.#closed());
  }

  get principal(): Principal | null {
    return this.#options.signIn.seat?.principal ?? null;
  }

  get openChannels(): number {
    return this.#channels.size;
  }

  opened(channel: OpenChannel): void {
    this.#channels.add(channel);
  }

  ended(channel: OpenChannel): void {
    this.#channels.delete(channel);
    if (this.#draining) this.#endWhenUnused(DEPARTURE);
  }

  /** Lets what runs come to its end, then ends the connection. */
  drain(): void {
    this.#draining = true;
    this.#endWhenUnused(0);
  }

  /** A sentence to whoever is at the user's end of any channel. */
  tell(sentence: string): void {
    for (const channel of this.#channels) channel.tell(sentence);
  }

  /** Takes nothing more from the user, says why on every channel, then cuts the connection. */
  disconnect(why: string): void {
    const { clock } = this.#options.services;
    this.#guarded.stopReading();
    const words = this.#channels.size === 0 ? 0 : LAST_WORDS;
    this.tell(`heldline: ${why}`);
    clock.after(words, () => this.#guarded.end());
    clock.after(words + GOODBYE, () => this.#guarded.destroy());
  }

  /** Cuts the connection at once. */
  destroy(): void {
    this.#guarded.destroy();
  }

  #endWhenUnused(delay: number): void {
    if (this.#channels.size > 0) return;
    this.#options.services.clock.after(delay, () => {
      if (this.#channels.size === 0) this.#guarded.end();
    });
  }

  #ready(): void {
    const { connection, signIn, jump } = this.#options;
    if (signIn.seat === null) {
      this.#guarded.destroy();
      return;
    }
    const context = this.#contextFor(signIn.seat);
    this.#guarded.startRekeying();
    connection.on('session', (accept) => {
      const session = accept();
      if (session !== undefined) serveSession(context, session);
    });
    connection.on('tcpip', (accept, reject, info) => serveJump(context, jump, info, { accept, reject }));
    refuseForwarding(context, connection);
    this.#meter.refresh();
    this.#options.onSignedIn();
  }

  #contextFor(seat: Seat): ChannelContext {
    const { client, addresses, services } = this.#options;
    return {
      seat,
      client,
      addresses,
      route: { id: randomHex(8), ended: this.#ended.signal },
      guarded: this.#guarded,
      meter: this.#meter,
      sessions: services.sessions,
      console: services.console,
      web: services.web,
      logger: services.logger,
      denied: (what, detail, why) => this.#reportDenied(what, detail, why),
      channels: this,
    };
  }

  #reportDenied(what: string, detail: string, why: string): void {
    const { signIn, services } = this.#options;
    this.#denied += 1;
    if (signIn.seat === null || this.#denied > services.limits.deniedReports) return;
    const { door, principal } = signIn.seat;
    const target = signIn.seat.door === 'console' ? null : signIn.seat.target;
    services.onChannelDenied({ principal, door, target, what, detail, why });
  }

  #closed(): void {
    this.#options.signIn.ended();
    this.#ended.abort();
    this.#channels.clear();
  }
}
