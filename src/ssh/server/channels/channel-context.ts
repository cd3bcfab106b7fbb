/** What the channels of one user connection have in common, and how one of them is handed on. */
import type { ServerChannel } from 'ssh2';
import { describeFailure } from '../../../base/heldline-error.ts';
import type { Logger } from '../../../base/logger.ts';
import type { ChannelRequest, Route } from '../../../session/ports.ts';
import type { GuardedConnection } from '../../adapter/guarded-connection.ts';
import type { RoundTripMeter } from '../../adapter/user-guard.ts';
import type { ConnectionAddresses, ConsoleDoor, SessionDoor, WebDoor } from '../../ports.ts';
import type { Seat } from '../seat.ts';
import { SshUserLeg } from '../ssh-user-leg.ts';

export interface ChannelContext {
  readonly seat: Seat;
  readonly route: Route;
  readonly client: string;
  readonly addresses: ConnectionAddresses;
  readonly guarded: GuardedConnection;
  readonly meter: RoundTripMeter;
  readonly sessions: SessionDoor;
  readonly console: ConsoleDoor;
  /** null when there is none. */
  readonly web: WebDoor | null;
  readonly logger: Logger;
  /** Reports what was refused. @param what kind of request  @param detail foreign text */
  readonly denied: (what: string, detail: string, why: string) => void;
  /** Told of every channel that is opened and, once, of its end. */
  readonly channels: ChannelLedger;
}

/** Keeps the channels that a connection carries. */
export interface ChannelLedger {
  opened(channel: OpenChannel): void;
  ended(channel: OpenChannel): void;
}

export interface OpenChannel {
  /** A last sentence to whoever is at the user's end, if anybody can be told. */
  tell(sentence: string): void;
}

/**
 * Hands an accepted channel to the broker or the console, and returns its user leg for what the client still
 * has to say about it.
 */
export function openUserLeg(context: ChannelContext, channel: ServerChannel, request: ChannelRequest): SshUserLeg {
  const { seat, guarded, meter, logger } = context;
  const door = seat.door === 'jump' ? 'jump' : 'direct';
  const entry: OpenChannel = { tell: (sentence) => void leg.writeError(Buffer.from(`\r\n${sentence}\r\n`)) };
  const onEnded = () => context.channels.ended(entry);
  const leg = new SshUserLeg({ channel, endpoint: guarded.endpointFor(channel), door, meter, onEnded });
  context.channels.opened(entry);
  handOver(context, leg, request).catch((failure: unknown) => {
    logger.error('a channel could not be opened', { failure: describeFailure(failure) });
    leg.close();
  });
  return leg;
}

function handOver(context: ChannelContext, leg: SshUserLeg, request: ChannelRequest): Promise<void> {
  const { seat, route, client, addresses } = context;
  const { principal } = seat;
  if (seat.door === 'console') {
    return context.console.open({ principal, request, leg, route, client, connection: addresses });
  }
  const { door, target, login } = seat;
  return context.sessions.open({ principal, target, login, door, request, leg, route, client });
}
