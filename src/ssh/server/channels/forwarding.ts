/**
 * Everything that would carry bytes past the gate: remote forwarding, UNIX sockets, tunnels. Refused and
 * reported; nothing here ever opens a raw pipe.
 */
import type { Connection } from 'ssh2';
import type { ChannelContext } from './channel-context.ts';

/** Refuses every forwarding request of a connection. */
export function refuseForwarding(context: ChannelContext, connection: Connection): void {
  connection.on('request', (_accept, reject: (() => void) | undefined, name, info) => {
    // `cancel-...` undoes what was never granted; refusing it is answer enough.
    if (!name.startsWith('cancel-'))
      context.denied('forward.remote', describeBinding(info), 'remote forwarding is not granted');
    reject?.();
  });
  connection.on('openssh.streamlocal', (_accept, reject, info) => {
    context.denied('streamlocal', info.socketPath, 'forwarding is not granted');
    reject();
  });
}

function describeBinding(info: unknown): string {
  if (typeof info !== 'object' || info === null) return '';
  if ('bindAddr' in info && 'bindPort' in info) return `${String(info.bindAddr)}:${String(info.bindPort)}`;
  return 'socketPath' in info ? String(info.socketPath) : '';
}
