/** What a gate asks of a line tracker; `LineTracker` is the one that is used, tests pass their own. */
import type { Clock } from '../base/clock.ts';
import type { Emulator } from './emulator.ts';
import type { KeyToken } from './key-token.ts';
import type { LineReading, PromptView } from './line-reading.ts';

export interface LineTrackerApi {
  /** Whether the token must be resolved and decided before it is forwarded. */
  submits(token: KeyToken): boolean;
  /** Just before the token is forwarded. */
  sent(token: KeyToken): void;
  /** After the emulator has parsed output of the target. */
  received(): void;
  /** Waits for the echo as long as it takes (bounded) and reads the line. Rejects only when `signal` aborts. */
  resolve(submit: KeyToken, signal: AbortSignal): Promise<LineReading>;
  /** After the submit key was sent: did the target take the line? */
  confirm(reading: LineReading, signal: AbortSignal): Promise<'executed' | 'not-executed'>;
  /** How long the target takes to answer a key, ms. */
  readonly roundTrip: number;
  /** Whether the line on the screen is empty, for verifying a discard. */
  lineState(): 'empty' | 'not-empty' | 'unknown';
  promptNow(): PromptView;
  /** The text of the line exactly as its cells show it. */
  cellsOfLine(): string;
  /** Forget what is known about the current line; lines are opaque until the next clean prompt. */
  resync(): void;
}

export interface LineTrackerOptions {
  readonly emulator: Emulator;
  readonly clock: Clock;
  /** Round trip to the target in ms, if the connection knows it. */
  readonly roundTrip: () => number | undefined;
}
