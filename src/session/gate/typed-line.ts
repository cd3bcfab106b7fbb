/** The way of a line that was typed into the target's own editor: it stands there, and its submit key is held. */
import type { KeyToken } from '../../terminal/key-token.ts';
import type { LineReading } from '../../terminal/line-reading.ts';
import { type Cleared, clearLine, type StandingLine } from './clear-line.ts';
import { type ExpandingParts, expandAbbreviations } from './expand-abbreviations.ts';
import { heldRows } from './held-rows.ts';
import type { LineWay, ReadyLine } from './line-way.ts';
import type { Step } from './stepper.ts';

export interface TypedLineParts extends ExpandingParts {
  readonly step: Step;
  readonly signal: AbortSignal;
  /** Aborted when the session has ended. */
  readonly ended: AbortSignal;
}

export class TypedLine implements LineWay {
  readonly kind = 'typed';
  readonly #parts: TypedLineParts;

  constructor(parts: TypedLineParts) {
    this.#parts = parts;
  }

  /** Where the shell would replace a part of the line at Enter, that is made visible first. */
  async read(key: KeyToken): Promise<LineReading> {
    const { signal, step, tracker } = this.#parts;
    const reading = await step('the line', () => tracker.resolve(key, signal));
    if (key.kind !== 'submit' || !(await expandAbbreviations(this.#parts, signal))) return reading;
    return step('the line', () => tracker.resolve(key, signal));
  }

  objection(): null {
    return null;
  }

  prepare(line: ReadyLine): Promise<{ readonly line: ReadyLine; readonly differs: null }> {
    return Promise.resolve({ line, differs: null });
  }

  recheck(): null {
    return null;
  }

  typing(): void {
    // It was typed before.
  }

  sent(): void {
    // What follows is read from the screen.
  }

  clear(line: StandingLine): Promise<Cleared> {
    return clearLine(this.#parts, line, this.#parts.ended);
  }

  rows(): readonly string[] {
    return heldRows(this.#parts.emulator);
  }
}
