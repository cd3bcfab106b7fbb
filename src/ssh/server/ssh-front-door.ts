/**
 * The bastion's SSH listener: takes TCP connections, bounds those that have not signed in, and ends the
 * connections of somebody who may no longer be here. Judges nobody itself; see `user-sign-in`.
 */

import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { createServer } from 'node:net';
import { HeldlineError } from '../../base/heldline-error.ts';
import type { Principal } from '../../model/principal.ts';
import type { ConnectionAddresses, HostKeys, IdentityDoor } from '../ports.ts';
import type { LeaveQueue } from './admission.ts';
import { Admission } from './admission.ts';
import { JumpHost } from './jump-host.ts';
import { ServerHost } from './server-host.ts';
import type { ConnectionServices } from './user-connection.ts';
import { UserConnection } from './user-connection.ts';
import { UserSignIn } from './user-sign-in.ts';

export interface SshFrontDoorOptions extends ConnectionServices {
  readonly identity: IdentityDoor;
  readonly hostKeys: HostKeys;
  /** Shown before sign-in; null for none. */
  readonly banner: string | null;
  /** What prompts call this bastion. */
  readonly hostName: string;
  /** Suffix of target names in the jump door, e.g. `.gate`. */
  readonly jumpSuffix: string;
  /** in [0, 1); for the early drop of connections under a flood */
  readonly random: () => number;
}

export interface ListenAddress {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
}

export interface FrontDoorStats {
  /** Connections that have signed in. */
  readonly connections: number;
  readonly channels: number;
  /** Connections that have not signed in. */
  readonly waiting: number;
  /** Turned away since the start. */
  readonly turnedAway: number;
}

export class SshFrontDoor {
  readonly #options: SshFrontDoorOptions;
  readonly #host: ServerHost;
  readonly #jump: JumpHost;
  readonly #admission: Admission;
  readonly #listeners: NetServer[] = [];
  readonly #waiting = new Set<Socket>();
  readonly #seated = new Set<UserConnection>();
  #turnedAway = 0;

  /** @throws HeldlineError `ssh.library` or `ssh.host-key` */
  constructor(options: SshFrontDoorOptions) {
    this.#options = options;
    this.#host = new ServerHost(options.hostKeys.own, options.limits.keepalive, options.banner);
    this.#jump = new JumpHost(options, options.hostKeys, options.jumpSuffix);
    this.#admission = new Admission(options.limits, options.random);
  }

  get stats(): FrontDoorStats {
    const channels = [...this.#seated].reduce((sum, connection) => sum + connection.openChannels, 0);
    return { connections: this.#seated.size, channels, waiting: this.#admission.waiting, turnedAway: this.#turnedAway };
  }

  /** Listens; may be called for several addresses. Returns the port. @throws HeldlineError `ssh.listen` */
  start(address: ListenAddress): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => this.#admit(socket));
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => {
        const where = `${address.host}:${address.port}`;
        reject(new HeldlineError('ssh.listen', `cannot listen on ${where}: ${cause.message}`, { cause }));
      });
      server.listen(address.port, address.host, () => {
        server.on('error', (failure) =>
          this.#options.logger.error('the SSH listener failed', { failure: failure.message }),
        );
        this.#listeners.push(server);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /**
   * Takes no more connections, lets what runs come to its end for `grace` ms, then cuts the rest.
   * Resolves when nobody is left.
   */
  async stop(grace: number): Promise<void> {
    const closed = this.#listeners.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const socket of this.#waiting) socket.destroy();
    for (const connection of this.#seated) connection.drain();
    const cancel = this.#options.clock.after(grace, () => {
      for (const connection of this.#seated) connection.disconnect('the bastion is stopping.');
    });
    await Promise.all(closed);
    cancel();
  }

  /** Ends the connections of `user` now: disabled, a key removed, locked down. Returns how many. */
  disconnectUser(user: string, why: string): number {
    return this.disconnectWhere((principal) => principal.user === user, why);
  }

  /** Ends the connections of everybody whom `predicate` picks. Returns how many. */
  disconnectWhere(predicate: (principal: Principal) => boolean, why: string): number {
    const picked = [...this.#seated].filter(({ principal }) => principal !== null && predicate(principal));
    for (const connection of picked) connection.disconnect(why);
    return picked.length;
  }

  #admit(socket: Socket): void {
    const addresses = addressesOf(socket);
    const leave = this.#admission.enter(addresses.remoteAddress);
    if (leave === null) {
      this.#turnedAway += 1;
      socket.destroy();
      return;
    }
    socket.on('error', (failure) => this.#options.logger.debug('a user socket failed', { failure: failure.message }));
    this.#waiting.add(socket);
    const cancelGrace = this.#startGrace(socket);
    socket.once('close', () => {
      cancelGrace.all();
      leave();
      this.#waiting.delete(socket);
    });
    this.#host.accept(socket, (connection, client) => {
      const { identity, hostName, logger, limits } = this.#options;
      const address = addresses.remoteAddress;
      const user = new UserConnection({
        connection,
        client,
        addresses,
        signIn: new UserSignIn({ identity, logger, address, client, hostName, wrongCodes: limits.wrongCodes }),
        services: this.#options,
        jump: this.#jump,
        onHandshake: cancelGrace.handshake,
        onSignedIn: () => {
          cancelGrace.all();
          this.#seat(socket, user, leave);
        },
      });
    });
  }

  #seat(socket: Socket, connection: UserConnection, leave: LeaveQueue): void {
    leave();
    this.#waiting.delete(socket);
    this.#seated.add(connection);
    socket.once('close', () => this.#seated.delete(connection));
  }

  /** Slow openers are cut: first for the key exchange, then for the sign-in. */
  #startGrace(socket: Socket): { handshake: () => void; all: () => void } {
    const { clock, limits } = this.#options;
    const handshake = clock.after(limits.handshakeGrace, () => socket.destroy(), { unref: true });
    const signIn = clock.after(limits.signInGrace, () => socket.destroy(), { unref: true });
    const all = () => {
      handshake();
      signIn();
    };
    return { handshake, all };
  }
}

function addressesOf(socket: Socket): ConnectionAddresses {
  return {
    remoteAddress: plainAddress(socket.remoteAddress),
    remotePort: socket.remotePort ?? 0,
    localAddress: plainAddress(socket.localAddress),
    localPort: socket.localPort ?? 0,
  };
}

/** IPv4 addresses arrive as `::ffff:1.2.3.4` on a socket for both families. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}
