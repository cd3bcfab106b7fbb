/**
 * The jump door: a `direct-tcpip` request that names a target. The broker ends the inner connection itself, with
 * a host key for that target; it never opens a pipe.
 */
import type { ServerChannel, TcpipRequestInfo } from 'ssh2';
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
  const { remoteAddress: address, remotePort: port } = context.addresses;
  const stream = new JumpStream(channel, context.guarded.endpointFor(channel), { address, port });
  const entry = door.serve(context, target, stream);
  context.channels.opened(entry);
  stream.once('close', () => context.channels.ended(entry));
}
