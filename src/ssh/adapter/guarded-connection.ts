/**
 * One ssh2 connection, of a user or to a target, behind the guard that the package lacks: received data within
 * the window, bounded replies, a fair share of reading per turn, no output during a key exchange, key exchanges
 * of our own by bytes and time. Both peers are taken for hostile. What only one leg needs is in `user-guard`
 * and `target-guard`.
 */
import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import type { Channel } from 'ssh2';
import type { Cancel, Clock } from '../../base/clock.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { FlowValve } from '../../session/flow-valve.ts';
import type { EndpointConnection } from './channel-endpoint.ts';
import { ChannelEndpoint } from './channel-endpoint.ts';
import type { ChannelManagerInternals, MessageHandlers, ProtocolInternals } from './connection-internals.ts';
import { internalsOf, sidesOf, widenUnstarted } from './connection-internals.ts';

export interface RekeyLimits {
  /** Payload bytes, both directions together. */
  readonly bytes: number;
  /** ms */
  readonly interval: number;
}

/** RFC 4253 §9. */
export const DEFAULT_REKEY: RekeyLimits = { bytes: 2 ** 30, interval: 3_600_000 };

export interface GuardedConnectionOptions {
  /** The connection object of the package: a server's connection or a client. */
  readonly connection: EventEmitter;
  readonly clock: Clock;
  readonly rekey: RekeyLimits;
  /** Told once why the peer was thrown out. */
  readonly onViolation: (why: string) => void;
}

const STDERR = 1;
const PROTOCOL_ERROR = 2;
const BY_APPLICATION = 11;
/** Bytes waiting in the socket from which channels stop sending. */
const ROOM = 512 * 1024;
/** Bytes waiting in the socket from which we stop reading: whoever does not read answers gets no more of them. */
const UNREAD_ANSWERS = 1024 * 1024;
/** Bytes read from one peer in one turn of the event loop. */
const TURN_BYTES = 256 * 1024;
/** Packets that may wait for the end of a key exchange. */
const QUEUED_PACKETS = 2048;
/** ms in which a key exchange must end. */
const KEX_DEADLINE = 60_000;

export class GuardedConnection implements EndpointConnection {
  readonly protocol: ProtocolInternals;
  readonly channels: ChannelManagerInternals;
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #rekey: RekeyLimits;
  readonly #onViolation: (why: string) => void;
  readonly #endpoints = new Map<number, ChannelEndpoint>();
  readonly #waiting = new Set<ChannelEndpoint>();
  readonly #valve: FlowValve;
  #turn: 'fresh' | 'sent' | 'gathering' = 'fresh';
  #readThisTurn = 0;
  #sinceRekey = 0;
  #cancelRekey: Cancel | null = null;
  #cancelKexDeadline: Cancel | null = null;
  #ended = false;

