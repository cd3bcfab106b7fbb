/**
 * What was found in one submission: the simple commands and SQL statements it would run, in a normal form,
 * and whatever could not be known. Types only. It does not promise that nothing else can run: aliases,
 * functions and scripts of the target are invisible here (see SECURITY.md).
 */
import type { CommandContext } from '../model/command-line.ts';

/** The shell that reads the text. `fish` and `unknown` are read as bash and marked `dialectUnsure`. */
export type Dialect = 'bash' | 'sh' | 'zsh' | 'fish' | 'unknown';

export interface AnalyseOptions {
  readonly context: CommandContext;
  readonly dialect: Dialect;
  /** Bytes of UTF-8; a longer text is `tooLong`. See `DEFAULT_LIMITS` in language/limits.ts. */
  readonly maxBytes?: number;
  /** Syntactic nesting; deeper text is unparsable. */
  readonly maxNesting?: number;
  /** The working directory on the target when it is known; relative paths resolve against it. */
  readonly cwd?: string | null;
}

/** Why a part of the text cannot be known before it runs. */
export type OpaqueReason =
  | 'command-name'
  | 'eval'
  | 'stdin'
  | 'script'
  | 'code'
  | 'history'
  | 'nesting'
  | 'continuation'
  | 're-expansion'
  | 'sql'
  | 'sql-variable'
  | 'editor'
  | 'dialect';

export interface OpaquePart {
  readonly reason: OpaqueReason;
  /** A sentence for people that names the word. */
  readonly detail: string;
  /** The word that could not be resolved, as typed; null when there is no single one. */
  readonly word: string | null;
  /** What to type instead; a sentence without a full stop, e.g. "expand $CMD yourself". */
  readonly rewrite: string | null;
}

/** Part of a word that is not all static: fixed text, a glob character, or text known only when it runs. */
export type WordPiece =
  | { readonly kind: 'literal'; readonly text: string }
  /** `*`, `**`, `?`, a bracket expression, or an extended glob, unquoted and as typed. */
  | { readonly kind: 'glob'; readonly text: string }
  /** A parameter, command or arithmetic expansion, as typed. */
  | { readonly kind: 'dynamic'; readonly text: string };

/** One word after quote removal, constant propagation and brace expansion. NFC. `$HOME` is `~` at the start. */
export interface Word {
  /** Decoded text. In a glob or dynamic word, the unresolved pieces stand as typed. */
  readonly text: string;
  readonly kind: 'static' | 'glob' | 'dynamic';
  /** Null exactly when the word is static. */
  readonly pieces: readonly WordPiece[] | null;
  /** Part of it was quoted (so a `~` or `*` in it is text). */
  readonly quoted: boolean;
}

export type RedirectOperator = '>' | '>>' | '<' | '<>' | '<&' | '>&' | '>|' | '&>' | '&>>' | '<<<' | '<<';

export interface Redirection {
  readonly operator: RedirectOperator;
  /** The descriptor written before the operator; null when none. */
  readonly descriptor: number | null;
  /** The file, the descriptor for `<&`/`>&`, or the text of `<<<` and `<<`. Null when the parser found none. */
  readonly target: Word | null;
}

export interface Assignment {
  readonly name: string;
  /** Null for an array value and for a declaration without a value. */
  readonly value: Word | null;
}

/** One layer that was unwrapped to reach a command. */
export interface ViaLayer {
  /** Base name, e.g. `sudo`, `sh`, `xargs`, `psql`; `function`, `alias`, `trap`, `eval`, `substitution` for syntax. */
  readonly name: string;
  /** For people, e.g. `sh -c`, `docker exec`. */
  readonly label: string;
}

/** What a command reads on descriptor 0, as far as the text tells. */
export type StdinSource =
  | { readonly kind: 'inherited' }
  | { readonly kind: 'static'; readonly text: string }
  /** `network`: a network client (curl, wget, nc, ssh ...) stands in an earlier stage. */
  | { readonly kind: 'pipe'; readonly network: boolean }
  | { readonly kind: 'file'; readonly word: Word | null }
  /** `<<<` or a here-document with an expansion in it. */
  | { readonly kind: 'dynamic'; readonly text: string };

