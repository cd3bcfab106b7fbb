/** How people reach this bastion, in words that can be pasted into a terminal or a file, and what it is known by. */
import type { BastionIdentity } from '../approval/signed-statement.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { Config } from '../config/config.ts';
import type { BastionAddress } from '../console/services.ts';
import { parsePublicKey } from '../identity/public-key.ts';
import { targetHostKey } from '../ssh/ed25519-key-text.ts';
import type { OwnKeys } from './key-files.ts';

const STANDARD_PORT = 22;

export function bastionAddress({ ssh }: Config): BastionAddress {
  const { hostName, port, suffix } = ssh;
  const where = port === STANDARD_PORT ? '' : `-p ${port} `;
  return { hostName, port, suffix, words: `${where}${hostName}`, reach: (user) => `${where}${user}@${hostName}` };
}

/** What signed approvals name. @throws HeldlineError `keys.host` when the bastion's own public key cannot be read */
export function bastionIdentity({ ssh }: Config, keys: OwnKeys): BastionIdentity {
  const parsed = parsePublicKey(keys.hostPublic);
  if (parsed.kind === 'refused') throw new HeldlineError('keys.host', `the host key is damaged: ${parsed.why}`);
  return { hostName: ssh.hostName, hostKey: parsed.key.fingerprint };
}

/** Lines for `known_hosts`: the bastion itself, and the key that its jump door shows for each target. */
export function knownHostsLines({ ssh }: Config, keys: OwnKeys, targets: readonly string[]): string[] {
  const { hostName, port, suffix } = ssh;
  const own = port === STANDARD_PORT ? hostName : `[${hostName}]:${port}`;
  const jump = targets.map(
    (target) => `${target}${suffix} ${keyOf(targetHostKey(keys.targetSecret, target).publicKey)}`,
  );
  return [`${own} ${keyOf(keys.hostPublic)}`, ...jump];
}

/** Type and blob, without the comment. */
function keyOf(line: string): string {
  return line.split(' ').slice(0, 2).join(' ');
}
