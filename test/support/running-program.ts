/**
 * A program that runs beside the test: its output as it comes, its end, and a stop that reaches its children
 * too (it is started as the leader of a process group). Output is kept in memory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { findProgram } from './find-program.ts';

export interface StartOptions {
  readonly cwd?: string;
  /** The whole environment; the test's own without it. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class RunningProgram implements AsyncDisposable {
  readonly pid: number;
  readonly name: string;
  /** Resolves when the program has ended and all its output has been read. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] };
  readonly #listeners = new Set<() => void>();
  #end: ProgramEnd | null = null;

  private constructor(name: string, child: ChildProcess, pid: number) {
    this.name = name;
    this.#child = child;
    this.pid = pid;
    this.#collect('stdout');
    this.#collect('stderr');
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#end = { code, signal };
        resolve(this.#end);
        this.#tell();
      });
    });
  }

  /** Starts `program` with `words`. @throws Error that names the Debian package when it is missing */
  static async start(program: string, words: readonly string[], options: StartOptions = {}): Promise<RunningProgram> {
    const env = options.env ?? process.env;
    const child = spawn(findProgram(program), words, { cwd: options.cwd, env, detached: true });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    if (child.pid === undefined) throw new Error(`${program} has no process id`);
    return new RunningProgram(program, child, child.pid);
  }

  /** Everything written to stdout so far. */
  get stdout(): Buffer {
    return Buffer.concat(this.#chunks.stdout);
  }

  get stderr(): Buffer {
    return Buffer.concat(this.#chunks.stderr);
  }

  /** Null while it runs. */
  get end(): ProgramEnd | null {
    return this.#end;
  }

  /** Writes to the program's stdin; resolves when the system took it. A program that reads no more is no error. */
  async write(data: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#child.stdin?.write(data, () => resolve()));
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  /**
   * Resolves with the match once `pattern` stands in what `stream` has written.
   * @throws Error with the output when the program ends or `deadline` ms pass before it does
   */
  async waitFor(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout', deadline = 15_000): Promise<RegExpMatchArray> {
    const end = performance.now() + deadline;
    for (;;) {
      const match = this[stream].toString().match(pattern);
      if (match !== null) return match;
      const left = end - performance.now();
      if (this.#end !== null) throw new Error(`${this.name} ended before ${pattern}:\n${this.#output()}`);
      if (left <= 0) throw new Error(`${this.name}: no ${pattern} within ${deadline} ms:\n${this.#output()}`);
      await this.#change(left);
    }
  }

  /** Sends `signal` to the program and its process group; nothing when it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.#end !== null) return;
    try {
      process.kill(-this.pid, signal);
    } catch (cause) {
      if (!isNoSuchProcess(cause)) throw cause;
    }
  }

  /** Asks it to end, after `patience` ms makes it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', patience = 5_000): Promise<ProgramEnd> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal('SIGKILL'), patience);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #collect(name: 'stdout' | 'stderr'): void {
    this.#child[name]?.on('data', (chunk: Buffer) => {
      this.#chunks[name].push(chunk);
      this.#tell();
    });
    // A program that ends with input unread breaks the pipe; that is for the test to judge by its end.
    this.#child.stdin?.on('error', () => this.#tell());
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, deadline);
      this.#listeners.add(finish);
    });
  }

  #output(): string {
    return `${this.stdout.toString()}${this.stderr.toString()}`;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH';
}
