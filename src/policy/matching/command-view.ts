/**
 * A simple command as the catalogue and the rules look at it: flags, operands, files read, written and
 * removed. Everything is computed at most once and only when asked for. It never touches a file system.
 */
import type { Match, SimpleCommand, Word } from '../analysis.ts';
import {
  compileFlags,
  type FlagTest,
  flagValues,
  isFlag,
  matchFlags,
  type ParsedArguments,
  parseArguments,
} from '../language/arguments.ts';
import { matchPath, type PathSet } from '../language/path-pattern.ts';
import type { ArgumentView } from './argument-view.ts';
import { filesRead, filesRemoved, filesWritten } from './file-use.ts';
import { grammarOf } from './grammars.ts';
import { anyMatch } from './match-logic.ts';

/** What stands for an expansion when the likely path is asked for: a name that no pattern spells. */
const SOME_NAME = 'x0';
/** Words with wildcards or expansions in one command that are compared one by one. */
const MOST_UNKNOWN = 256;
/** Operands before a sub-command that may belong to options. */
const FURTHEST = 24;

export class CommandView implements ArgumentView {
  readonly command: SimpleCommand;
  #parsed: ParsedArguments | undefined;
  #uncertain: ReadonlySet<Word> | undefined;
  #reads: readonly Word[] | undefined;
  #writes: readonly Word[] | undefined;
  #removes: readonly Word[] | undefined;

  constructor(command: SimpleCommand) {
    this.command = command;
  }

  get name(): string {
    return this.command.name;
  }

  get parsed(): ParsedArguments {
    this.#parsed ??= parseArguments(this.command.args, grammarOf(this.command.name));
    return this.#parsed;
  }

  get operands(): readonly Word[] {
    return this.parsed.operands;
  }

  get reads(): readonly Word[] {
    this.#reads ??= filesRead(this);
    return this.#reads;
  }

  get writes(): readonly Word[] {
    this.#writes ??= filesWritten(this);
    return this.#writes;
  }

  get removes(): readonly Word[] {
    this.#removes ??= filesRemoved(this);
    return this.#removes;
  }

  /** Whether one of the aliases is given; an abbreviation of a long option counts. */
  flag(test: FlagTest): Match {
    return matchFlags(this.parsed, test);
  }

  /** Whether one of the aliases is given in full; for flags that make a command harmless. */
  exactFlag(test: FlagTest): boolean {
    return this.parsed.flags.some((flag) => test.names.has(flag.name));
  }

  values(test: FlagTest): readonly Word[] {
    return flagValues(this.parsed, test);
  }

  /** Value of the last use of an option, or of `name=value` among the words. */
  value(aliases: string): string | undefined {
    return this.values(compileFlags(aliases)).at(-1)?.text;
  }

  has(aliases: string): boolean {
    const test = compileFlags(aliases);
    return this.parsed.flags.some((flag) => isFlag(flag, test));
  }

  /** An operand that may be the value of the option before it, because the option is not known. */
  isUncertain(operand: Word): boolean {
    this.#uncertain ??= uncertainOperands(this.command.args);
    return this.#uncertain.has(operand);
  }

  /**
   * Whether the operands begin with the pattern's words; `*` stands for any one. Operands that may belong to an
   * unknown option are tried both ways; where that would go on for ever, it counts as a match.
   */
  begins(pattern: readonly string[], from = 0, word = 0): Match {
    if (word === pattern.length || from > FURTHEST) return 'yes';
    const operand = this.operands[from];
    if (operand === undefined) return 'no';
    const wanted = pattern[word] ?? '';
    const answers: Match[] = [];
    if (wanted === '*' || fits(operand.text, wanted)) answers.push(this.begins(pattern, from + 1, word + 1));
    else if (operand.kind === 'dynamic')
      answers.push(this.begins(pattern, from + 1, word + 1) === 'no' ? 'no' : 'possible');
    if (this.isUncertain(operand)) answers.push(this.begins(pattern, from + 1, word));
    return anyMatch(answers);
  }

  /**
   * Whether one of `words` may name a path of the set. What is known but for one name counts as a match. So does
   * a command with more wildcards and expansions than anybody types: comparing them all would take too long.
   * @param cwd the directory that relative paths are in; null: they are taken as they are written
   */
  path(set: PathSet, words: readonly Word[], cwd: string | null = this.command.cwd): Match {
    if (words.length > MOST_UNKNOWN && words.filter((word) => word.kind !== 'static').length > MOST_UNKNOWN)
      return 'yes';
    let best: Match = 'no';
    for (const word of words) {
      const answer = this.#wordPath(set, word, cwd);
      if (answer === 'yes') return 'yes';
      if (answer === 'possible') best = 'possible';
    }
    return best;
  }

  /** Whether one of `words`, all of them operands, is in the set as it is written, or as the path that it may name. */
  operandIn(set: PathSet, words: readonly Word[] = this.operands): Match {
    const resolved = this.path(set, words);
    return resolved === 'yes' || this.command.cwd === null
      ? resolved
      : anyMatch([resolved, this.path(set, words, null)]);
  }

  #wordPath(set: PathSet, word: Word, cwd: string | null): Match {
    if (word.pieces !== null && word.pieces.length > MOST_UNKNOWN) return 'yes';
    const answer = matchPath(set, word, cwd);
    if (answer !== 'possible' || word.pieces === null) return answer;
    return matchPath(set, likely(word), cwd) === 'yes' ? 'yes' : 'possible';
  }
}

/** The word with every expansion replaced by an ordinary name. */
function likely(word: Word): Word {
  const pieces = (word.pieces ?? []).map((piece) =>
    piece.kind === 'dynamic' ? { kind: 'literal' as const, text: SOME_NAME } : piece,
  );
  const isGlob = pieces.some((piece) => piece.kind === 'glob');
  const text = pieces.map((piece) => piece.text).join('');
  return { text, kind: isGlob ? 'glob' : 'static', pieces: isGlob ? pieces : null, quoted: word.quoted };
}

/** Compares with a pattern in which a trailing or leading `*` stands for any run of characters. */
function fits(text: string, pattern: string): boolean {
  if (!pattern.includes('*')) return text === pattern;
  if (pattern.endsWith('*') && text.startsWith(pattern.slice(0, -1))) return true;
  return pattern.startsWith('*') && text.endsWith(pattern.slice(1));
}

function uncertainOperands(args: readonly Word[]): ReadonlySet<Word> {
  const found = new Set<Word>();
  for (const [index, word] of args.entries()) {
    const before = args[index - 1];
    if (before === undefined || before.text === '--') continue;
    if (before.text.startsWith('-') && before.text.length > 1 && !before.text.includes('=')) found.add(word);
  }
  return found;
}
