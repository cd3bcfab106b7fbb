/** Key pairs as people have them: made by ssh-keygen, in files that ssh accepts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrFail } from './run-program.ts';

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface SshKey {
  /** Path of the private key; the public one has `.pub` appended. */
  readonly file: string;
  /** One line in the format of authorized_keys, without a newline. */
  readonly publicKey: string;
  /** `SHA256:...` as ssh-keygen prints it. */
  readonly fingerprint: string;
}

/** Makes a key pair without a passphrase, `NAME` and `NAME.pub` in `folder`. */
export async function makeSshKey(folder: string, name: string, type: KeyType = 'ed25519'): Promise<SshKey> {
  const file = join(folder, name);
  const bits = type === 'rsa' ? ['-b', '3072'] : [];
  await runOrFail('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', `${name}@test`, '-f', file]);
  const publicKey = (await readFile(`${file}.pub`, 'utf8')).trim();
  const { text } = await runOrFail('ssh-keygen', ['-l', '-E', 'sha256', '-f', `${file}.pub`]);
  const fingerprint = text.split(' ')[1] ?? '';
  return { file, publicKey, fingerprint };
}
