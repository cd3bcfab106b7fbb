/**
 * `match` as people write it: what a command must look like. Members are ANDed, lists inside one member ORed;
 * one `match` must hold on one command, not be pieced together from two.
 */
import { z } from 'zod';
import { strictObject } from '../../base/strict-object.ts';
import { type Words, words } from './selector-file.ts';

/** A plain list means `any`. */
export type WordTest =
  | Words
  | {
      readonly any?: readonly string[];
      readonly every?: readonly string[];
      readonly all?: readonly string[];
      readonly none?: readonly string[];
      readonly only?: readonly string[];
    };

export interface MatchFile {
  readonly any?: true | readonly MatchFile[];
  readonly all?: readonly MatchFile[];
  readonly not?: MatchFile;
  /** Globs over catalogue and `meta.*` ids. */
  readonly catalogue?: Words;
  /** `high`, `>=high`, `<=medium`, or a list of severities. */
  readonly severity?: Words;
  /** Globs over the command's base name. */
  readonly command?: Words;
  /** Words that appear in this order among the leading operands: `reset`, `cache wipe`. */
  readonly subcommand?: Words;
  /** Aliases joined by `|`: `-r|-R|--recursive`. */
  readonly flags?: WordTest;
  /** Path globs over operands. */
  readonly operands?: WordTest;
  /** Path globs over operands, files read and files written. */
  readonly path?: Words;
  readonly reads?: Words;
  readonly writes?: Words;
  /** Wrappers it was reached through. */
  readonly via?: WordTest;
  /** Names of variables that it sets. */
  readonly assigns?: Words;
  /** Regular expression over the command's words joined by blanks. */
  readonly regex?: string;
  readonly remote?: boolean;
  /** The whole line is on the shipped read-only list. */
  readonly readonly?: boolean;
  /** A channel request without text. */
  readonly request?: Words;
  /** SHA-256 (hex) of the exact text; lets a known long line pass. */
  readonly sha256?: Words;
}

const list = z.array(z.string().min(1)).min(1);
const wordTest: z.ZodType<WordTest> = z.union(
  [
    z.string().min(1),
    list,
    strictObject({
      any: list.exactOptional(),
      every: list.exactOptional(),
      all: list.exactOptional(),
      none: list.exactOptional(),
      only: list.exactOptional(),
    }),
  ],
  { error: 'expected a word, a list of words, or { any | every | all | none | only: [...] }' },
);

export const matchFile: z.ZodType<MatchFile> = strictObject({
  get any() {
    return z.union([z.literal(true), z.array(matchFile).min(1)], { error: 'expected true or a list' }).exactOptional();
  },
  get all() {
    return z.array(matchFile).min(1).exactOptional();
  },
  get not() {
    return matchFile.exactOptional();
  },
  catalogue: words.exactOptional(),
  severity: words.exactOptional(),
  command: words.exactOptional(),
  subcommand: words.exactOptional(),
  flags: wordTest.exactOptional(),
  operands: wordTest.exactOptional(),
  path: words.exactOptional(),
  reads: words.exactOptional(),
  writes: words.exactOptional(),
  via: wordTest.exactOptional(),
  assigns: words.exactOptional(),
  regex: z.string().min(1).exactOptional(),
  remote: z.boolean().exactOptional(),
  readonly: z.boolean().exactOptional(),
  request: words.exactOptional(),
  sha256: words.exactOptional(),
}).refine((value) => Object.keys(value).length > 0, 'is empty; write { any: true } to match every command');
