/**
 * How a line gets from the user to the target and off it again. Typed into the target's own editor it stands there
 * already and only its submit key is held; in strict line mode the bastion keeps it until it may run.
 */
import type { Decision } from '../../model/decision.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import type { LineReading } from '../../terminal/line-reading.ts';
import type { Cleared, StandingLine } from './clear-line.ts';

/** A line that was read and judged, and the key that submits it. */
export interface ReadyLine {
  readonly reading: LineReading;
  readonly decision: Decision;
  readonly key: KeyToken;
}

export interface LineWay {
  readonly kind: 'typed' | 'kept';
  /** The line as it would be submitted. @throws HeldlineError when it cannot be read in time */
  read(key: KeyToken): Promise<LineReading>;
  /** Why the line may not be submitted whatever the policy says; null when it may. */
  objection(reading: LineReading): string | null;
  /**
   * Brings a line that the policy allows into the state in which only the key is missing, and judges what stands
   * there. `differs`: why that is not what was allowed.
   */
  prepare(line: ReadyLine): Promise<{ readonly line: ReadyLine; readonly differs: string | null }>;
  /** Just before the key is written, with nothing in between: why it must not be; null when it may. */
  recheck(line: ReadyLine): string | null;
  /** From here on text of the line may stand on the target. */
  typing(line: StandingLine): void;
  /** The submit key was written. */
  sent(): void;
  /** Takes a refused line off the target. */
  clear(line: StandingLine): Promise<Cleared>;
  /** The line as it looks, for showing it above a verdict: painted rows. */
  rows(): readonly string[];
}
