/** What the tracker knows about a line besides its text. */
import type { CookedLine } from './cooked-line.ts';
import type { KeyToken } from './key-token.ts';
import type { PromptView } from './line-reading.ts';
import type { SessionLines } from './session-lines.ts';

export interface ReadingFacts {
  readonly token: KeyToken;
  readonly prompt: PromptView;
  /** The line stands behind a prompt that was there when it began; false when it was typed ahead. */
  readonly anchored: boolean;
  /** The whole logical row, prompt included. */
  readonly row: string;
  /** The line may have been filled by the editor before the first key. */
  readonly prefillSuspected: boolean;
  /** What stands in the place of the end of the prompt: it may be the beginning of the line. */
  readonly overlap: string;
  readonly searching: boolean;
  /** It took a wait to come to the verdict. */
  readonly waited: boolean;
  /** Keys sent before the prompt came back that may belong to the line. */
  readonly carried: string;
  /** Keys typed into a full-screen program that has ended; the line may begin with them. */
  readonly strayed: string;
  /** The line as the keys alone make it, with what was typed before the place where it seems to begin. */
  readonly cooked: CookedLine;
  /** A reason to distrust the line whatever the verdict says. */
  readonly distrust: string | undefined;
  readonly lines: SessionLines;
}
