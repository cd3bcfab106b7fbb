/**
 * Passes data that nothing on the other side reads as commands: file transfers, and the input of an admitted
 * command that is no interpreter. During a lockdown, and while somebody froze the session, nothing passes: input waits.
 */
import type { LockdownState } from '../approval/lockdown.ts';
import type { Unsubscribe } from '../base/signal.ts';
import type { ChannelGate } from './channel-gate.ts';
import type { Clearance } from './clearance.ts';
import type { TargetLeg, UserLeg } from './ports.ts';

export interface StreamGateParts {
  readonly user: UserLeg;
  readonly target: TargetLeg;
  /** Clears input on the strength of the decision or grant that admitted the command. */
  readonly clear: (bytes: Uint8Array) => Clearance;
  readonly lockdown: LockdownState;
  /** Called when the user's end takes no more for now. */
  readonly onUserFull: () => void;
}

export class StreamGate implements ChannelGate {
  readonly #parts: StreamGateParts;
  readonly #forget: Unsubscribe;
  #open = true;
  /** What came in before the user's end heard that it has to wait. */
  #waiting: Uint8Array[] = [];
  #endWaits = false;
  /** Somebody froze the input. */
  #halted = false;

  constructor(parts: StreamGateParts) {
    this.#parts = parts;
    this.#forget = parts.lockdown.onChange(() => this.#release());
  }

  input(bytes: Uint8Array): void {
    if (!this.#open) return;
    if (this.#locked) {
      this.#waiting.push(bytes);
      this.#parts.user.pauseInput();
    } else if (!this.#parts.target.write(this.#parts.clear(bytes))) {
      this.#parts.user.pauseInput();
    }
  }

  inputEnd(): void {
    if (!this.#open) return;
    if (this.#locked) this.#endWaits = true;
    else this.#parts.target.endInput();
  }

  output(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void {
    const { user, onUserFull } = this.#parts;
    const room = stream === 'stdout' ? user.write(bytes) : user.writeError(bytes);
    if (!room) onUserFull();
  }

  targetDrained(): void {
    if (this.#open && !this.#locked) this.#parts.user.resumeInput();
  }

  resize(): void {
    // There is no terminal whose size could change.
  }

  presence(): void {
    // Nothing is ever held here.
  }

  drop(): void {
    // Nothing is ever held here.
  }

  halt(): void {
    this.#halted = true;
  }

  resume(): void {
    this.#halted = false;
    this.#release();
  }

  close(): void {
    this.#open = false;
    this.#forget();
  }

  get #locked(): boolean {
    return this.#halted || this.#parts.lockdown.current !== null;
  }

  #release(): void {
    if (this.#locked || !this.#open) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#parts.user.resumeInput();
    for (const bytes of waiting) this.input(bytes);
    if (this.#endWaits) this.#parts.target.endInput();
  }
}
