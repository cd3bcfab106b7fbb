/**
 * The UDP side: one socket per local address, all connections of that address behind it. A client sends to the
 * address that it reached over SSH, and must be answered from there; so sockets are never bound to "any address".
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import { describeFailure, HeldlineError } from '../../base/heldline-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { MoshPortReport } from '../../model/mosh-report.ts';
import { Attachment, type AttachmentListener, type DatagramPort, type PeerAddress } from '../attachment.ts';
import type { Stage } from '../stage.ts';
import { ocbFault } from '../wire/ocb-self-test.ts';
import { SealedChannel } from '../wire/sealed-channel.ts';
import { familyOf, isLinkLocal, isWildcard, plainAddress } from './address.ts';
import { Demultiplexer, type Member } from './demultiplexer.ts';
import { Tombstone } from './tombstone.ts';

export interface MoshServerOptions {
  /** IP addresses; a wildcard stands for whatever address a client reached over SSH. */
  readonly listen: readonly string[];
  /** 0 asks the system, for each address anew. */
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A socket of one local address. */
export interface MoshPort {
  readonly address: string;
  readonly port: number;
  /** A connection that waits for its client. */
  open(key: Uint8Array, stage: Stage, listener: AttachmentListener): Attachment;
}

/** ms for a client to speak for the first time. */
const FIRST_WORD = 60_000;
const CLIENT_LEFT_MEMORY = 10_000;
const ENDED_MEMORY = 24 * 3600 * 1000;
const TOMBSTONES = 1000;
const IPV4_DATAGRAM = 1252;
const IPV6_DATAGRAM = 1216;
const REPORT_INTERVAL = 60_000;

export class MoshServer {
  readonly #options: MoshServerOptions;
  readonly #sockets = new Map<string, Promise<MoshSocket>>();
  #closed = false;

  constructor(options: MoshServerOptions) {
    this.#options = options;
  }