  constructor(options: GuardedConnectionOptions) {
    const { protocol, channels, socket } = internalsOf(options.connection);
    this.protocol = protocol;
    this.channels = channels;
    this.#socket = socket;
    this.#clock = options.clock;
    this.#rekey = options.rekey;
    this.#onViolation = options.onViolation;
    this.#valve = new FlowValve(
      () => socket.pause(),
      () => socket.resume(),
    );
    socket.on('data', (bytes: Buffer) => this.#read(bytes.length));
    socket.on('drain', () => this.#drained());
    socket.once('close', () => this.#lost());
    options.connection.on('handshake', () => this.#keysExchanged());
    this.#wrap(protocol._handlers);
  }

  /** Whether the connection was ended by us or is lost. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Our end of a channel that the package has just accepted or opened. Call it in the same turn. */
  endpointFor(channel: Channel): ChannelEndpoint {
    const endpoint = new ChannelEndpoint(this, channel);
    this.#endpoints.set(sidesOf(channel).incoming.id, endpoint);
    if (this.#ended) endpoint.peerGone();
    return endpoint;
  }

  /** Starts key exchanges of our own; call it when the peer is authenticated. */
  startRekeying(): void {
    this.#sinceRekey = 0;
    this.#scheduleRekey();
  }

  hasRoom(): boolean {
    if (this.protocol._kexinit !== undefined) {
      this.#watchKeyExchange();
      return false;
    }
    return this.#socket.writableLength < ROOM;
  }

  awaitRoom(endpoint: ChannelEndpoint): void {
    this.#waiting.add(endpoint);
  }

  /**
   * The first packet of a turn goes at once, for it may be the echo of a key. What follows in the same turn is one
   * write at its end: a busy socket is read many times a turn, and each write wakes the peer.
   */
  gather(send: () => void): void {
    if (this.#turn !== 'fresh') {
      if (this.#turn === 'sent') this.#socket.cork();
      this.#turn = 'gathering';
      send();
      return;
    }
    this.#turn = 'sent';
    setImmediate(() => {
      if (this.#turn === 'gathering') this.#socket.uncork();
      this.#turn = 'fresh';
    });
    this.#socket.cork();
    try {
      send();
    } finally {
      this.#socket.uncork();
    }
  }

  sent(bytes: number): void {
    this.#sinceRekey += bytes;
  }

  /** Refuses to pile up answers while a key exchange holds them back. */
  checkBacklog(): void {
    if ((this.protocol._queue?.length ?? 0) > QUEUED_PACKETS) this.violate('too many requests during a key exchange');
  }

  /**
   * Throws the peer out.
   * @throws HeldlineError `ssh.violation` always, so that the package reads nothing more from it
   */
  violate(why: string): never {
    if (!this.#ended) {
      this.#onViolation(why);
      this.#disconnect(PROTOCOL_ERROR);
      this.destroy();
    }
    throw new HeldlineError('ssh.violation', `the SSH peer broke the protocol: ${why}`);
  }

  /** Takes nothing more from the peer; what is written still goes out. */
  stopReading(): void {
    this.#valve.shut('stopped');
  }

  /** Says goodbye and closes once that is sent. */
  end(): void {
    if (this.#ended) return;
    this.#disconnect(BY_APPLICATION);
    this.#socket.end();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
    this.#lost();
  }

  #disconnect(reason: number): void {
    // A connection that is breaking down may not take the message any more; then there is nobody to tell.
    if (this.#socket.writable) this.protocol.disconnect(reason);
  }

  #wrap(handlers: MessageHandlers): void {
    const original = { eof: handlers.CHANNEL_EOF, close: handlers.CHANNEL_CLOSE };
    handlers.CHANNEL_DATA = (_, id, data) => this.#endpoints.get(id)?.receive(data, 'stdout');
    handlers.CHANNEL_EXTENDED_DATA = (_, id, data, type) => {
      if (type === STDERR) this.#endpoints.get(id)?.receive(data, 'stderr');
    };
    handlers.CHANNEL_WINDOW_ADJUST = (_, id, amount) => {
      const endpoint = this.#endpoints.get(id);
      // OpenSSH opens the window of a session before it says yes to what is to run in it.
      if (endpoint === undefined) widenUnstarted(this.channels.get(id), amount);
      else endpoint.widen(amount);
    };
    handlers.CHANNEL_EOF = (protocol, id) => {
      original.eof(protocol, id);
      this.#endpoints.get(id)?.receiveEof();
    };
    handlers.CHANNEL_CLOSE = (protocol, id) => {
      original.close(protocol, id);
      const endpoint = this.#endpoints.get(id);
      this.#endpoints.delete(id);
      endpoint?.peerGone();
    };
  }

  #read(bytes: number): void {
    if (this.#readThisTurn === 0) setImmediate(() => this.#nextTurn());
    this.#readThisTurn += bytes;
    this.#sinceRekey += bytes;
    if (this.#readThisTurn >= TURN_BYTES) this.#valve.shut('turn');
    if (this.#socket.writableLength > UNREAD_ANSWERS) this.#valve.shut('answers');
    if (this.#sinceRekey >= this.#rekey.bytes && this.#cancelRekey !== null) this.#startKeyExchange();
  }

  #nextTurn(): void {
    this.#readThisTurn = 0;
    if (!this.#ended) this.#valve.open('turn');
  }

  #drained(): void {
    this.#valve.open('answers');
    this.#wake();
  }

  /** A key exchange ended, the first one, ours or the peer's. */
  #keysExchanged(): void {
    this.#cancelKexDeadline?.();
    this.#cancelKexDeadline = null;
    this.#sinceRekey = 0;
    if (this.#cancelRekey !== null) this.#scheduleRekey();
    this.#wake();
  }

  /** Round robin: who used up the room is at the end of the line afterwards. */
  #wake(): void {
    for (let turns = this.#waiting.size; turns > 0 && this.hasRoom(); turns -= 1) {
      const [endpoint] = this.#waiting;
      if (endpoint === undefined) return;
      this.#waiting.delete(endpoint);
      endpoint.flush();
    }
  }

  #scheduleRekey(): void {
    this.#cancelRekey?.();
    this.#cancelRekey = this.#clock.after(this.#rekey.interval, () => this.#startKeyExchange(), { unref: true });
  }

  #startKeyExchange(): void {
    if (this.#ended || this.protocol._kexinit !== undefined) return;
    this.#sinceRekey = 0;
    this.protocol.rekey();
    this.#watchKeyExchange();
  }

  #watchKeyExchange(): void {
    if (this.#cancelKexDeadline !== null || this.#ended) return;
    this.#cancelKexDeadline = this.#clock.after(
      KEX_DEADLINE,
      () => {
        this.#onViolation('a key exchange that does not end');
        this.destroy();
      },
      { unref: true },
    );
  }

  #lost(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelRekey?.();
    this.#cancelKexDeadline?.();
    this.#waiting.clear();
    const endpoints = [...this.#endpoints.values()];
    this.#endpoints.clear();
    for (const endpoint of endpoints) endpoint.peerGone();
  }
}
