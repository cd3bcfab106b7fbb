/**
 * Reads a command's words as flags, values and operands, and answers conditions on them. The grammar (which
 * options take a value, whether short options cluster) is given by the caller. It does not know any program.
 */
import type { Match, Word } from '../analysis.ts';

export interface ArgumentGrammar {
  /** `-rf` is `-r -f`. False for find, terraform and java style words, which stay whole. */
  readonly clusters: boolean;
  /** Letters of short options that take a value, e.g. `nC`. */
  readonly shortValues: string;
  /** Whole options that take a value in the next word, dashes included, e.g. `--namespace`, `-chdir`. */
  readonly longValues: readonly string[];
}

export interface FlagUse {
  /** `-r` or `--recursive`, as typed after splitting clusters and `=value`. */
  readonly name: string;
  readonly value: Word | null;
}

export interface ParsedArguments {
  readonly flags: readonly FlagUse[];
  readonly operands: readonly Word[];
  /** A dynamic word stands where it may expand to an option. */
  readonly maybeFlags: boolean;
}

/** A compiled flag condition, e.g. of `-r|-R|--recursive`. */
export interface FlagTest {
  readonly names: ReadonlySet<string>;
  readonly long: readonly string[];
}

export const PLAIN_GRAMMAR: ArgumentGrammar = { clusters: true, shortValues: '', longValues: [] };

/** Shortest abbreviation of a long option that counts: two dashes and three letters. */
const SHORTEST_PREFIX = 5;

export function staticWord(text: string): Word {
  return { text, kind: 'static', pieces: null, quoted: false };
}

interface Reader {
  readonly grammar: ArgumentGrammar;
  readonly flags: FlagUse[];
  readonly operands: Word[];
}

/** Splits words into flags and operands in any order, until `--`. Never throws. */
export function parseArguments(args: readonly Word[], grammar: ArgumentGrammar = PLAIN_GRAMMAR): ParsedArguments {
  const reader: Reader = { grammar, flags: [], operands: [] };
  let maybeFlags = false;
  for (let i = 0; i < args.length; i += 1) {
    const word = args[i];
    if (word === undefined) break;
    if (word.text === '--' && word.kind === 'static') {
      reader.operands.push(...args.slice(i + 1));
      break;
    }
    if (word.pieces?.[0]?.kind === 'dynamic') maybeFlags = true;
    i += readWord(reader, word, args[i + 1] ?? null);
  }
  return { flags: reader.flags, operands: reader.operands, maybeFlags };
}

/** Returns how many following words were taken as a value: 0 or 1. */
function readWord(reader: Reader, word: Word, next: Word | null): number {
  const text = word.text;
  if (text.length < 2 || text.charCodeAt(0) !== 45) {
    reader.operands.push(word);
    return 0;
  }
  if (text.charCodeAt(1) === 45 || !reader.grammar.clusters) return readLong(reader, word, next);
  return readCluster(reader, word, next);
}

function readLong(reader: Reader, word: Word, next: Word | null): number {
  const equals = word.text.indexOf('=');
  if (equals > 0) {
    reader.flags.push({ name: word.text.slice(0, equals), value: tailOf(word, equals + 1) });
    return 0;
  }
  // An abbreviated option keeps its value among the operands: one operand too many can only make it stricter.
  const takes = next !== null && reader.grammar.longValues.includes(word.text);
  reader.flags.push({ name: word.text, value: takes ? next : null });
  return takes ? 1 : 0;
}

function readCluster(reader: Reader, word: Word, next: Word | null): number {
  const text = word.text;
  if (text.length > 2 && reader.grammar.longValues.includes(text)) return readLong(reader, word, next);
  for (let k = 1; k < text.length; k += 1) {
    const letter = text.charAt(k);
    const name = `-${letter}`;
    if (!reader.grammar.shortValues.includes(letter)) {
      reader.flags.push({ name, value: null });
      continue;
    }
    const attached = k + 1 < text.length;
    reader.flags.push({ name, value: attached ? tailOf(word, k + 1) : next });
    return attached || next === null ? 0 : 1;
  }
  return 0;
}

/** The part of a word after its first `offset` characters, with the kind of what is left. */
export function tailOf(word: Word, offset: number): Word {
  if (word.pieces === null) return { text: word.text.slice(offset), kind: 'static', pieces: null, quoted: word.quoted };
  let skip = offset;
  const pieces = word.pieces.flatMap((piece) => {
    const cut = Math.min(skip, piece.text.length);
    skip -= cut;
    return cut === piece.text.length ? [] : [cut === 0 ? piece : { ...piece, text: piece.text.slice(cut) }];
  });
  const kind = pieces.some((piece) => piece.kind === 'dynamic')
    ? 'dynamic'
    : pieces.some((piece) => piece.kind === 'glob')
      ? 'glob'
      : 'static';
  return { text: word.text.slice(offset), kind, pieces: kind === 'static' ? null : pieces, quoted: word.quoted };
}

/** Compiles a condition such as `-r|-R|--recursive`: any of the aliases. */
export function compileFlags(condition: string): FlagTest {
  const names = condition.split('|').map((name) => name.trim());
  return { names: new Set(names), long: names.filter((name) => name.startsWith('--')) };
}

/** True when the flag is one of the aliases, or abbreviates a long one by at least three letters. */
export function isFlag(flag: FlagUse, test: FlagTest): boolean {
  if (test.names.has(flag.name)) return true;
  if (test.long.length === 0 || flag.name.length < SHORTEST_PREFIX || !flag.name.startsWith('--')) return false;
  return test.long.some((long) => long.startsWith(flag.name));
}

/** Is one of the aliases given? `possible` when only a dynamic word could bring it. */
export function matchFlags(parsed: ParsedArguments, test: FlagTest): Match {
  if (parsed.flags.some((flag) => isFlag(flag, test))) return 'yes';
  return parsed.maybeFlags ? 'possible' : 'no';
}

/** The values given to any of the aliases, in order. */
export function flagValues(parsed: ParsedArguments, test: FlagTest): readonly Word[] {
  return parsed.flags.flatMap((flag) => (flag.value !== null && isFlag(flag, test) ? [flag.value] : []));
}

/**
 * Do the pattern's words occur in this order among the first `within` operands? Each word of the pattern is
 * compared with `*` as a wildcard. `possible` when a dynamic operand would have to be one of them.
 */
export function matchSubcommand(operands: readonly Word[], pattern: readonly string[], within: number): Match {
  let next = 0;
  let sure = true;
  for (const word of operands.slice(0, within)) {
    const wanted = pattern[next];
    if (wanted === undefined) break;
    const found = word.kind === 'dynamic' || matchesWildcard(word.text, wanted);
    if (!found) continue;
    if (word.kind === 'dynamic') sure = false;
    next += 1;
  }
  if (next < pattern.length) return 'no';
  return sure ? 'yes' : 'possible';
}

/** Compares text with a pattern in which `*` stands for any run of characters. No other wildcards. */
export function matchesWildcard(text: string, pattern: string): boolean {
  if (!pattern.includes('*')) return text === pattern;
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  const limit = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > limit) return false;
    at = found + part.length;
  }
  return true;
}
