/** The bastion's own keys, one file each, 0600: made once by `init`, read at every start, never made silently. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeldlineError } from '../base/heldline-error.ts';
import { ed25519KeyText } from '../ssh/ed25519-key-text.ts';

const FILES = {
  host: 'host_ed25519',
  targetSecret: 'target_host_keys.secret',
  egress: 'egress_ed25519',
  signing: 'signing_ed25519.pem',
} as const;

export interface OwnKeys {
  /** What the bastion shows, in OpenSSH's text form. */
  readonly host: string;
  /** `ssh-ed25519 AAAA... name` */
  readonly hostPublic: string;
  /** From which the host key that the jump door shows for each target is derived. */
  readonly targetSecret: Uint8Array;
  /** With which the bastion signs in to targets. */
  readonly egress: string;
  /** `ssh-ed25519 AAAA... heldline`, for the targets' authorized_keys. */
  readonly egressPublic: string;
  /** Signs checkpoints of the audit log and seals of recordings. */
  readonly signing: KeyObject;
  readonly signingPublic: KeyObject;
}

/** Makes all keys in `directory`. @throws HeldlineError `keys.exist` when one is there already */
export async function createKeys(directory: string, hostName: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const host = ed25519KeyText(randomBytes(32), hostName);
  const egress = ed25519KeyText(randomBytes(32), `heldline@${hostName}`);
  const signing = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
  await writeKey(directory, FILES.host, host.privateKey);
  await writeKey(directory, `${FILES.host}.pub`, `${host.publicKey}\n`);
  await writeKey(directory, FILES.targetSecret, `${randomBytes(32).toString('base64')}\n`);
  await writeKey(directory, FILES.egress, egress.privateKey);
  await writeKey(directory, `${FILES.egress}.pub`, `${egress.publicKey}\n`);
  await writeKey(directory, FILES.signing, signing.toString());
}

/** Reads all keys. @throws HeldlineError `keys.missing`, `keys.exposed` */
export async function readKeys(directory: string): Promise<OwnKeys> {
  const read = (name: string): Promise<string> => readKey(directory, name);
  const signing = createPrivateKey(await read(FILES.signing));
  return {
    host: await read(FILES.host),
    hostPublic: (await read(`${FILES.host}.pub`)).trim(),
    targetSecret: Buffer.from(await read(FILES.targetSecret), 'base64'),
    egress: await read(FILES.egress),
    egressPublic: (await read(`${FILES.egress}.pub`)).trim(),
    signing,
    signingPublic: createPublicKey(signing),
  };
}

async function writeKey(directory: string, name: string, text: string): Promise<void> {
  try {
    await writeFile(join(directory, name), text, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new HeldlineError('keys.exist', `cannot write the key ${join(directory, name)}; it may be there already`, {
      cause,
    });
  }
}

async function readKey(directory: string, name: string): Promise<string> {
  const path = join(directory, name);
  try {
    if (((await stat(path)).mode & 0o077) !== 0) throw exposed(path);
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof HeldlineError) throw cause;
    throw new HeldlineError('keys.missing', `cannot read the key ${path}`, {
      cause,
      hint: 'It is made by: heldline init',
    });
  }
}

function exposed(path: string): HeldlineError {
  return new HeldlineError('keys.exposed', `others can read the key ${path}`, {
    hint: `Mend it with: chmod 600 ${path}`,
  });
}
