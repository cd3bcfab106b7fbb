/**
 * The user's end with the line of the bastion's editor on it. Whatever else is shown takes the line off first, so
 * that the target's output meets the screen that the emulator knows.
 */
import type { ExitStatus } from '../../model/session.ts';
import { canPaint, paintEditor, unpaintEditor } from '../../terminal/editor-paint.ts';
import type { ShownLine } from '../../terminal/editor-view.ts';
import type { Emulator } from '../../terminal/emulator.ts';
import { PREPARE_TO_DRAW, repaint, restoreState, snapshotOf } from '../../terminal/restore.ts';
import type { Presence, UserLeg, UserLegListener } from '../ports.ts';

const CLEAR_SCREEN = '\x1b[2J';

export class LinePainter implements UserLeg {
  readonly #user: UserLeg;
  readonly #emulator: Emulator;
  #painted = false;

  constructor(user: UserLeg, emulator: Emulator) {
    this.#user = user;
    this.#emulator = emulator;
  }

  /** Shows the line, unless the screen does not allow it now. An empty one leaves the screen alone. */
  paint(line: ShownLine, secret: boolean): void {
    if (!canPaint(this.#emulator)) return;
    const { before, after, labels = [] } = line;
    if (before.length + after.length + labels.length === 0) {
      this.erase();
      return;
    }
    this.#painted = true;
    this.#show(paintEditor(this.#emulator, line, secret));
  }

  erase(): void {
    if (!this.#painted) return;
    this.#painted = false;
    this.#show(unpaintEditor(this.#emulator));
  }

  /** Draws the whole screen anew, as the emulator has it: after a change of size nobody knows where the line went. */
  redraw(): void {
    if (!canPaint(this.#emulator)) return;
    this.#painted = false;
    const screen = snapshotOf(this.#emulator);
    this.#show(`${PREPARE_TO_DRAW}${CLEAR_SCREEN}${repaint(screen)}${restoreState(screen)}`);
  }

  get painted(): boolean {
    return this.#painted;
  }

  write(bytes: Uint8Array): boolean {
    this.erase();
    return this.#user.write(bytes);
  }

  writeError(bytes: Uint8Array): boolean {
    this.erase();
    return this.#user.writeError(bytes);
  }

  get door(): UserLeg['door'] {
    return this.#user.door;
  }

  get presence(): Presence {
    return this.#user.presence;
  }

  get roundTrip(): number | undefined {
    return this.#user.roundTrip;
  }

  attach(listener: UserLegListener): void {
    this.#user.attach(listener);
  }

  pauseInput(): void {
    this.#user.pauseInput();
  }

  resumeInput(): void {
    this.#user.resumeInput();
  }

  finish(status: ExitStatus | null): Promise<void> {
    return this.#user.finish(status);
  }

  close(): void {
    this.#user.close();
  }

  #show(text: string): void {
    this.#user.write(new TextEncoder().encode(text));
  }
}
