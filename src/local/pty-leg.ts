/** A local program in a terminal as a target leg. */
import type { Cancel, Clock } from '../base/clock.ts';
import type { TerminalSize } from '../model/session.ts';
import type { Clearance } from '../session/clearance.ts';
import type { TargetLeg, TargetLegListener } from '../session/ports.ts';
import { endGroup, signalGroup } from './end-process-group.ts';
import type { PtyCommand } from './pty-process.ts';
import { PtyProcess } from './pty-process.ts';
import { signalOf } from './signal-of.ts';

export class PtyLeg implements TargetLeg {
  readonly #process: PtyProcess;
  readonly #clock: Clock;
  readonly #released: () => void;
  #cancelKill: Cancel = () => {};
  #state: 'open' | 'closing' | 'ended' = 'open';

  /**
   * @param released called once when the program has ended
   * @throws HeldlineError as `PtyProcess.start` does
   */
  constructor(command: PtyCommand, clock: Clock, released: () => void) {
    this.#process = PtyProcess.start(command);
    this.#clock = clock;
    this.#released = released;
  }

  attach(listener: TargetLegListener): void {
    this.#process.attach({
      onOutput: (bytes) => listener.onOutput(bytes, 'stdout'),
      onDrain: () => listener.onDrain(),
      onExit: (status) => {
        this.#state = 'ended';
        this.#cancelKill();
        this.#released();
        listener.onEnd(status);
      },
    });
  }

  write(clearance: Clearance): boolean {
    return this.#process.write(clearance.bytes);
  }

  endInput(): void {
    // A terminal has no end of input besides the key for it, which the user types; sshd does the same.
  }

  resize(size: TerminalSize): void {
    this.#process.resize(size);
  }

  signal(name: string): void {
    const signal = signalOf(name);
    if (signal !== null && this.#state === 'open') signalGroup(this.#process.pid, signal);
  }

  pauseOutput(): void {
    this.#process.pause();
  }

  resumeOutput(): void {
    this.#process.resume();
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#cancelKill = endGroup(this.#process.pid, this.#clock);
    this.#process.hangUp();
  }
}
