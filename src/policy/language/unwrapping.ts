/** What it means to look inside a wrapper: what a wrapper is asked and what it answers. Types and small makers. */
import type { Dialect, OpaquePart, OpaqueReason, StdinSource, StructuralFact, ViaLayer, Word } from '../analysis.ts';

/** One command as the wrapper sees it. */
export interface Invocation {
  readonly name: string;
  /** The words after the name. */
  readonly args: readonly Word[];
  readonly stdin: StdinSource;
  readonly via: readonly ViaLayer[];
  readonly dialect: Dialect;
  /** A substitution in its words runs a network client. */
  readonly network: boolean;
}

/** Something that the wrapper runs. */
export type Inner =
  | {
      readonly kind: 'argv';
      readonly words: readonly Word[];
      readonly remote?: boolean;
      readonly unseenOperands?: boolean;
      /** `NAME=value` words in front of it. */
      readonly assigns?: readonly Word[];
      readonly label?: string;
      /** Its stdin when it is not the wrapper's own. */
      readonly stdin?: StdinSource;
    }
  | {
      readonly kind: 'text';
      /** The program text; when it is dynamic the command is opaque and the rest is read as typed. */
      readonly text: Word;
      readonly scope: 'same' | 'child' | 'fresh';
      /** The text was the wrapper's input, so what it runs does not get it again. */
      readonly fromStdin?: boolean;
      readonly remote?: boolean;
      readonly label?: string;
    }
  | { readonly kind: 'sql'; readonly client: 'psql' | 'mysql'; readonly text: string }
  | { readonly kind: 'opaque'; readonly part: OpaquePart };

export interface Unwrapped {
  readonly inner: readonly Inner[];
  /** How many of `args` belong to the wrapper itself; null: all. */
  readonly own: number | null;
  readonly facts: readonly StructuralFact[];
}

/** Null: an ordinary command after all. */
export type Unwrapper = (call: Invocation) => Unwrapped | null;

export const NO_FACTS: readonly StructuralFact[] = [];

export function opaque(reason: OpaqueReason, detail: string, word: string | null, rewrite: string | null): Inner {
  return { kind: 'opaque', part: { reason, detail, word, rewrite } };
}

export function unwrapped(
  inner: readonly Inner[],
  own: number | null = null,
  facts: readonly StructuralFact[] = NO_FACTS,
): Unwrapped {
  return { inner, own, facts };
}

/** Joins words with blanks, as ssh, watch and eval do. The result is dynamic when one of them is. */
export function joinWords(words: readonly Word[]): Word {
  const text = words.map((word) => word.text).join(' ');
  if (words.every((word) => word.kind !== 'dynamic')) return { text, kind: 'static', pieces: null, quoted: true };
  return { text, kind: 'dynamic', pieces: [{ kind: 'dynamic', text }], quoted: true };
}
