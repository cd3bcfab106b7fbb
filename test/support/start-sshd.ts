/**
 * A real OpenSSH server on 127.0.0.1 with keys of its own. Run as root it lets in any account of the machine
 * that is not locked, run as somebody else only that account. It reads no system configuration.
 *
 * Its sessions are login shells of the machine: give it a sandbox where dangerous words may be run.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { Disposals } from './disposals.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { RunningProgram } from './running-program.ts';
import type { Sandbox } from './sandbox.ts';
import { makeSshKey } from './ssh-keys.ts';
import { tempDir } from './temp-dir.ts';

export interface SshdOptions {
  /** Public keys, one line each, that open every account. */
  readonly authorizedKeys: readonly string[];
  /** Lines of sshd_config that come first, and so win over ours. */
  readonly config?: readonly string[];
  /** Runs the server, and so all its sessions, inside. */
  readonly sandbox?: Sandbox;
  readonly port?: number;
}

export interface Sshd extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** The server's process id, or that of the sandbox around it. */
  readonly pid: number;
  /** An account that can sign in: the one that runs the tests. */
  readonly user: string;
  /** `SHA256:...` of its ed25519 host key. */
  readonly hostKeyFingerprint: string;
  /** The host key's line of authorized_keys format. */
  readonly hostKey: string;
  /** What it logged so far. */
  logs(): string;
  /** Resolves once `pattern` stands in the log. */
  waitForLog(pattern: RegExp, deadline?: number): Promise<RegExpMatchArray>;
  /** Ends the server; sessions end with the sandbox, or go on without one, as with any sshd. */
  stop(): Promise<void>;
}

/** Starts a server and resolves once it listens. @throws Error with its log when it does not */
export async function startSshd(options: SshdOptions): Promise<Sshd> {
  await using stack = new Disposals();
  const folder = stack.use(await tempDir({ name: 'sshd', open: true }));
  const hostKey = await makeSshKey(folder.path, 'host-key');
  const port = options.port ?? (await freePort());
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  await writeFile(folder.at('authorized_keys'), `${options.authorizedKeys.join('\n')}\n`, { mode: 0o644 });
  await writeFile(folder.at('sshd_config'), configuration(folder.path, port, options.config ?? []));
  const words = ['-D', '-e', '-f', folder.at('sshd_config')];
  const command = options.sandbox?.wrap(findProgram('sshd'), words, [folder.path]) ?? {
    program: findProgram('sshd'),
    words,
  };
  const server = stack.use(await RunningProgram.start(command.program, command.words));
  await server.waitFor(/Server listening on 127\.0\.0\.1/, 'stderr');
  const owned = stack.move();
  return {
    host: '127.0.0.1',
    port,
    pid: server.pid,
    user: userInfo().username,
    hostKeyFingerprint: hostKey.fingerprint,
    hostKey: hostKey.publicKey,
    logs: () => server.stderr.toString(),
    waitForLog: (pattern, deadline) => server.waitFor(pattern, 'stderr', deadline),
    stop: () => owned[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

function configuration(folder: string, port: number, first: readonly string[]): string {
  return [
    ...first,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host-key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'PrintMotd no',
    'PrintLastLog no',
    'UseDNS no',
    'MaxStartups 200',
    'MaxSessions 200',
    'AcceptEnv LANG LC_*',
    'Subsystem sftp internal-sftp',
    'LogLevel VERBOSE',
    '',
  ].join('\n');
}
