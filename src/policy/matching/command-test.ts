/**
 * The words that catalogue entries are written in: small tests on one command, combined. A test answers `yes`,
 * `no`, or `possible` when only text known at run time could make it true.
 */
import type { Match, Word } from '../analysis.ts';
import { compileFlags } from '../language/arguments.ts';
import { compilePathSet, type PathSet } from '../language/path-pattern.ts';
import type { CommandView } from './command-view.ts';
import { allMatch, anyMatch, matchIf, notMatch } from './match-logic.ts';

export type CommandTest = (view: CommandView) => Match;

export function all(...tests: readonly CommandTest[]): CommandTest {
  return (view) => allMatch(lazily(tests, view));
}

export function any(...tests: readonly CommandTest[]): CommandTest {
  return (view) => anyMatch(lazily(tests, view));
}

function* lazily(tests: readonly CommandTest[], view: CommandView): Generator<Match> {
  for (const test of tests) yield test(view);
}

export function not(test: CommandTest): CommandTest {
  return (view) => notMatch(test(view));
}

/** One of the aliases (`-r|-R|--recursive`) is given. */
export function flag(aliases: string): CommandTest {
  const compiled = compileFlags(aliases);
  return (view) => view.flag(compiled);
}

/** None of the aliases is given in full: for the options that make a command harmless. */
export function without(aliases: string): CommandTest {
  const compiled = compileFlags(aliases);
  return (view) => matchIf(!view.exactFlag(compiled));
}

/** The value of one of the aliases passes `accepts`. */
export function flagValue(aliases: string, accepts: (text: string) => boolean): CommandTest {
  const compiled = compileFlags(aliases);
  return (view) => anyMatch(view.values(compiled).map((word) => judge(word, accepts)));
}

/** The operands begin with one of these sub-commands; `*` is any one word: `state rm`, `* stop`. */
export function sub(...patterns: readonly string[]): CommandTest {
  const split = patterns.map((pattern) => pattern.split(' '));
  return (view) => anyMatch(split.map((pattern) => view.begins(pattern)));
}

/** One of the first `within` operands passes `accepts`. */
export function leadingWord(within: number, accepts: (text: string) => boolean): CommandTest {
  return (view) => anyMatch(view.operands.slice(0, within).map((word) => judge(word, accepts)));
}

/** There are at least `count` operands. */
export function operands(count: number): CommandTest {
  return (view) => matchIf(view.operands.length >= count || (count === 1 && view.command.unseenOperands));
}

/** Some operand passes. */
export function operand(accepts: (text: string) => boolean): CommandTest {
  return (view) => anyMatch(view.operands.map((word) => judge(word, accepts)));
}

/** Some word after the name, options included, passes. */
export function word(accepts: (text: string) => boolean): CommandTest {
  return (view) => anyMatch(view.command.args.map((one) => judge(one, accepts)));
}

/** An operand names a path of the set. */
export function path(set: PathSet): CommandTest {
  return (view) => view.path(set, view.operands);
}

export function writes(set: PathSet): CommandTest {
  return (view) => (view.writes.length === 0 ? 'no' : view.path(set, view.writes));
}

export function reads(set: PathSet): CommandTest {
  return (view) => (view.reads.length === 0 ? 'no' : view.path(set, view.reads));
}

export function removes(set: PathSet): CommandTest {
  return (view) => (view.removes.length === 0 ? 'no' : view.path(set, view.removes));
}

/** It was reached through one of these wrappers. */
export function through(...names: readonly string[]): CommandTest {
  return (view) => matchIf(view.command.via.some((layer) => names.includes(layer.name)));
}

/** It was reached directly through one of these wrappers. */
export function directlyThrough(...names: readonly string[]): CommandTest {
  return (view) => matchIf(names.includes(view.command.via.at(-1)?.name ?? ''));
}

/** Sets a variable, by assignment or through one of the declaring builtins. */
export function setsVariable(accepts: (name: string, value: Word | null) => boolean): CommandTest {
  return (view) => matchIf(view.command.assigns.some((assign) => accepts(assign.name, assign.value)));
}

/** Anything that the other words cannot say. */
export function when(predicate: (view: CommandView) => boolean): CommandTest {
  return (view) => matchIf(predicate(view));
}

export function pathSet(...patterns: readonly string[]): PathSet {
  return compilePathSet(patterns);
}

export function oneOf(...texts: readonly string[]): (text: string) => boolean {
  const set = new Set(texts);
  return (text) => set.has(text);
}

export function like(expression: RegExp): (text: string) => boolean {
  return (text) => expression.test(text);
}

/** A dynamic word that does not pass as it stands may pass when it runs. */
function judge(one: Word, accepts: (text: string) => boolean): Match {
  if (accepts(one.text)) return 'yes';
  return one.kind === 'dynamic' && one.pieces?.length === 1 ? 'possible' : 'no';
}
