/** What every command of the command line is given. */
import type { OwnTerminal } from './own-terminal.ts';

export interface CommandContext {
  readonly terminal: OwnTerminal;
  /** Path given by `-c/--config`, or undefined. Read when the command runs. */
  configOption(): string | undefined;
  /** Sets the exit code of the process. */
  finish(code: number): void;
}
