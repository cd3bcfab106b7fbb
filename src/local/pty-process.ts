/**
 * A program in a pseudo-terminal through node-pty, as bytes with back-pressure in both directions. Everything
 * that touches node-pty, public or private, is here. Loaded when first used: a machine without the prebuilt part
 * can do everything but this.
 */
import { chownSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type { ReadStream } from 'node:tty';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { ExitStatus, TerminalSize } from '../model/session.ts';

export interface PtyCommand {
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly size: TerminalSize;
  /** Who owns the terminal device, when that is not us. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

export interface PtyListener {
  onOutput(bytes: Buffer): void;
  onDrain(): void;
  onExit(status: ExitStatus): void;
}

/** What we use of node-pty's terminal; the socket is private there. */
interface NodePtyTerminal {
  readonly pid: number;
  readonly ptsName: string;
  readonly _socket: ReadStream;
  resize(cols: number, rows: number): void;
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): unknown;
}

type Spawn = (file: string, words: readonly string[], options: object) => unknown;

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals).map(([name, number]) => [number, name.replace(/^SIG/, '')]),
);

export class PtyProcess {
  readonly pid: number;
  readonly #terminal: NodePtyTerminal;
  readonly #destroy: ReadStream['destroy'];
  #listener: PtyListener | null = null;
  #exit: ExitStatus | null = null;
  #paused = true;

  private constructor(terminal: NodePtyTerminal) {
    this.#terminal = terminal;
    this.pid = terminal.pid;
    const socket = terminal._socket;
    socket.pause();
    this.#destroy = socket.destroy.bind(socket);
    // node-pty destroys the socket 200 ms after the program's exit; what we have not read by then would be lost.
    socket.destroy = (failure) => {
      if (!this.#paused) this.#destroy(failure);
      return socket;
    };
    socket.on('data', (bytes: Buffer) => this.#listener?.onOutput(bytes));
    socket.on('drain', () => this.#listener?.onDrain());
    terminal.onExit(({ exitCode, signal }) => this.#exited(exitStatus(exitCode, signal ?? 0)));
    socket.pause();
  }

  /** @throws HeldlineError `local.no-pty` when node-pty is not there, `target.refused` when the program does not start */
  static start(command: PtyCommand): PtyProcess {
    const spawn = loadSpawn();
    const options = {
      name: command.environment['TERM'] ?? 'dumb',
      cols: command.size.cols,
      rows: command.size.rows,
      cwd: command.directory,
      env: command.environment,
      encoding: null,
    };
    try {
      const terminal = spawn(command.program, [...command.words], options);
      if (!isTerminal(terminal))
        throw new HeldlineError('local.no-pty', 'node-pty is not the version that Heldline was built for.');
      if (command.owner !== undefined) chownSync(terminal.ptsName, command.owner.uid, command.owner.gid);
      return new PtyProcess(terminal);
    } catch (cause) {
      if (cause instanceof HeldlineError) throw cause;
      throw new HeldlineError('target.refused', `${command.program} did not start: ${describeFailure(cause)}`, {
        cause,
      });
    }
  }

  attach(listener: PtyListener): void {
    this.#listener = listener;
    this.resume();
    if (this.#exit !== null) listener.onExit(this.#exit);
  }

  /** False: wait for `onDrain`. */
  write(bytes: Uint8Array): boolean {
    return this.#terminal._socket.writable ? this.#terminal._socket.write(bytes) : true;
  }

  pause(): void {
    this.#paused = true;
    this.#terminal._socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#terminal._socket.resume();
  }

  resize(size: TerminalSize): void {
    if (this.#exit === null && !this.#terminal._socket.destroyed) this.#terminal.resize(size.cols, size.rows);
  }

  /** Closes the terminal, as a modem that hangs up: the kernel tells its programs. */
  hangUp(): void {
    this.#paused = false;
    this.#destroy();
  }

  #exited(status: ExitStatus): void {
    if (this.#exit !== null) return;
    this.#exit = status;
    this.#listener?.onExit(status);
  }
}

function loadSpawn(): Spawn {
  try {
    const library: unknown = createRequire(import.meta.url)('node-pty');
    if (typeof library === 'object' && library !== null && 'spawn' in library && typeof library.spawn === 'function') {
      return library.spawn as Spawn;
    }
  } catch (cause) {
    throw new HeldlineError(
      'local.no-pty',
      'local targets need node-pty, which has no prebuilt part for this machine.',
      {
        cause,
        hint: 'Install with npm ci and without --omit=optional, or use an SSH target.',
      },
    );
  }
  throw new HeldlineError('local.no-pty', 'node-pty is not the version that Heldline was built for.');
}

function isTerminal(value: unknown): value is NodePtyTerminal {
  if (typeof value !== 'object' || value === null) return false;
  const socket: unknown = Reflect.get(value, '_socket');
  const methods = ['resize', 'onExit'].every((name) => typeof Reflect.get(value, name) === 'function');
  return methods && typeof socket === 'object' && socket !== null && typeof Reflect.get(value, 'pid') === 'number';
}

/** @param signal its number, 0 for none */
function exitStatus(code: number, signal: number): ExitStatus {
  if (signal === 0) return { kind: 'code', code };
  return { kind: 'signal', signal: SIGNAL_NAMES.get(signal) ?? 'KILL', coreDumped: false, message: '' };
}
