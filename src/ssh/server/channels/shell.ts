/** A `shell` request (RFC 4254 §6.5). */
import type { ChannelRequest } from '../../../session/ports.ts';
import type { SessionSetup } from './session-setup.ts';

export function shellRequest(setup: SessionSetup): ChannelRequest {
  return { kind: 'shell', terminal: setup.terminal, environment: setup.environment.variables };
}
