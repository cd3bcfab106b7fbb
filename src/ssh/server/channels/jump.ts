/**
 * The jump door: a `direct-tcpip` request that names a target. The broker ends the inner connection itself, with
 * a host key for that target; it never opens a pipe. The name `web` leads to the HTTP API inside the process.
 */
import type { ServerChannel, TcpipRequestInfo } from 'ssh2';
import type { WebDoor } from '../../ports.ts';
import { parseJumpDestination } from '../jump-destination.ts';
import { JumpStream } from '../jump-stream.ts';
import type { ChannelContext, OpenChannel } from './channel-context.ts';

export interface JumpDoor {
  /** Suffix of the names that users give to targets, e.g. `.gate`. */
  readonly suffix: string;
  /** Serves the inner connection; `stream` is gone when the outer one is. */
  serve(context: ChannelContext, target: string, stream: JumpStream): OpenChannel;
}

/** Serves one request. @param accept returns nothing once the client gave up */
export function serveJump(
  context: ChannelContext,
  door: JumpDoor | null,
  info: TcpipRequestInfo,
  reply: { readonly accept: () => ServerChannel | undefined; readonly reject: () => void },
): void {
  if (door !== null && context.seat.door === 'console' && isWeb(info) && context.web !== null) {
    const channel = reply.accept();
    if (channel !== undefined) serveWeb(context, context.web, channel);
    return;
  }
  const target =
    door === null || context.seat.door !== 'console'
      ? null
      : parseJumpDestination(info.destIP, info.destPort, door.suffix);
  if (door === null || target === null) {
    const why =
      door === null ? 'an inner connection opens no further one' : 'only targets on port 22 are reached this way';
    context.denied('forward.local', `${info.destIP}:${info.destPort}`, why);
    reply.reject();
    return;
  }
  const channel = reply.accept();
  if (channel === undefined) return;
  const stream = streamOver(context, channel);
  const entry = door.serve(context, target, stream);
  context.channels.opened(entry);
  stream.once('close', () => context.channels.ended(entry));
}

/** `ssh -L PORT:web:80`: no target can be called `web`. */
function isWeb({ destIP, destPort }: TcpipRequestInfo): boolean {
  return destIP === 'web' && destPort === 80;
}

/** Bound to whoever signed in; a browser at the other end cannot be told anything but HTTP. */
function serveWeb(context: ChannelContext, web: WebDoor, channel: ServerChannel): void {
  const stream = streamOver(context, channel);
  const entry: OpenChannel = { tell: () => {} };
  context.channels.opened(entry);
  stream.on('error', (failure) => context.logger.debug('an HTTP stream failed', { failure: failure.message }));
  stream.once('close', () => context.channels.ended(entry));
  web.accept(stream, context.seat.principal);
}

function streamOver(context: ChannelContext, channel: ServerChannel): JumpStream {
  const { remoteAddress: address, remotePort: port } = context.addresses;
  return new JumpStream(channel, context.guarded.endpointFor(channel), { address, port });
}
