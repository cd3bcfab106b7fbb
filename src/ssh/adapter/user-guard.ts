/**
 * What an SSH client can do to a server of the package, and what stands before it: guessing without end,
 * requests before sign-in, channels that hang the process, too many channels, resizes and signals that are lost
 * after EOF. Also measures the round trip.
 */
import type { Clock } from '../../base/clock.ts';
import type { MessageHandlers } from './connection-internals.ts';
import { bareSessionId } from './connection-internals.ts';
import type { GuardedConnection } from './guarded-connection.ts';
import { hasMethods, isIndexed, wrongShape } from './ssh2-library.ts';

export interface UserGuardLimits {
  /** USERAUTH requests on one connection. */
  readonly authRequests: number;
  /** Channels open at once on one connection. */
  readonly channels: number;
}

export interface UserGuardOptions {
  readonly guarded: GuardedConnection;
  readonly limits: UserGuardLimits;
  readonly clock: Clock;
  readonly isAuthenticated: () => boolean;
  /** A channel type that is never opened, e.g. `tun@openssh.com`. */
  readonly onUnknownChannel: (type: string) => void;
}

const RESOURCE_SHORTAGE = 4;
const SMALLEST_PACKET = 256;
const LARGEST_PACKET = 32 * 1024;
const SERVED_TYPES = new Set(['session', 'direct-tcpip', 'direct-streamlocal@openssh.com']);

/** Puts the guard before the handlers of a user's connection; returns the meter of its round trip. */
export function guardUserConnection(options: UserGuardOptions): RoundTripMeter {
  const handlers = options.guarded.protocol._handlers;
  guardAuthentication(handlers, options);
  guardChannelOpen(handlers, options);
  guardGlobalRequests(handlers, options);
  serveLateRequests(handlers, options.guarded);
  closeBareSessions(handlers, options.guarded);
  return new RoundTripMeter(options.guarded, options.clock);
}

function guardAuthentication(handlers: MessageHandlers, { guarded, limits }: UserGuardOptions): void {
  const original = handlers.USERAUTH_REQUEST;
  if (original === undefined) throw wrongShape('a server connection has no handler for sign-in');
  let requests = 0;
  handlers.USERAUTH_REQUEST = (protocol, ...rest) => {
    requests += 1;
    if (requests > limits.authRequests) guarded.violate('too many sign-in attempts');
    original(protocol, ...rest);
  };
}

function guardChannelOpen(handlers: MessageHandlers, options: UserGuardOptions): void {
  const { guarded, limits } = options;
  const original = handlers.CHANNEL_OPEN;
  handlers.CHANNEL_OPEN = (protocol, info) => {
    if (!options.isAuthenticated()) guarded.violate('a channel before sign-in');
    guarded.checkBacklog();
    if (info.packetSize < SMALLEST_PACKET) guarded.violate('a channel whose packets hold nothing');
    if (guarded.channels._count >= limits.channels) {
      guarded.protocol.channelOpenFail(info.sender, RESOURCE_SHORTAGE, 'too many channels');
      return;
    }
    if (!SERVED_TYPES.has(info.type)) options.onUnknownChannel(info.type);
    info.packetSize = Math.min(info.packetSize, LARGEST_PACKET);
    original(protocol, info);
  };
}

function guardGlobalRequests(handlers: MessageHandlers, options: UserGuardOptions): void {
  const original = handlers.GLOBAL_REQUEST;
  handlers.GLOBAL_REQUEST = (protocol, name, wantReply, data) => {
    if (!options.isAuthenticated()) options.guarded.violate('a request before sign-in');
    options.guarded.checkBacklog();
    original(protocol, name, wantReply, data);
  };
}

/** The package drops resizes and signals once the client has sent EOF, as `ssh -t host cmd </dev/null` does. */
function serveLateRequests(handlers: MessageHandlers, guarded: GuardedConnection): void {
  const original = handlers.CHANNEL_REQUEST;
  handlers.CHANNEL_REQUEST = (protocol, id, type, wantReply, data) => {
    guarded.checkBacklog();
    const running = type === 'window-change' || type === 'signal' ? runningSession(guarded.channels.get(id)) : null;
    if (running === null) {
      original(protocol, id, type, wantReply, data);
      return;
    }
    running.emit(type, undefined, undefined, type === 'signal' ? { name: data } : data);
    if (wantReply) guarded.protocol.channelSuccess(running.remoteId);
  };
}

interface RunningSession {
  readonly remoteId: number;
  emit(event: string, ...rest: readonly unknown[]): void;
}

/** A session of the package that has its channel; null if `value` is something else. */
function runningSession(value: unknown): RunningSession | null {
  if (!hasMethods(value, ['emit'])) return null;
  const [emit, channel] = [value['emit'], value['_channel']];
  const outgoing = isIndexed(channel) ? channel['outgoing'] : undefined;
  const remoteId = isIndexed(outgoing) ? outgoing['id'] : undefined;
  if (typeof emit !== 'function' || typeof remoteId !== 'number') return null;
  return { remoteId, emit: (event, ...rest) => void emit.call(value, event, ...rest) };
}

/** The package neither answers the CLOSE of a session that never ran anything nor frees its number. */
function closeBareSessions(handlers: MessageHandlers, guarded: GuardedConnection): void {
  const original = handlers.CHANNEL_CLOSE;
  handlers.CHANNEL_CLOSE = (protocol, id) => {
    const remote = bareSessionId(guarded.channels.get(id));
    original(protocol, id);
    if (remote === null) return;
    guarded.protocol.channelClose(remote);
    guarded.channels.remove(id);
  };
}

/** ms between two measurements. */
const MEASURE_INTERVAL = 5_000;

/** Measures the round trip with OpenSSH's keepalive request, which every client answers, if only with a refusal. */
export class RoundTripMeter {
  readonly #clock: Clock;
  readonly #ping: () => void;
  readonly #sentAt: number[] = [];
  #measuredAt = Number.NEGATIVE_INFINITY;
  #value: number | undefined;

  constructor(guarded: GuardedConnection, clock: Clock) {
    this.#clock = clock;
    const protocol = guarded.protocol;
    const ping = protocol.ping.bind(protocol);
    this.#ping = () => {
      this.#sentAt.push(clock.monotonic());
      ping();
    };
    // The package pings, too; answers come in the order of the questions.
    protocol.ping = this.#ping;
    protocol._handlers.REQUEST_SUCCESS = () => this.#answered();
    protocol._handlers.REQUEST_FAILURE = () => this.#answered();
  }

  /** ms, undefined until the first answer */
  get value(): number | undefined {
    return this.#value;
  }

  /** Asks again if the last measurement is old and nothing is outstanding. Call it when the user acts. */
  refresh(): void {
    const now = this.#clock.monotonic();
    if (this.#sentAt.length > 0 || now - this.#measuredAt < MEASURE_INTERVAL) return;
    this.#measuredAt = now;
    this.#ping();
  }

  #answered(): void {
    const sentAt = this.#sentAt.shift();
    if (sentAt !== undefined) this.#value = this.#clock.monotonic() - sentAt;
  }
}
