/** What a catalogue entry is: one kind of danger, with the reason that people are shown and examples that are run as tests. */

import type { Severity } from '../../model/decision.ts';
import type { StructuralFact } from '../analysis.ts';
import type { CommandTest } from '../matching/command-test.ts';

/** A line of shell, or text of a psql prompt. */
export type Example = string | { readonly psql: string };

/** What a command must do at all before it is worth asking the test of a case that any command could meet. */
export type Need = 'reads' | 'writes' | 'removes' | 'assigns' | 'redirects' | 'init-script';

/** One way to match: the command has one of the names (a trailing `*` is a wildcard) and passes the test. */
export interface EntryCase {
  /** Absent: any command, if it meets `need`. */
  readonly commands?: readonly string[];
  readonly need?: Need;
  /** Absent: the name is enough. */
  readonly test?: CommandTest;
}

export interface CatalogueEntry {
  /** `family.name` */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence: why this is dangerous. */
  readonly why: string;
  /** What to do instead, when there is something safer. */
  readonly alternative?: string;
  readonly cases: readonly EntryCase[];
  /** Matches every command that carries this fact of the text's structure. */
  readonly fact?: StructuralFact;
  /** More general ids that say nothing new when this one matched the same command. */
  readonly hides?: readonly string[];
  readonly positive: readonly Example[];
  readonly negative: readonly Example[];
}

/** `commands` as people list them: names separated by blanks. */
export function on(commands: string, test?: CommandTest): EntryCase {
  return test === undefined ? { commands: commands.split(' ') } : { commands: commands.split(' '), test };
}

/** Any command that reads, writes, removes ... something and passes. */
export function anyThat(need: Need, test: CommandTest): EntryCase {
  return { need, test };
}
