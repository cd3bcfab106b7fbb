/** Collects what the analyser finds while it walks. Bounded: it stops taking in after a fixed number of parts. */
import type { Analysis, OpaquePart, OpaqueReason, SimpleCommand } from '../analysis.ts';

/** More commands than this in one submission cannot be shown to anybody. */
const MOST_COMMANDS = 10_000;
const MOST_OPAQUE = 100;

export class AnalysisBuilder {
  readonly #commands: SimpleCommand[] = [];
  readonly #opaque: OpaquePart[] = [];
  #unparsable: string | null = null;
  #incomplete: string | null = null;
  #pipelines = 0;

  /** How many commands there are; marks a place for `since`. */
  get size(): number {
    return this.#commands.length;
  }

  since(mark: number): readonly SimpleCommand[] {
    return this.#commands.slice(mark);
  }

  nextPipeline(): number {
    this.#pipelines += 1;
    return this.#pipelines;
  }

  add(command: SimpleCommand): void {
    if (this.#commands.length < MOST_COMMANDS) this.#commands.push(command);
    else this.unparsable(`more than ${MOST_COMMANDS} commands`);
  }

  get full(): boolean {
    return this.#commands.length >= MOST_COMMANDS;
  }

  opaque(reason: OpaqueReason, detail: string, word: string | null, rewrite: string | null): void {
    this.opaquePart({ reason, detail, word, rewrite });
  }

  opaquePart(part: OpaquePart): void {
    if (this.#opaque.length < MOST_OPAQUE) this.#opaque.push(part);
  }

  unparsable(why: string): void {
    this.#unparsable ??= why;
  }

  incomplete(what: string): void {
    this.#incomplete ??= what;
  }

  finish(dialectUnsure: boolean): Analysis {
    return {
      commands: this.#commands,
      opaque: this.#opaque,
      unparsable: this.#unparsable,
      incomplete: this.#incomplete,
      tooLong: null,
      dialectUnsure,
    };
  }
}
