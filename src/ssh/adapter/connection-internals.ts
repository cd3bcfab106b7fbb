/**
 * The private parts of one ssh2 connection as types, and the check that a connection really has them. The
 * server's and the client's connections have the same parts.
 */
import type { Duplex } from 'node:stream';
import { hasMethods, isIndexed, wrongShape } from './ssh2-library.ts';

export interface ChannelOpenInfo {
  readonly type: string;
  readonly sender: number;
  window: number;
  packetSize: number;
}

export interface ChannelConfirmInfo {
  readonly recipient: number;
  readonly sender: number;
  window: number;
  packetSize: number;
}

/** Message handlers of the package that we wrap; each gets the protocol first. */
export interface MessageHandlers {
  CHANNEL_OPEN(protocol: unknown, info: ChannelOpenInfo): void;
  CHANNEL_OPEN_CONFIRMATION(protocol: unknown, info: ChannelConfirmInfo): void;
  CHANNEL_DATA(protocol: unknown, recipient: number, data: Buffer): void;
  CHANNEL_EXTENDED_DATA(protocol: unknown, recipient: number, data: Buffer, type: number): void;
  CHANNEL_WINDOW_ADJUST(protocol: unknown, recipient: number, amount: number): void;
  CHANNEL_EOF(protocol: unknown, recipient: number): void;
  CHANNEL_CLOSE(protocol: unknown, recipient: number): void;
  CHANNEL_REQUEST(protocol: unknown, recipient: number, type: string, wantReply: boolean, data: unknown): void;
  GLOBAL_REQUEST(protocol: unknown, name: string, wantReply: boolean, data: unknown): void;
  /** Server only. */
  USERAUTH_REQUEST?(protocol: unknown, ...rest: readonly unknown[]): void;
  REQUEST_SUCCESS?(protocol: unknown, ...rest: readonly unknown[]): void;
  REQUEST_FAILURE?(protocol: unknown, ...rest: readonly unknown[]): void;
}

export interface ProtocolInternals {
  readonly _handlers: MessageHandlers;
  /** Set while a key exchange is under way. */
  readonly _kexinit: unknown;
  /** Packets held back by a key exchange. */
  readonly _queue: readonly unknown[] | undefined;
  channelData(channel: number, data: Buffer): void;
  channelExtData(channel: number, data: Buffer, type: number): void;
  channelWindowAdjust(channel: number, amount: number): void;
  channelOpenFail(channel: number, reason: number, description: string): void;
  channelSuccess(channel: number): void;
  channelFailure(channel: number): void;
  channelClose(channel: number): void;
  requestFailure(): void;
  windowChange(channel: number, rows: number, cols: number, height: number, width: number): void;
  /** @throws Error on a name that SSH does not know */
  signal(channel: number, name: string): void;
  disconnect(reason: number): void;
  rekey(): void;
  ping(): void;
}

/** What the package keeps per channel id: a channel, a session that may have one, a callback, or a placeholder. */
export interface ChannelManagerInternals {
  readonly _count: number;
  get(id: number): unknown;
  remove(id: number): void;
}

export interface ConnectionInternals {
  readonly protocol: ProtocolInternals;
  readonly channels: ChannelManagerInternals;
  readonly socket: Duplex;
}

/** One direction of a channel in the package's own bookkeeping; shared, so that both stay true. */
export interface ChannelSide {
  readonly id: number;
  window: number;
  readonly packetSize: number;
  readonly state: string;
}

/** RFC 4254 §5.2 */
export const LARGEST_WINDOW: number = 2 ** 32 - 1;

const PROTOCOL_METHODS = [
  'channelData',
  'channelExtData',
  'channelWindowAdjust',
  'channelOpenFail',
  'channelSuccess',
  'channelFailure',
  'channelClose',
  'requestFailure',
  'windowChange',
  'signal',
  'disconnect',
  'rekey',
  'ping',
];
const HANDLERS = [
  'CHANNEL_OPEN',
  'CHANNEL_OPEN_CONFIRMATION',
  'CHANNEL_DATA',
  'CHANNEL_EXTENDED_DATA',
  'CHANNEL_WINDOW_ADJUST',
  'CHANNEL_EOF',
  'CHANNEL_CLOSE',
  'CHANNEL_REQUEST',
  'GLOBAL_REQUEST',
];

/** The private parts of `connection` (an ssh2 server connection or client). @throws HeldlineError `ssh.library` */
export function internalsOf(connection: object): ConnectionInternals {
  const protocol: unknown = Reflect.get(connection, '_protocol');
  const channels: unknown = Reflect.get(connection, '_chanMgr');
  const socket: unknown = Reflect.get(connection, '_sock');
  if (!isProtocol(protocol)) throw wrongShape('a connection has no protocol of the known shape');
  if (!isChannelManager(channels)) throw wrongShape('a connection has no channel manager of the known shape');
  if (!isSocket(socket)) throw wrongShape('a connection has no socket');
  return { protocol, channels, socket };
}

/** Both sides of a channel of the package. @throws HeldlineError `ssh.library` */
export function sidesOf(channel: object): { incoming: ChannelSide; outgoing: ChannelSide } {
  const incoming: unknown = Reflect.get(channel, 'incoming');
  const outgoing: unknown = Reflect.get(channel, 'outgoing');
  if (!isSide(incoming) || !isSide(outgoing)) throw wrongShape('a channel has no sides of the known shape');
  return { incoming, outgoing };
}

/** The id by which the peer knows a session that has no channel yet; null if `value` is something else. */
export function bareSessionId(value: unknown): number | null {
  if (!isIndexed(value) || !('_channel' in value) || value['_channel'] !== undefined) return null;
  const info = value['_chanInfo'];
  const side = isIndexed(info) ? info['outgoing'] : undefined;
  return isSide(side) ? side.id : null;
}

/** Adds to the outgoing window of a channel or session in which nothing has started yet. */
export function widenUnstarted(value: unknown, amount: number): void {
  const holder = isIndexed(value) ? (value['_chanInfo'] ?? value) : undefined;
  const side = isIndexed(holder) ? holder['outgoing'] : undefined;
  if (isSide(side)) side.window = Math.min(side.window + amount, LARGEST_WINDOW);
}

function isProtocol(value: unknown): value is ProtocolInternals {
  return (
    hasMethods(value, PROTOCOL_METHODS) &&
    hasMethods(value['_handlers'], HANDLERS) &&
    '_kexinit' in value &&
    '_queue' in value
  );
}

function isChannelManager(value: unknown): value is ChannelManagerInternals {
  return hasMethods(value, ['get', 'remove', 'add']) && typeof value['_count'] === 'number';
}

function isSocket(value: unknown): value is Duplex {
  return hasMethods(value, ['pause', 'resume', 'write', 'cork', 'uncork', 'destroy']);
}

function isSide(value: unknown): value is ChannelSide {
  return (
    isIndexed(value) &&
    typeof value['id'] === 'number' &&
    typeof value['window'] === 'number' &&
    typeof value['packetSize'] === 'number'
  );
}
