/**
 * The built program as its users have it: `heldline init` in a folder of its own, `heldline serve` on a port of
 * 127.0.0.1, and the command line beside it. Needs `npm run build` first. Nothing here knows more than the
 * public commands, files and JSON.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Disposals } from './disposals.ts';
import { freePort } from './free-port.ts';
import { type ProgramResult, type RunOptions, runOrFail, runProgram } from './run-program.ts';
import { RunningProgram } from './running-program.ts';
import { SshClient, type SshClientOptions } from './ssh-client.ts';
import { makeSshKey, type SshKey } from './ssh-keys.ts';
import { type TempDir, tempDir } from './temp-dir.ts';
import { waitUntil } from './wait-until.ts';

/** The executable of the project. */
export const heldline: string = fileURLToPath(new URL('../../bin/heldline.js', import.meta.url));

/** One object of `--json` output or one event of the audit log. */
export type JsonObject = Readonly<Record<string, unknown>>;

export interface BastionOptions {
  /** Name of the administrator that `init` makes; `admin` without it. */
  readonly admin?: string;
  /** Files of policy.d by name; they are written besides those of `init`, or over them. */
  readonly policy?: Readonly<Record<string, string>>;
  /** Changes the text of heldline.yaml before the daemon starts. */
  readonly config?: (yaml: string) => string;
  /** Runs before the daemon starts, when everything is laid out. */
  readonly prepare?: (bastion: Bastion) => Promise<void>;
  /** Changes the command that the daemon is started with, as to put it into a namespace. */
  readonly wrap?: (command: DaemonCommand, bastion: Bastion) => DaemonCommand;
}

export interface DaemonCommand {
  readonly program: string;
  readonly words: readonly string[];
}

