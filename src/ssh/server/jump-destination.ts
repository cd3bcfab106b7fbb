/** The host and port of a `direct-tcpip` request, read as a target of the jump door. */
import { isName } from '../../model/names.ts';

const SSH_PORT = 22;

/**
 * The target's name in lower case, or null if the request is not for a target: another port, an address, a
 * name that no target can have.
 * @param suffix of the names that users give to targets, e.g. `.gate`; names without it are taken as they are
 */
export function parseJumpDestination(host: string, port: number, suffix: string): string | null {
  if (port !== SSH_PORT) return null;
  const name = host.toLowerCase();
  const bare = suffix !== '' && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  return isName(bare) ? bare : null;
}
