/**
 * A `session` channel: what the client asks for before, the one thing it starts, and what it says afterwards.
 * Acceptance is synchronous; the package loses an `accept` that comes after the client's EOF.
 */
import type { AcceptConnection, RejectConnection, ServerChannel, Session } from 'ssh2';
import type { ChannelRequest } from '../../../session/ports.ts';
import type { SshUserLeg } from '../ssh-user-leg.ts';
import type { ChannelContext } from './channel-context.ts';
import { openUserLeg } from './channel-context.ts';
import { execRequest } from './exec.ts';
import { clampSize, SessionSetup } from './session-setup.ts';
import { shellRequest } from './shell.ts';
import { subsystemRequest } from './subsystem.ts';

/** Absent when the client wants no reply. */
type Reply = (() => unknown) | undefined;

/** Serves one session channel. */
export function serveSession(context: ChannelContext, session: Session): void {
  const setup = new SessionSetup();
  let leg: SshUserLeg | null = null;
  const start = (accept: AcceptConnection<ServerChannel>, reject: RejectConnection, request: ChannelRequest | null) => {
    const channel: ServerChannel | undefined = request === null ? undefined : accept();
    if (request === null || channel === undefined) {
      (reject as Reply)?.();
      return;
    }
    leg = openUserLeg(context, channel, request);
  };

  session.on('env', (accept: Reply, _reject: Reply, info) => {
    setup.environment.add(info.key, info.val);
    accept?.();
  });
  session.on('pty', (accept: Reply, _reject: Reply, info) => {
    setup.requestTerminal(info);
    accept?.();
  });
  session.on('window-change', (accept: Reply, _reject: Reply, info) => {
    const size = clampSize(info.cols, info.rows);
    if (leg === null) setup.resize(size);
    else leg.resized(size);
    accept?.();
  });
  session.on('signal', (accept: Reply, _reject: Reply, info) => {
    leg?.signalled(info.name);
    accept?.();
  });
  session.on('shell', (accept, reject) => start(accept, reject, shellRequest(setup)));
  session.on('exec', (accept, reject, info) => start(accept, reject, execRequest(setup, info.command)));
  session.on('subsystem', (accept, reject, info) => start(accept, reject, subsystemRequest(context, setup, info.name)));
  refuseExtras(context, session);
}

function refuseExtras(context: ChannelContext, session: Session): void {
  session.on('auth-agent', (_accept: Reply, reject: Reply) => {
    context.denied('agent-forward', '', 'agent forwarding is not granted');
    reject?.();
  });
  session.on('x11', (_accept: Reply, reject: Reply) => {
    context.denied('x11', '', 'X11 forwarding is not granted');
    reject?.();
  });
}
