/**
 * Passes data that nothing on the other side reads as commands: file transfers, and the input of an admitted
 * command that is no interpreter.
 */
import type { ChannelGate } from './channel-gate.ts';
import type { Clearance } from './clearance.ts';
import type { TargetLeg, UserLeg } from './ports.ts';

export interface StreamGateParts {
  readonly user: UserLeg;
  readonly target: TargetLeg;
  /** Clears input on the strength of the decision or grant that admitted the command. */
  readonly clear: (bytes: Uint8Array) => Clearance;
  /** Called when the user's end takes no more for now. */
  readonly onUserFull: () => void;
}

export class StreamGate implements ChannelGate {
  readonly #parts: StreamGateParts;
  #open = true;

  constructor(parts: StreamGateParts) {
    this.#parts = parts;
  }

  input(bytes: Uint8Array): void {
    if (!this.#open) return;
    if (!this.#parts.target.write(this.#parts.clear(bytes))) this.#parts.user.pauseInput();
  }

  inputEnd(): void {
    if (this.#open) this.#parts.target.endInput();
  }

  output(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void {
    const { user, onUserFull } = this.#parts;
    const room = stream === 'stdout' ? user.write(bytes) : user.writeError(bytes);
    if (!room) onUserFull();
  }

  targetDrained(): void {
    if (this.#open) this.#parts.user.resumeInput();
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

  close(): void {
    this.#open = false;
  }
}
