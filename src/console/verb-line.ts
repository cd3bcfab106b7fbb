/** From words to a verb call, for `ssh bastion VERB ...`: no shell, no evaluation, never a guess. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import { nearestWord } from '../base/nearest-word.ts';
import { visibleShort } from '../base/visible.ts';
import type { OptionSpec, Verb, VerbCall, VerbSpec } from './verb.ts';

export interface ParsedVerb {
  readonly verb: Verb;
  readonly call: VerbCall;
  readonly json: boolean;
  readonly noInput: boolean;
  readonly help: boolean;
}

const SHARED: readonly OptionSpec[] = [
  { name: 'json', help: 'one JSON object a line' },
  { name: 'no-input', help: 'fail instead of asking' },
  { name: 'help', short: 'h', help: 'show help' },
];

/**
 * Splits a command as a client sends it into words: blanks separate, single and double quotes and backslashes
 * protect. @throws HeldlineError `usage.quote` on an unfinished quote
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const piece of piecesOf(text)) {
    if (piece.kind === 'blank') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + piece.text;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

type Piece = { readonly kind: 'blank' } | { readonly kind: 'text'; readonly text: string };

function piecesOf(text: string): Piece[] {
  const pattern =
    /(?<blank>\s+)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<plain>[^\s'"\\]+)/gsu;
  const pieces: Piece[] = [];
  let end = 0;
  for (const { index, 0: whole, groups = {} } of text.matchAll(pattern)) {
    if (index !== end) break;
    end += whole.length;
    pieces.push(groups['blank'] === undefined ? { kind: 'text', text: decoded(groups) } : { kind: 'blank' });
  }
  if (end !== text.length) throw usage('a quote in this command is not closed');
  return pieces;
}

function decoded({ single, double, escaped, plain }: Record<string, string | undefined>): string {
  return single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '';
}

/** The verb that `words` name with its arguments. @throws HeldlineError kind `usage`, with the nearest verb */
export function parseVerb(words: readonly string[], verbs: readonly Verb[]): ParsedVerb {
  const verb = findVerb(words, verbs);
  const { values, positionals } = parseOptions(words.slice(verb.spec.path.length), verb.spec);
  const help = values['help'] === true;
  if (!help) checkArguments(verb.spec, positionals);
  return {
    verb,
    call: { arguments: positionals, options: values },
    json: values['json'] === true,
    noInput: values['no-input'] === true,
    help,
  };
}

function findVerb(words: readonly string[], verbs: readonly Verb[]): Verb {
  const matching = verbs.filter(({ spec }) => spec.path.every((part, i) => words[i] === part));
  const longest = matching.sort((a, b) => b.spec.path.length - a.spec.path.length)[0];
  if (longest !== undefined) return longest;
  const typed = words.slice(0, 2).join(' ');
  const names = verbs.map(({ spec }) => spec.path.join(' '));
  const close = nearestWord(typed, names) ?? nearestWord(words[0] ?? '', names);
  const hint = close === undefined ? 'See all: ssh bastion help' : `Did you mean "${close}"?`;
  throw usage(`there is no command "${visibleShort(typed, 60)}"`, hint);
}

type OptionValues = Record<string, string | boolean | string[] | undefined>;

function parseOptions(words: readonly string[], spec: VerbSpec): { values: OptionValues; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const option of [...SHARED, ...spec.options]) {
    options[option.name] = {
      type: option.value === undefined ? 'boolean' : 'string',
      multiple: option.many === true,
      ...(option.short === undefined ? {} : { short: option.short }),
    };
  }
  try {
    const parsed = parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
    return { values: parsed.values as OptionValues, positionals: parsed.positionals };
  } catch (failure) {
    throw usage(visibleShort(describeFailure(failure), 200), `See: ${spec.path.join(' ')} --help`);
  }
}

function checkArguments(spec: VerbSpec, given: readonly string[]): void {
  const missing = spec.arguments.filter((argument) => argument.required)[given.length];
  const name = spec.path.join(' ');
  if (missing !== undefined) throw usage(`${name} needs ${missing.name}: ${missing.help}`, `See: ${name} --help`);
  if (given.length > spec.arguments.length) {
    const extra = visibleShort(given[spec.arguments.length] ?? '', 40);
    throw usage(`${name} does not take "${extra}"`, `See: ${name} --help`);
  }
}

function usage(message: string, hint?: string): HeldlineError {
  return new HeldlineError('usage', message, { kind: 'usage', ...(hint === undefined ? {} : { hint }) });
}
