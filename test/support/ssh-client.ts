/**
 * OpenSSH's own programs (ssh, scp, sftp) and those that run over it (rsync, git), as a user has them, without a
 * terminal and with a configuration of their own: nothing of the account's ~/.ssh is read or written.
 */
import { writeFile } from 'node:fs/promises';
import { Disposals } from './disposals.ts';
import { type ProgramResult, type RunOptions, runProgram } from './run-program.ts';
import { tempDir } from './temp-dir.ts';

export interface SshClientOptions {
  readonly host: string;
  readonly port: number;
  /** Account; may hold `@` and `+`, as in `alice@web-1`. */
  readonly user: string;
  /** Path of the private key. */
  readonly identity?: string;
  /** Lines of ssh_config that come first, and so win over ours; they may open further `Host` blocks after `Host *`. */
  readonly config?: readonly string[];
  /** Lines of known_hosts; the host key is taken on trust without them. */
  readonly knownHosts?: readonly string[];
}

export class SshClient implements AsyncDisposable {
  /** Path of the ssh_config in use; `server` in it stands for the host, port and account given. */
  readonly configFile: string;
  readonly #options: SshClientOptions;
  readonly #owned: Disposals;

  private constructor(configFile: string, options: SshClientOptions, owned: Disposals) {
    this.configFile = configFile;
    this.#options = options;
    this.#owned = owned;
  }

  static async open(options: SshClientOptions): Promise<SshClient> {
    await using stack = new Disposals();
    const folder = stack.use(await tempDir({ name: 'ssh-client' }));
    const configFile = folder.at('config');
    await writeFile(folder.at('known_hosts'), (options.knownHosts ?? []).map((line) => `${line}\n`).join(''));
    await writeFile(configFile, configuration(options, folder.at('known_hosts')));
    return new SshClient(configFile, options, stack.move());
  }

  /** Runs `command` on the server; `flags` are ssh's own. */
  ssh(flags: readonly string[], command: string, options?: RunOptions): Promise<ProgramResult> {
    return runProgram('ssh', ['-F', this.configFile, ...flags, 'server', command], options);
  }

  /** scp; write the server's side as `server:PATH`. */
  scp(words: readonly string[], options?: RunOptions): Promise<ProgramResult> {
    return runProgram('scp', ['-F', this.configFile, ...words], options);
  }

  /** sftp with `commands` as its batch, one a line. */
  sftp(commands: readonly string[], options?: RunOptions): Promise<ProgramResult> {
    const input = `${commands.join('\n')}\n`;
    return runProgram('sftp', ['-F', this.configFile, '-b', '-', 'server'], { ...options, input });
  }

  /** rsync over ssh; write the server's side as `server:PATH`. */
  rsync(words: readonly string[], options?: RunOptions): Promise<ProgramResult> {
    return runProgram('rsync', ['-e', `ssh -F ${this.configFile}`, ...words], options);
  }

  /** git over ssh; write the server's side as `server:PATH`. Reads no configuration of the account. */
  git(words: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    const own = {
      GIT_SSH_COMMAND: `ssh -F ${this.configFile}`,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
    };
    return runProgram('git', words, { ...options, env: { ...process.env, ...options.env, ...own } });
  }

  /** The server's host keys as `ssh-keygen -l` prints them, one a line. */
  async scan(): Promise<string> {
    const keys = await runProgram('ssh-keyscan', ['-p', String(this.#options.port), this.#options.host]);
    const printed = await runProgram('ssh-keygen', ['-l', '-E', 'sha256', '-f', '-'], { input: keys.stdout });
    return printed.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

function configuration(options: SshClientOptions, knownHosts: string): string {
  return [
    ...(options.config ?? []),
    'Host server',
    `  HostName ${options.host}`,
    `  Port ${options.port}`,
    `  User ${options.user}`,
    'Host *',
    `  UserKnownHostsFile ${knownHosts}`,
    '  GlobalKnownHostsFile /dev/null',
    `  StrictHostKeyChecking ${options.knownHosts === undefined ? 'no' : 'yes'}`,
    ...(options.identity === undefined ? [] : [`  IdentityFile ${options.identity}`]),
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    '  BatchMode yes',
    '  ConnectTimeout 10',
    '  LogLevel ERROR',
    '',
  ].join('\n');
}
