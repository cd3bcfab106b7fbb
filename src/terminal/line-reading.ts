/** What the line tracker says about the line that a key is about to submit. */
import type { CommandContext, CommandLine } from '../model/command-line.ts';

/**
 * When the verdict on a text counts that is not plainly the line. `parsed`: a part, which need not make sense by
 * itself. `flagged`: text that was typed but has gone, unless a rule names it. `named`: a reading that is not
 * likely, which counts only when a rule names it.
 */
export type CandidateWeight = 'parsed' | 'flagged' | 'named';

/** One text that may run; all candidates must pass, the strictest verdict wins. */
export interface LineCandidate {
  readonly text: string;
  readonly context: CommandContext;
  readonly counts?: CandidateWeight;
}

/** How the line was established; see ARCHITECTURE.md on reading the line. */
export type ReadingPath = 'fast' | 'echo' | 'unconfirmed' | 'settled' | 'unanchored';

/** Where the line stands. */
export type LinePlace = 'prompt' | 'continuation' | 'search' | 'alternate' | 'hidden';

/** The prompt that a line stands behind. */
export interface PromptView {
  /** The cells left of the line on its first row; empty when there is none or it is not known. */
  readonly text: string;
  /** Grows with every line that is begun; equal values mean the same line on the screen. */
  readonly anchor: number;
  /** Seen before with a line behind it that was echoed. */
  readonly known: boolean;
}

/** A statement over several lines, as one. */
export interface WholeStatement {
  readonly text: string;
  /** The prompt of its first line, and what reads it. */
  readonly prompt: string;
  readonly context: CommandContext;
}

export interface LineReading {
  readonly line: CommandLine;
  /** Every text that may be about to run, most likely first; empty for an empty line. */
  readonly candidates: readonly LineCandidate[];
  readonly path: ReadingPath;
  readonly place: LinePlace;
  readonly prompt: PromptView;
  /** Set at the place `continuation` when all lines of the statement can be typed on one. */
  readonly statement?: WholeStatement;
  /** The text may be cleared, typed again and compared: exact shell text without history signs, TAB or controls. */
  readonly releasable: boolean;
  /** Why it is not releasable, or what else people should know: a sentence without full stop. */
  readonly why?: string;
}
