/**
 * A bastion with the harmless policy and one target `host`: a real sshd of this machine that lets the bastion
 * in by its own key, in a sandbox when asked. What the clients may write lies in `folder`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { Bastion, type BastionOptions } from './bastion.ts';
import { Disposals } from './disposals.ts';
import { harmlessPolicy } from './harmless-policy.ts';
import { makeSandbox } from './sandbox.ts';
import { SshClient } from './ssh-client.ts';
import { type Sshd, startSshd } from './start-sshd.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

export interface BastionAndHostOptions extends BastionOptions {
  /** Runs the target's sessions where no program that harms a machine can be reached. */
  readonly sandboxed?: boolean;
  /** Labels of the target, as `env=prod`. */
  readonly labels?: readonly string[];
}

export class BastionAndHost implements AsyncDisposable {
  readonly bastion: Bastion;
  readonly sshd: Sshd;
  /** Can be written by the target's sessions, under the same path inside and outside. */
  readonly folder: TempDir;
  /** A client of the target itself, with nothing in between. */
  readonly direct: SshClient;
  readonly #owned: Disposals;

  private constructor(parts: Pick<BastionAndHost, 'bastion' | 'sshd' | 'folder' | 'direct'> & { owned: Disposals }) {
    this.bastion = parts.bastion;
    this.sshd = parts.sshd;
    this.folder = parts.folder;
    this.direct = parts.direct;
    this.#owned = parts.owned;
  }

  static async start(options: BastionAndHostOptions = {}): Promise<BastionAndHost> {
    await using stack = new Disposals();
    const folder = stack.use(await tempDir({ name: 'host', open: true }));
    const bastion = stack.use(await Bastion.start({ policy: harmlessPolicy, ...options }));
    const sandbox = options.sandboxed === true ? stack.use(await makeSandbox({ writable: [folder.path] })) : undefined;
    const key = await bastion.makeKey('direct-key');
    const authorizedKeys = [await egressKey(bastion), key.publicKey];
    const sshd = stack.use(await startSshd({ authorizedKeys, ...(sandbox === undefined ? {} : { sandbox }) }));
    await addSshTarget(bastion, 'host', sshd, options.labels);
    const { host, port, user } = sshd;
    const direct = stack.use(await SshClient.open({ host, port, user, identity: key.file }));
    return new BastionAndHost({ bastion, sshd, folder, direct, owned: stack.move() });
  }

  /** A path that the target's sessions may write. */
  at(...names: string[]): string {
    return this.folder.at(...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

/** The public key with which the bastion signs in to targets. */
export async function egressKey(bastion: Bastion): Promise<string> {
  const name = (await readdir(bastion.at(), { recursive: true })).find((path) => /(^|\/)egress[^/]*\.pub$/.test(path));
  if (name === undefined) throw new Error('the bastion has no egress key');
  return (await readFile(bastion.at(name), 'utf8')).trim();
}

/** Adds `sshd` as a target with its host key pinned. */
async function addSshTarget(bastion: Bastion, name: string, sshd: Sshd, labels: readonly string[] = []): Promise<void> {
  const where = ['--host', sshd.host, '--port', String(sshd.port), '--login', sshd.user];
  const labelled = labels.flatMap((label) => ['--label', label]);
  await bastion.runOrFail(['target', 'add', name, ...where, ...labelled, '--host-key', sshd.hostKeyFingerprint]);
}
