/** Finds the place on the screen where the line that is edited begins, and keeps it with its line. */
import { anchorTypedAhead, type CaptureOptions, captureAnchor, followAnchor } from './anchor.ts';
import { type EditedLine, isTypedAhead } from './edited-line.ts';
import type { Emulator } from './emulator.ts';
import type { PromptMemory } from './prompt-memory.ts';

export class Anchoring {
  readonly #emulator: Emulator;
  readonly #prompts: PromptMemory;
  #id = 0;
  /** Prompt marks up to this ordinal were there before the last submit. */
  #marksAfter = 0;

  constructor(emulator: Emulator, prompts: PromptMemory) {
    this.#emulator = emulator;
    this.#prompts = prompts;
  }

  /** Grows with every line that is begun. */
  get id(): number {
    return this.#id;
  }

  lineBegins(): void {
    this.#id += 1;
  }

  lineEnds(): void {
    this.#marksAfter = this.#emulator.promptMark?.ordinal ?? 0;
  }

  /** The line begins where the cursor is. @returns whether that is behind a known prompt */
  place(line: EditedLine): boolean {
    line.anchor = captureAnchor(this.#emulator, this.#options());
    if (line.anchor?.prefilled === true) line.keys.lose('text that stood there before the first key');
    return line.anchor !== undefined && this.#prompts.knows(line.anchor.prompt);
  }

  /** Keeps the anchor with its line; if it has none, `ahead` looks for one that was typed before its prompt was there. */
  keep(line: EditedLine, ahead: boolean): void {
    if (line.anchor !== undefined) line.anchor = followAnchor(this.#emulator, line.anchor);
    else if (ahead && isTypedAhead(line) && !this.#emulator.alternate) {
      line.anchor = anchorTypedAhead(this.#emulator, this.#options(), line.keys.before);
    }
  }

  #options(): CaptureOptions {
    return { id: this.#id, prompts: this.#prompts, marksAfter: this.#marksAfter };
  }
}
