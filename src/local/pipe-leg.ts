/** A local program without a terminal as a target leg: separate error output, its own process group. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Cancel, Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { TerminalSize } from '../model/session.ts';
import type { Clearance } from '../session/clearance.ts';
import type { ExitStatus, TargetLeg, TargetLegListener } from '../session/ports.ts';
import { endGroup, signalGroup } from './end-process-group.ts';
import type { LocalCommand } from './local-command.ts';
import { signalOf } from './signal-of.ts';

export class PipeLeg implements TargetLeg {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #clock: Clock;
  readonly #released: () => void;
  #cancelKill: Cancel = () => {};
  #state: 'open' | 'closing' | 'ended' = 'open';

  private constructor(child: ChildProcessWithoutNullStreams, clock: Clock, released: () => void) {
    this.#child = child;
    this.#clock = clock;
    this.#released = released;
    // A program that does not read its input to the end is common and no failure.
    child.stdin.on('error', () => {});
  }

  /**
   * Resolves once the program runs.
   * @param released called once when it has ended
   * @throws HeldlineError `target.refused` when it does not start
   */
  static start(command: LocalCommand, clock: Clock, released: () => void): Promise<PipeLeg> {
    const { program, words, environment, directory } = command;
    const child = spawn(program, words, { cwd: directory, env: { ...environment }, detached: true, stdio: 'pipe' });
    return new Promise((resolve, reject) => {
      child.once('spawn', () => resolve(new PipeLeg(child, clock, released)));
      child.once('error', (cause) =>
        reject(new HeldlineError('target.refused', `${program} did not start: ${cause.message}`, { cause })),
      );
    });
  }

  attach(listener: TargetLegListener): void {
    const { stdin, stdout, stderr } = this.#child;
    stdout.on('data', (bytes: Buffer) => listener.onOutput(bytes, 'stdout'));
    stderr.on('data', (bytes: Buffer) => listener.onOutput(bytes, 'stderr'));
    stdin.on('drain', () => listener.onDrain());
    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      if (this.#state === 'ended') return;
      this.#state = 'ended';
      this.#cancelKill();
      this.#released();
      listener.onEnd(statusOf(code, signal));
    };
    if (stdout.closed && stderr.closed) finish(this.#child.exitCode, this.#child.signalCode);
    else this.#child.once('close', finish);
  }

  write(clearance: Clearance): boolean {
    return this.#child.stdin.writable ? this.#child.stdin.write(clearance.bytes) : true;
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  resize(_size: TerminalSize): void {
    // There is no terminal.
  }

  signal(name: string): void {
    const signal = signalOf(name);
    if (signal !== null && this.#child.pid !== undefined) signalGroup(this.#child.pid, signal);
  }

  pauseOutput(): void {
    this.#child.stdout.pause();
    this.#child.stderr.pause();
  }

  resumeOutput(): void {
    this.#child.stdout.resume();
    this.#child.stderr.resume();
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#child.stdin.destroy();
    if (this.#child.pid !== undefined) this.#cancelKill = endGroup(this.#child.pid, this.#clock);
    // Whoever still holds the other ends must not keep the channel open.
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }
}

function statusOf(code: number | null, signal: NodeJS.Signals | null): ExitStatus | null {
  if (code !== null) return { kind: 'code', code };
  return signal === null
    ? null
    : { kind: 'signal', signal: signal.replace(/^SIG/, ''), coreDumped: false, message: '' };
}
