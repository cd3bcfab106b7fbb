/** What of a command is needed to tell which files it uses: its words, read as options and operands. */
import type { Match, SimpleCommand, Word } from '../analysis.ts';
import type { FlagTest, ParsedArguments } from '../language/arguments.ts';

export interface ArgumentView {
  readonly name: string;
  readonly command: SimpleCommand;
  readonly parsed: ParsedArguments;
  readonly operands: readonly Word[];
  /** Whether one of the aliases is given; an abbreviation of a long option counts. */
  flag(test: FlagTest): Match;
  /** Whether one of the aliases, joined by `|`, is given for certain. */
  has(aliases: string): boolean;
  /** The values given to any of the aliases, in order. */
  values(test: FlagTest): readonly Word[];
}
