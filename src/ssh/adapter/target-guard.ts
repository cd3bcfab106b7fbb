/**
 * What a hostile target can do to the client of the package, and what stands before it: channels with empty
 * packets, channels and requests of its own. Our side opens sessions and nothing else.
 */
import type { MessageHandlers } from './connection-internals.ts';
import type { GuardedConnection } from './guarded-connection.ts';

const PROHIBITED = 1;
const SMALLEST_PACKET = 256;
const LARGEST_PACKET = 32 * 1024;

/** Puts the guard before the handlers of a connection to a target. */
export function guardTargetConnection(guarded: GuardedConnection): void {
  const handlers: MessageHandlers = guarded.protocol._handlers;
  refuseChannels(handlers, guarded);
  checkConfirmations(handlers, guarded);
  handlers.GLOBAL_REQUEST = (_, __, wantReply) => {
    guarded.checkBacklog();
    if (wantReply) guarded.protocol.requestFailure();
  };
}

function refuseChannels(handlers: MessageHandlers, guarded: GuardedConnection): void {
  handlers.CHANNEL_OPEN = (_, info) => {
    guarded.checkBacklog();
    guarded.protocol.channelOpenFail(info.sender, PROHIBITED, 'no channels towards this side');
  };
}

function checkConfirmations(handlers: MessageHandlers, guarded: GuardedConnection): void {
  const original = handlers.CHANNEL_OPEN_CONFIRMATION;
  handlers.CHANNEL_OPEN_CONFIRMATION = (protocol, info) => {
    if (info.packetSize < SMALLEST_PACKET) guarded.violate('a channel whose packets hold nothing');
    info.packetSize = Math.min(info.packetSize, LARGEST_PACKET);
    original(protocol, info);
  };
}
