/** An `exec` request (RFC 4254 §6.5): also what scp -O, rsync and git are made of. */
import type { ChannelRequest } from '../../../session/ports.ts';
import type { SessionSetup } from './session-setup.ts';

/** @param command exactly as sent; our parser hands bytes on where the package's type says text */
export function execRequest(setup: SessionSetup, command: unknown): ChannelRequest {
  const bytes = Buffer.isBuffer(command) ? command : Buffer.from(String(command), 'utf8');
  return { kind: 'exec', command: bytes, terminal: setup.terminal, environment: setup.environment.variables };
}