/** Facts that follow from the structure of the text and not from one command's arguments. */
export type StructuralFact =
  /** A shell or language REPL with no operand and nothing but the terminal on stdin. */
  | 'nested-shell'
  /** An interactive shell as another user: `sudo -i`, `su -`, an argument-less shell under sudo. */
  | 'root-shell'
  /** A shell whose stdin is not known text. */
  | 'stdin-not-static'
  /** A shell that runs text fetched by a network client: pipe, `$(…)`, `<(…)`. */
  | 'remote-script'
  /** A function that calls itself in the background or in a pipeline of its own. */
  | 'fork-bomb'
  /** A database client that reads a file of statements (`-f`, `< file`). */
  | 'sql-file'
  /** Stands inside a function body or alias: it runs when that is called. */
  | 'definition';

/**
 * One simple command, or one SQL statement, in normal form.
 *
 * Wrappers (`sudo`, `ssh`, `docker exec` ...) are listed themselves, `transparent`, with only their own words in
 * `args`, and the inner command follows with the wrapper in `via`. A transparent entry can match a rule that
 * makes the line stricter, but needs no `allow` of its own: what it runs is judged by itself.
 */
export interface SimpleCommand {
  readonly kind: 'shell' | 'sql';
  /** Base name of the decoded first word; '' for a redirect or assignment alone; `sql` for a statement. */
  readonly name: string;
  /** The first word as decoded, e.g. `/usr/bin/rm`; '' when `name` is. */
  readonly program: string;
  /** Decoded words with the name first; for SQL, the statement as its single member. */
  readonly argv: readonly string[];
  /** The words after the name, in order, options included. */
  readonly args: readonly Word[];
  readonly assigns: readonly Assignment[];
  /** Its own redirects and those of the compound commands around it. */
  readonly redirs: readonly Redirection[];
  /** Outermost first. */
  readonly via: readonly ViaLayer[];
  /** Number of the pipeline it belongs to; unique in the analysis. */
  readonly pipeline: number;
  /** 0 for the first stage. */
  readonly stage: number;
  readonly stages: number;
  readonly stdin: StdinSource;
  /** Runs on another host (reached through ssh and the like). */
  readonly remote: boolean;
  readonly background: boolean;
  /** Reached through a wrapper and only carries it; see above. */
  readonly transparent: boolean;
  /** One or more operands are appended that the line does not show (xargs, parallel, find -exec). */
  readonly unseenOperands: boolean;
  /** Working directory when the text or the session tells; null when unknown. */
  readonly cwd: string | null;
  /** A word of it is dynamic or is matched as a glob. */
  readonly dynamic: boolean;
  readonly facts: readonly StructuralFact[];
  /** Catalogue ids found by the SQL analyser: `sql.*`, `exfil.sql-copy`. Empty for shell commands. */
  readonly sqlIds: readonly string[];
  /** SQL that reads without side effects; always false for shell commands. */
  readonly sqlReadOnly: boolean;
}

export interface Analysis {
  readonly commands: readonly SimpleCommand[];
  readonly opaque: readonly OpaquePart[];
  /** Why the text could not be parsed; null when it could. `commands` may still hold what was recovered. */
  readonly unparsable: string | null;
  /** What is missing, e.g. `closing quote`; null when the text is complete. The shell would ask for more. */
  readonly incomplete: string | null;
  /** Which limit was exceeded; null when none. Nothing was parsed then. */
  readonly tooLong: string | null;
  /** The shell is not known to be one whose syntax is understood exactly: matches `meta.dialect`. */
  readonly dialectUnsure: boolean;
}

/** Answer of a condition on words: `possible` when only a word known at run time could meet it. */
export type Match = 'yes' | 'possible' | 'no';
