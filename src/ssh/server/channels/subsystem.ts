/** A `subsystem` request (RFC 4254 §6.5): sftp, towards a target only; every other one is refused. */
import type { ChannelRequest } from '../../../session/ports.ts';
import type { ChannelContext } from './channel-context.ts';
import type { SessionSetup } from './session-setup.ts';

/** The request to hand on, or null when it was refused and reported. @param name foreign text */
export function subsystemRequest(context: ChannelContext, setup: SessionSetup, name: string): ChannelRequest | null {
  if (name !== 'sftp') {
    context.denied('subsystem', name, 'only sftp is served');
    return null;
  }
  if (context.seat.door === 'console') {
    context.denied('subsystem', name, 'no target was named');
    return null;
  }
  return { kind: 'sftp', environment: setup.environment.variables };
}
