/** One set of host keys as a server of the package, which takes streams that we accepted ourselves. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connection, Server } from 'ssh2';
import { describeFailure, HeldlineError } from '../../base/heldline-error.ts';
import { USER_ALGORITHMS } from '../adapter/algorithms.ts';
import { internalsOf } from '../adapter/connection-internals.ts';
import { ssh2Library } from '../adapter/ssh2-library.ts';
import type { FrontDoorLimits } from './front-door-limits.ts';

/** Told when a client has said which software it is. @param client foreign text, e.g. `OpenSSH_9.2p1 Debian-2` */
export type OnIdentified = (connection: Connection, client: string) => void;

/** What we call ourselves; no version, which would only help attackers. */
const IDENTIFICATION = 'Heldline';
const LONGEST_CLIENT = 128;

export class ServerHost {
  readonly #server: Server;
  readonly #pending = new Map<Duplex, OnIdentified>();

  /** @param hostKeys private keys as text  @param banner shown before sign-in  @throws HeldlineError `ssh.host-key` if one cannot be used */
  constructor(hostKeys: readonly string[], keepalive: FrontDoorLimits['keepalive'], banner: string | null = null) {
    const { Server } = ssh2Library();
    try {
      this.#server = new Server({
        hostKeys: [...hostKeys],
        algorithms: USER_ALGORITHMS,
        ident: IDENTIFICATION,
        ...(banner === null ? {} : { banner }),
        keepaliveInterval: keepalive.interval,
        keepaliveCountMax: keepalive.count,
      });
    } catch (failure) {
      const options = { cause: failure, kind: 'check-failed' } as const;
      throw new HeldlineError('ssh.host-key', `a host key cannot be used: ${describeFailure(failure)}`, options);
    }
    this.#server.on('connection', (connection, info) => {
      const { software } = info.header.versions;
      const client = info.header.comments === undefined ? software : `${software} ${info.header.comments}`;
      const { socket } = internalsOf(connection);
      this.#pending.get(socket)?.(connection, client.slice(0, LONGEST_CLIENT));
      this.#pending.delete(socket);
    });
  }

  /** Speaks SSH on `stream` from now on. */
  accept(stream: Duplex, onIdentified: OnIdentified): void {
    this.#pending.set(stream, onIdentified);
    stream.once('close', () => this.#pending.delete(stream));
    // The package needs a duplex stream; its type asks for a socket.
    this.#server.injectSocket(stream as Socket);
  }
}