  /**
   * Opens the sockets of the addresses that are listed; those behind a wildcard come when they are needed.
   * @throws HeldlineError `mosh.no-ocb` or `mosh.listen`
   */
  async open(): Promise<void> {
    const fault = ocbFault();
    if (fault !== null) {
      throw new HeldlineError('mosh.no-ocb', `Mosh is off: ${fault}`, { hint: 'set mosh.enabled to false' });
    }
    await Promise.all(this.#options.listen.filter((address) => !isWildcard(address)).map((a) => this.#socket(a)));
  }

  /**
   * The port for clients that reached us at this local address; null when Mosh is not offered there.
   * @throws HeldlineError `mosh.listen` when the address cannot be bound
   */
  async portFor(localAddress: string): Promise<MoshPort | null> {
    const address = plainAddress(localAddress);
    return !this.#closed && this.#offersAt(address) ? await this.#socket(address) : null;
  }

  /** Every port that clients may be sent to, those of this machine's addresses behind a wildcard included; opens them. */
  async ports(): Promise<readonly MoshPortReport[]> {
    const listed = this.#options.listen.filter((address) => !isWildcard(address));
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const covered = own.map(({ address }) => address).filter((a) => !isLinkLocal(a) && this.#offersAt(a));
    return await Promise.all([...new Set([...listed, ...covered])].map((address) => this.#report(address)));
  }

  /** Datagrams that belonged to nobody, since the start. */
  async refused(): Promise<number> {
    const sockets = await Promise.all(this.#sockets.values());
    return sockets.reduce((sum, socket) => sum + socket.refused, 0);
  }

  /** Closes everything at once; end sessions first. */
  async close(): Promise<void> {
    this.#closed = true;
    const sockets = await Promise.allSettled(this.#sockets.values());
    this.#sockets.clear();
    for (const socket of sockets) if (socket.status === 'fulfilled') socket.value.close();
  }

  #offersAt(address: string): boolean {
    const family = familyOf(address);
    if (family === null) return false;
    const wildcards = family === 'udp4' ? ['0.0.0.0', '::'] : ['::'];
    return this.#options.listen.some((listed) => listed === address || wildcards.includes(listed));
  }

  async #report(address: string): Promise<MoshPortReport> {
    try {
      const { port, refused } = await this.#socket(address);
      return { address, port, refused, fault: null };
    } catch (failure) {
      return { address, port: this.#options.port, refused: 0, fault: describeFailure(failure) };
    }
  }

  #socket(address: string): Promise<MoshSocket> {
    const known = this.#sockets.get(address);
    if (known !== undefined) return known;
    const opened = MoshSocket.bind(address, this.#options);
    this.#sockets.set(address, opened);
    opened.catch(() => this.#sockets.delete(address));
    return opened;
  }
}

class MoshSocket implements MoshPort, DatagramPort {
  readonly address: string;
  readonly datagramBytes: number;
  readonly #socket: Socket;
  readonly #options: MoshServerOptions;
  readonly #demultiplexer: Demultiplexer;
  readonly #tombstones: Tombstone[] = [];
  #reported = 0;
  #cancelReport: () => void = () => {};
  #closed = false;

  static async bind(address: string, options: MoshServerOptions): Promise<MoshSocket> {
    const family = familyOf(address);
    if (family === null) throw new HeldlineError('mosh.listen', `not an IP address: ${address}`);
    const socket = createSocket({ type: family, lookup: literal(family) });
    try {
      // Before `bind`, which tells at once when nothing has to be looked up.
      const listening = once(socket, 'listening');
      socket.bind({ address, port: options.port, exclusive: true });
      await listening;
    } catch (cause) {
      socket.close();
      const where = `${address} port ${options.port}/udp`;
      throw new HeldlineError('mosh.listen', `Mosh cannot listen on ${where}`, {
        cause,
        hint: 'choose another mosh.port, or end the program that has this one',
      });
    }
    return new MoshSocket(address, family, socket, options);
  }

  private constructor(address: string, family: 'udp4' | 'udp6', socket: Socket, options: MoshServerOptions) {
    this.address = address;
    this.datagramBytes = family === 'udp4' ? IPV4_DATAGRAM : IPV6_DATAGRAM;
    this.#socket = socket;
    this.#options = options;
    this.#demultiplexer = new Demultiplexer(options.clock);
    socket.on('message', (datagram, from) => {
      this.#demultiplexer.receive(datagram, { address: plainAddress(from.address), port: from.port });
    });
    socket.on('error', (failure) =>
      options.logger.error('a Mosh socket failed', { address, failure: failure.message }),
    );
    this.#scheduleReport();
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get refused(): number {
    return this.#demultiplexer.refused;
  }

  open(key: Uint8Array, stage: Stage, listener: AttachmentListener): Attachment {
    const attachment: Attachment = new Attachment({
      channel: new SealedChannel(key, 'to-client'),
      port: this,
      clock: this.#options.clock,
      stage,
      listener: {
        allows: (from) => listener.allows(from),
        onMoved: (from, to) => {
          if (from === null) cancel();
          listener.onMoved(from, to);
        },
        onHeard: () => listener.onHeard(),
        onEnd: (how) => {
          cancel();
          this.#bury(attachment, how === 'left');
          listener.onEnd(how);
        },
      },
    });
    const cancel = this.#options.clock.after(FIRST_WORD, () => attachment.drop(), { unref: true });
    this.#demultiplexer.add(attachment);
    return attachment;
  }

  send(datagram: Buffer, to: PeerAddress, onTooLarge: () => void): void {
    if (this.#closed) return;
    this.#socket.send(datagram, to.port, to.address, (failure) => {
      if (failure !== null && 'code' in failure && failure.code === 'EMSGSIZE') onTooLarge();
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelReport();
    this.#socket.close();
  }

  #bury(attachment: Attachment, clientLeft: boolean): void {
    if (attachment.heardAt === undefined) return this.#demultiplexer.remove(attachment);
    const tombstone = new Tombstone(attachment.remains, clientLeft);
    this.#demultiplexer.replace(attachment, tombstone);
    this.#tombstones.push(tombstone);
    if (this.#tombstones.length > TOMBSTONES) this.#forget(this.#tombstones[0]);
    const memory = clientLeft ? CLIENT_LEFT_MEMORY : ENDED_MEMORY;
    this.#options.clock.after(memory, () => this.#forget(tombstone), { unref: true });
  }

  #forget(member: (Member & Tombstone) | undefined): void {
    const index = member === undefined ? -1 : this.#tombstones.indexOf(member);
    if (member === undefined || index === -1) return;
    this.#tombstones.splice(index, 1);
    this.#demultiplexer.remove(member);
  }

  /** One line a minute at most for all strangers together. */
  #scheduleReport(): void {
    this.#cancelReport = this.#options.clock.after(
      REPORT_INTERVAL,
      () => {
        const count = this.refused - this.#reported;
        this.#reported = this.refused;
        if (count > 0) this.#options.logger.warn('datagrams that belong to no Mosh session', { count });
        this.#scheduleReport();
      },
      { unref: true },
    );
  }
}

type Lookup = (
  host: string,
  options: unknown,
  callback: (failure: Error | null, address: string, family: number) => void,
) => void;

/** Addresses are literal here; nothing may ask a name server. */
function literal(family: 'udp4' | 'udp6'): Lookup {
  return (host, _options, callback) => callback(null, host, family === 'udp4' ? 4 : 6);
}