export class Bastion implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** The administrator's name and key. */
  readonly admin: { readonly name: string; readonly key: SshKey };
  readonly #folder: TempDir;
  readonly #owned: Disposals;
  #daemon: RunningProgram | null = null;
  #wrap: NonNullable<BastionOptions['wrap']> = (command) => command;

  private constructor(port: number, admin: Bastion['admin'], folder: TempDir, owned: Disposals) {
    this.port = port;
    this.admin = admin;
    this.#folder = folder;
    this.#owned = owned;
  }

  /** Makes a bastion and resolves once it accepts connections. @throws Error with its output when it does not */
  static async start(options: BastionOptions = {}): Promise<Bastion> {
    await using stack = new Disposals();
    const folder = stack.use(await tempDir({ name: 'bastion' }));
    const port = await freePort();
    const name = options.admin ?? 'admin';
    const key = await makeSshKey(folder.path, `${name}-key`);
    const place = ['--dir', folder.at('bastion'), '--host-name', '127.0.0.1', '--port', String(port)];
    const who = ['--admin', name, '--admin-key-file', `${key.file}.pub`];
    await runOrFail(process.execPath, [heldline, 'init', ...place, ...who, '--no-input']);
    const bastion = new Bastion(port, { name, key }, folder, stack.move());
    try {
      await bastion.#configure(options);
      await bastion.serve();
    } catch (error) {
      await bastion[Symbol.asyncDispose]();
      throw error;
    }
    return bastion;
  }

  /** The folder that `init` made, or a path inside. */
  at(...names: string[]): string {
    return join(this.#folder.at('bastion'), ...names);
  }

  get configFile(): string {
    return this.at('heldline.yaml');
  }

  /** The daemon's process id. @throws Error when it is stopped */
  get pid(): number {
    return this.#running().pid;
  }

  /** What the daemon wrote to stdout so far (its log). */
  get log(): string {
    return this.#daemon?.stdout.toString() ?? '';
  }

  get errorLog(): string {
    return this.#daemon?.stderr.toString() ?? '';
  }

  /** Starts the daemon (again) and resolves once it accepts connections. */
  async serve(): Promise<void> {
    const plain = { program: process.execPath, words: [heldline, '-c', this.configFile, 'serve'] };
    const command = this.#wrap(plain, this);
    const daemon = await RunningProgram.start(command.program, command.words);
    this.#daemon = daemon;
    // The SSH listener opens last: once it greets, the admin socket answers too.
    await waitUntil('the bastion accepts connections', async () => {
      if (daemon.end !== null) throw new Error(`serve ended:\n${daemon.stdout.toString()}${daemon.stderr.toString()}`);
      return greets(this.host, this.port);
    });
  }

  /** Ends the daemon and resolves when it is gone; `SIGKILL` is a crash. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#running().stop(signal, 15_000);
    this.#daemon = null;
  }

  /** Sends the daemon a signal, as `SIGHUP` to reload. */
  signal(signal: NodeJS.Signals): void {
    this.#running().signal(signal);
  }

  /** Runs `heldline -c FILE WORDS`; any exit code is a result. */
  run(words: readonly string[], options?: RunOptions): Promise<ProgramResult> {
    return runProgram(process.execPath, [heldline, '-c', this.configFile, ...words], options);
  }

  /** Runs a verb that must succeed. @throws Error with its output when it does not */
  runOrFail(words: readonly string[], options?: RunOptions): Promise<ProgramResult> {
    return runOrFail(process.execPath, [heldline, '-c', this.configFile, ...words], options);
  }

  /** The objects that a verb prints with `--json`. @throws Error with its output when it fails */
  async json(words: readonly string[], options?: RunOptions): Promise<readonly JsonObject[]> {
    const { text } = await this.runOrFail([...words, '--json'], options);
    return parseLines(text);
  }

  /** The audit log, oldest event first. */
  async audit(): Promise<readonly JsonObject[]> {
    const folder = await this.#auditFolder();
    if (!existsSync(folder)) return [];
    const names = await readdir(folder, { recursive: true });
    const files = names.filter((name) => name.endsWith('.ndjson')).sort();
    const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
    return texts.flatMap(parseLines);
  }

  /** Resolves with the first event of `type` that `matches`; polls, for the daemon is an outside process. */
  waitForAudit(
    type: string,
    matches: (event: JsonObject) => boolean = () => true,
    deadline?: number,
  ): Promise<JsonObject> {
    const find = async () => (await this.audit()).find((event) => event['type'] === type && matches(event)) ?? null;
    return waitUntil(`an audit event ${type}`, find, deadline);
  }

  /** A client for the bastion; `user` is what stands before the host, as in `alice@web-1`. */
  async client(user: string, key: SshKey, options: Partial<SshClientOptions> = {}): Promise<SshClient> {
    return this.#owned.use(
      await SshClient.open({ host: this.host, port: this.port, user, identity: key.file, ...options }),
    );
  }

  /** Makes a key in the bastion's folder. */
  makeKey(name: string): Promise<SshKey> {
    return makeSshKey(this.#folder.path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon?.stop('SIGTERM', 15_000);
    await this.#owned[Symbol.asyncDispose]();
  }

  async #configure(options: BastionOptions): Promise<void> {
    this.#wrap = options.wrap ?? this.#wrap;
    for (const [name, text] of Object.entries(options.policy ?? {})) await writeFile(this.at('policy.d', name), text);
    if (options.config !== undefined) {
      await writeFile(this.configFile, options.config(await readFile(this.configFile, 'utf8')));
    }
    await options.prepare?.(this);
  }

  /** `<state>/audit`, wherever below the folder the state lies. */
  async #auditFolder(): Promise<string> {
    const found = (await readdir(this.at(), { recursive: true })).find((name) => /(^|\/)audit$/.test(name));
    return this.at(found ?? 'audit');
  }

  #running(): RunningProgram {
    if (this.#daemon === null) throw new Error('the bastion is stopped');
    return this.#daemon;
  }
}

/** One object a line; the last line counts only when it is whole, for the daemon may be writing it. */
function parseLines(text: string): readonly JsonObject[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line): JsonObject => JSON.parse(line));
}

/** Whether an SSH server answers there (RFC 4253 §4.2: it speaks first). */
function greets(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (bytes) => finish(bytes.toString('latin1').startsWith('SSH-2.0-')));
    socket.once('error', () => finish(false));
    socket.once('timeout', () => finish(false));
    socket.once('end', () => finish(false));
  });
}
