/** One submission of a channel without a screen, as it is put to the policy and, if need be, to people. */
import type { CommandLine } from '../model/command-line.ts';
import type { Decision } from '../model/decision.ts';

export interface SubmissionRequest {
  readonly line: CommandLine;
  readonly decision: Decision;
  /** Exactly what passes if it passes. */
  readonly bytes: Uint8Array;
  /** Decides anew, with the policy and the authority of the moment of release. */
  readonly decideAgain: () => Promise<Decision>;
}
