/**
 * The four ways to one target that the bench compares: straight to its sshd, `ssh -J` through a second one, a
 * second one that records with `script` around `ssh target`, and Heldline as built, with recording, gate and the
 * policy of `heldline init`. All of them on 127.0.0.1, none with settings for speed. Beside them stands the same
 * Heldline once more that does not follow the screen, for what following it costs.
 */
import { writeFile } from 'node:fs/promises';
import { Bastion, type BastionOptions } from '../support/bastion.ts';
import { Disposals } from '../support/disposals.ts';
import { findProgram } from '../support/find-program.ts';
import { SshClient } from '../support/ssh-client.ts';
import { makeSshKey, type SshKey } from '../support/ssh-keys.ts';
import { type Sshd, startSshd } from '../support/start-sshd.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { withoutTracking } from './without-tracking.ts';

export type RoadName = 'direct' | 'ssh -J' | 'script' | 'heldline';

export interface Road {
  readonly name: RoadName;
  readonly client: SshClient;
}

export interface Roads extends AsyncDisposable {
  readonly roads: readonly Road[];
  readonly bastion: Bastion;
  /** Through a bastion that records and forwards, and follows no screen. */
  readonly untracked: SshClient;
  /** Process id of the sshd whose sessions run under `script`. */
  readonly scriptPid: number;
  /** A folder for what is sent and fetched. */
  readonly folder: TempDir;
}

export async function openRoads(): Promise<Roads> {
  await using stack = new Disposals();
  const folder = stack.use(await tempDir({ name: 'bench', open: true }));
  const key = await makeSshKey(folder.path, 'key');
  const target = stack.use(await startSshd({ authorizedKeys: [key.publicKey] }));
  const relay = stack.use(await startSshd({ authorizedKeys: [key.publicKey] }));
  const direct = stack.use(await clientOf(target, key));
  const recording = await recordingCommand(folder, direct.configFile);
  const scripted = stack.use(
    await startSshd({ authorizedKeys: [key.publicKey], config: [`ForceCommand ${recording}`] }),
  );
  const [bastion, tracked] = await bastionBefore(target, key, stack);
  const [, untracked] = await bastionBefore(target, key, stack, { wrap: withoutTracking });
  const roads: readonly Road[] = [
    { name: 'direct', client: direct },
    { name: 'ssh -J', client: stack.use(await clientOf(target, key, jumpOver(relay))) },
    { name: 'script', client: stack.use(await clientOf(scripted, key)) },
    { name: 'heldline', client: tracked },
  ];
  const owned = stack.move();
  return {
    roads,
    bastion,
    untracked,
    scriptPid: scripted.pid,
    folder,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

async function bastionBefore(
  target: Sshd,
  key: SshKey,
  stack: Disposals,
  options: BastionOptions = {},
): Promise<readonly [Bastion, SshClient]> {
  const bastion = stack.use(await Bastion.start(options));
  await bastion.runOrFail(['target', 'add', 'host', ...addressOf(target), '--key-file', key.file]);
  const { name, key: own } = bastion.admin;
  return [bastion, await bastion.client(`${name}@host`, own)];
}

function clientOf({ host, port, user }: Sshd, key: SshKey, config: readonly string[] = []): Promise<SshClient> {
  return SshClient.open({ host, port, user, identity: key.file, config });
}

function jumpOver({ host, port, user }: Sshd): readonly string[] {
  return ['Host relay', `  HostName ${host}`, `  Port ${port}`, `  User ${user}`, 'Host server', '  ProxyJump relay'];
}

function addressOf({ host, port, user, hostKeyFingerprint }: Sshd): readonly string[] {
  return ['--host', host, '--port', String(port), '--login', user, '--host-key', hostKeyFingerprint];
}

/** Records sessions with a terminal; a command without one would not come through `script` unharmed. */
async function recordingCommand(folder: TempDir, configFile: string): Promise<string> {
  const path = folder.at('record');
  const [ssh, script] = [findProgram('ssh'), findProgram('script')];
  const text = `#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in internal-sftp) exec ${ssh} -F ${configFile} -s server sftp ;; esac
[ -n "$SSH_TTY" ] || exec ${ssh} -F ${configFile} server "$SSH_ORIGINAL_COMMAND"
exec ${script} -qf -c '${ssh} -F ${configFile} -tt server "$SSH_ORIGINAL_COMMAND"' "${folder.path}/typescript.$$"
`;
  await writeFile(path, text, { mode: 0o755 });
  return path;
}
