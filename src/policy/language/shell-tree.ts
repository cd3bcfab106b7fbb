/**
 * The shell syntax tree that the analyser walks: only what the policy needs, independent of the parser that
 * made it. Types only.
 */

/** A word before expansion. `parts` is null when it is plain text without expansions. */
export interface RawWord {
  /** As typed. */
  readonly source: string;
  /** After quote removal; expansions stand as typed. */
  readonly text: string;
  readonly quoted: boolean;
  readonly parts: readonly RawPart[] | null;
}

export interface ParameterPart {
  readonly kind: 'parameter';
  readonly source: string;
  readonly quoted: boolean;
  readonly name: string;
  /** `$x` or `${x}` without operation, index or indirection. */
  readonly plain: boolean;
  /** `${x@P}` expands the value once more. */
  readonly reExpands: boolean;
  /** Operands and subscripts. */
  readonly words: readonly RawWord[];
}

export interface SubstitutionPart {
  readonly kind: 'substitution';
  readonly source: string;
  readonly quoted: boolean;
  /** `<(…)` or `>(…)`: the word is a path, the output is not part of it. */
  readonly process: boolean;
  readonly script: ShellList;
}

export type RawPart =
  | { readonly kind: 'literal'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'glob'; readonly text: string; readonly words: readonly RawWord[] }
  | { readonly kind: 'brace'; readonly source: string }
  | ParameterPart
  | SubstitutionPart
  | {
      readonly kind: 'arithmetic';
      readonly source: string;
      readonly words: readonly RawWord[];
      readonly scripts: readonly ShellList[];
    };

export interface RawAssignment {
  readonly name: string;
  readonly append: boolean;
  readonly index: RawWord | null;
  /** Null for an array value. */
  readonly value: RawWord | null;
  readonly elements: readonly RawWord[];
}

export interface RawRedirection {
  readonly operator: '>' | '>>' | '<' | '<>' | '<&' | '>&' | '>|' | '&>' | '&>>' | '<<<' | '<<';
  readonly descriptor: number | null;
  /** For `<<`, the body: one quoted literal or a word with expansions. */
  readonly target: RawWord | null;
}

export interface CommandNode {
  readonly kind: 'command';
  readonly source: string;
  readonly assigns: readonly RawAssignment[];
  /** The name first. Assignments after the name (`export A=b`) are words too. */
  readonly words: readonly RawWord[];
  /** The assignments among `words`. */
  readonly declares: readonly RawAssignment[];
  readonly redirs: readonly RawRedirection[];
}

export type BlockKind = 'if' | 'loop' | 'case' | 'group' | 'subshell' | 'coproc';

export type ShellNode =
  | CommandNode
  | { readonly kind: 'pipeline'; readonly stages: readonly ShellNode[] }
  | {
      readonly kind: 'block';
      readonly block: BlockKind;
      /** Words outside of the bodies: the case word and patterns, the list of `for`. */
      readonly words: readonly RawWord[];
      readonly variable: string | null;
      readonly lists: readonly ShellList[];
      readonly redirs: readonly RawRedirection[];
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: ShellNode }
  | {
      readonly kind: 'expression';
      /** `[[ ]]`, `(( ))`. */
      readonly expression: 'test' | 'arithmetic';
      readonly source: string;
      readonly words: readonly RawWord[];
      readonly operators: readonly string[];
      readonly scripts: readonly ShellList[];
      readonly redirs: readonly RawRedirection[];
    }
  | { readonly kind: 'list'; readonly list: ShellList };

export interface ListItem {
  readonly node: ShellNode;
  readonly background: boolean;
  /**
   * `always`; `maybe`: right of `||` or behind one; `chained`: right of `&&` with nothing but `&&` before it, so
   * when it runs, everything before it in the chain has run too.
   */
  readonly runs: 'always' | 'maybe' | 'chained';
}

export type ShellList = readonly ListItem[];

export interface ShellTree {
  readonly list: ShellList;
  /** What the parser objected to; null when nothing. */
  readonly error: string | null;
  /** What is missing at the end; null when nothing is. */
  readonly incomplete: string | null;
}
