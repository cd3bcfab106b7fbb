/**
 * What the user sees, and the emulator that sees the same. Output goes to both; while a panel covers the screen
 * it goes to the emulator and is kept for the user, up to a limit at which the target is paused.
 */
import type { Clock } from '../../base/clock.ts';
import type { TerminalSize } from '../../model/session.ts';
import type { Emulator } from '../../terminal/emulator.ts';
import { noticeAbove, noticeHere } from '../../terminal/notice.ts';
import { Overlay } from '../../terminal/overlay.ts';
import type { PanelFrame } from '../../terminal/panel.ts';
import type { FlowValve } from '../flow-valve.ts';
import type { UserLeg } from '../ports.ts';
import type { GateRecorder, GateTracker } from './collaborators.ts';

/** Bytes of output kept while a panel is up before the target is paused. */
export const HELD_OUTPUT_LIMIT: number = 1 << 20;
/** How long a half-sent control sequence of the target is waited for before a panel opens, ms. */
const GROUND_WAIT = 500;
/** How long a target may take to answer Enter before our line is shown without it, ms. */
const ECHO_WAIT = 1000;
/** CAN (ECMA-48): ends a control sequence without effect. */
const CANCEL_SEQUENCE = new Uint8Array([0x18]);

export interface UserScreenParts {
  readonly user: UserLeg;
  readonly emulator: Emulator;
  readonly tracker: GateTracker;
  readonly recorder: GateRecorder;
  readonly valve: FlowValve;
  readonly clock: Clock;
  readonly term: string;
}

type View =
  | { readonly kind: 'open' | 'closed' }
  | { readonly kind: 'covered'; readonly overlay: Overlay; readonly held: Uint8Array[]; size: number };

export class UserScreen {
  readonly #parts: UserScreenParts;
  readonly #listeners = new Set<() => void>();
  #view: View = { kind: 'open' };

  constructor(parts: UserScreenParts) {
    this.#parts = parts;
  }

  /** Output of the target, already recorded. */
  output(bytes: Uint8Array): void {
    const { emulator, tracker, valve } = this.#parts;
    if (this.#view.kind === 'open') this.#show(bytes);
    emulator.write(bytes);
    tracker.received();
    if (this.#view.kind === 'covered') {
      this.#view.held.push(bytes);
      this.#view.size += bytes.length;
      if (this.#view.size > HELD_OUTPUT_LIMIT) valve.shut('panel');
    }
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls `listener` after each piece of output was parsed. */
  onOutput(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get size(): TerminalSize {
    return { cols: this.#parts.emulator.cols, rows: this.#parts.emulator.rows };
  }

  get covered(): boolean {
    return this.#view.kind === 'covered';
  }

  /** Resolves when the output stands between two sequences, so that a panel can be drawn; ends a stuck one. */
  async ground(): Promise<void> {
    const { emulator, clock } = this.#parts;
    if (emulator.isGround) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        stop();
        cancel();
        resolve();
      };
      const cancel = clock.after(GROUND_WAIT, finish);
      const stop = this.onOutput(() => {
        if (emulator.isGround) finish();
      });
    });
    if (!emulator.isGround) this.#own(CANCEL_SEQUENCE);
  }

  /** Covers the screen with a panel, or shows another state of it. */
  cover(frame: PanelFrame): void {
    if (this.#view.kind === 'closed') return;
    if (this.#view.kind === 'covered') {
      this.#show(bytesOf(this.#view.overlay.draw(frame)));
      return;
    }
    const overlay = new Overlay(this.#parts.emulator, this.#parts.term);
    this.#view = { kind: 'covered', overlay, held: [], size: 0 };
    this.#show(bytesOf(overlay.open(frame)));
  }

  /** Puts the screen back and shows what the target wrote meanwhile. */
  uncover(): void {
    if (this.#view.kind !== 'covered') return;
    const { overlay, held } = this.#view;
    this.#view = { kind: 'open' };
    for (const bytes of overlay.close(held)) this.#show(bytes);
    this.#parts.valve.open('panel');
  }

  resize({ cols, rows }: TerminalSize): void {
    this.#parts.emulator.resize(cols, rows);
    if (this.#view.kind === 'covered') this.#view.overlay.resize();
  }

  /**
   * One of our lines above the one with the cursor, behind the rows of `kept`: on the user's screen, emulator and
   * recording alike. The screen must not be covered.
   */
  say(text: string, kept: readonly string[] = []): void {
    this.#own(noticeAbove(this.#parts.emulator, text, kept));
  }

  /**
   * Says `text` once the cursor has left the line that was just submitted. Before that a line editor may still
   * redraw its line, and a row of ours under it would confuse it.
   */
  async sayBelowLine(text: string): Promise<void> {
    const { emulator, clock } = this.#parts;
    const mark = emulator.markCursor();
    await new Promise<void>((resolve) => {
      const say = (): void => {
        stop();
        cancel();
        this.#own(emulator.cursor.column === 0 ? noticeHere(emulator, text) : noticeAbove(emulator, text));
        resolve();
      };
      const cancel = clock.after(ECHO_WAIT, say);
      const stop = this.onOutput(() => {
        if (emulator.isGround && emulator.cursor.line !== mark?.line) say();
      });
    });
    mark?.dispose();
  }

  /** Nothing of ours is shown any more. */
  close(): void {
    this.uncover();
    this.#view = { kind: 'closed' };
  }

  bell(): void {
    this.#show(new Uint8Array([7]));
  }

  #own(bytes: Uint8Array): void {
    if (this.#view.kind === 'closed') return;
    const { emulator, recorder } = this.#parts;
    recorder.output(bytes);
    this.#show(bytes);
    emulator.write(bytes);
  }

  #show(bytes: Uint8Array): void {
    if (!this.#parts.user.write(bytes)) this.#parts.valve.shut('user');
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
