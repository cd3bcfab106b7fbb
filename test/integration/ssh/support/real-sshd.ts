/** A real OpenSSH server on loopback with keys of its own, ended and removed with the test. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { SshTarget } from '../../../../src/model/target.ts';
import { fingerprintOf } from '../../../../src/ssh/adapter/public-key.ts';

const SSHD = '/usr/sbin/sshd';

export interface RealSshd extends AsyncDisposable {
  readonly port: number;
  readonly login: string;
  readonly hostKeys: readonly string[];
  readonly privateKey: string;
  readonly directory: string;
  target(name: string): SshTarget;
}

export function need(program: string, packageName: string): void {
  if (!existsSync(program)) throw new TypeError(`${program} is missing; install the Debian package ${packageName}`);
}

export function makeKey(directory: string, name: string, type = 'ed25519', ...more: readonly string[]): string {
  const path = join(directory, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, ...more, '-N', '', '-C', name, '-f', path]);
  return path;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** @param lines further lines of sshd_config */
export async function startSshd(lines: readonly string[] = []): Promise<RealSshd> {
  need(SSHD, 'openssh-server');
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), 'heldline-sshd-'));
  chmodSync(directory, 0o755);
  const hostKey = makeKey(directory, 'host');
  const rsaKey = makeKey(directory, 'host-rsa', 'rsa', '-b', '2048');
  const userKey = makeKey(directory, 'egress');
  writeFileSync(join(directory, 'authorized'), readFileSync(`${userKey}.pub`));
  const port = await freePort();
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `HostKey ${rsaKey}`,
    `AuthorizedKeysFile ${join(directory, 'authorized')}`,
    `PidFile ${join(directory, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    'MaxStartups 100',
    'MaxSessions 100',
    'AcceptEnv LANG LC_*',
    'Subsystem sftp internal-sftp',
    ...lines,
  ];
  const path = join(directory, 'sshd_config');
  writeFileSync(path, `${config.join('\n')}\n`);
  const daemon = spawn(SSHD, ['-D', '-e', '-f', path], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  await untilListening(port, () => log);
  const blobs = [hostKey, rsaKey].map((file) =>
    Buffer.from(readFileSync(`${file}.pub`, 'utf8').split(' ')[1] ?? '', 'base64'),
  );
  const hostKeys = blobs.map(fingerprintOf);
  const { username } = userInfo();
  return {
    port,
    login: username,
    hostKeys,
    privateKey: readFileSync(userKey, 'utf8'),
    directory,
    target: (name) => ({
      kind: 'ssh',
      name,
      host: '127.0.0.1',
      port,
      logins: [username],
      hostKeys: hostKeys.slice(0, 1),
      credential: { kind: 'egress' },
      labels: {},
      description: '',
      createdAt: 0,
      createdBy: 'test',
    }),
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
      daemon.kill('SIGTERM');
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new TypeError(`sshd did not start: ${log()}`);
}
