/** The exec channel of an SSH connection, as far as the Mosh door sees it. */
import type { Door } from '../../../../src/model/session.ts';
import type { ExitStatus, Presence, UserLeg, UserLegListener } from '../../../../src/session/ports.ts';

export class ExecLeg implements UserLeg {
  readonly door: Door = 'direct';
  readonly presence: Presence = 'attached';
  readonly roundTrip: number | undefined = undefined;
  readonly finished: Promise<ExitStatus | null>;
  output = '';
  errors = '';
  closed = false;
  #finish: (status: ExitStatus | null) => void = () => {};

  constructor() {
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  attach(_listener: UserLegListener): void {}

  write(bytes: Uint8Array): boolean {
    this.output += Buffer.from(bytes).toString();
    return true;
  }

  writeError(bytes: Uint8Array): boolean {
    this.errors += Buffer.from(bytes).toString();
    return true;
  }

  pauseInput(): void {}

  resumeInput(): void {}

  finish(status: ExitStatus | null): Promise<void> {
    this.#finish(status);
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
    this.#finish(null);
  }
}
