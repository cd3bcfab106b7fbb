/** From `match` as written to a test on one command, one meta id or one channel request. */
import { allOf, anyOf, negate, type Truth } from '../../model/selector.ts';
import type { Match } from '../analysis.ts';
import { severityRank } from '../catalogue/catalogue.ts';
import { listOf } from '../conditions/people.ts';
import type { JudgedItem, LineFacts } from '../judged-item.ts';
import { compileFlags, matchesWildcard } from '../language/arguments.ts';
import { compilePathSet } from '../language/path-pattern.ts';
import type { MatchFile, WordTest } from '../schema/match-file.ts';
import { type CommandTest, path, pathSet, reads, sub, writes } from './command-test.ts';
import type { CommandView } from './command-view.ts';
import { allMatch, anyMatch, matchIf, notMatch } from './match-logic.ts';

/** `unknown` when only text known at run time could make it true. */
export type RuleMatch = (item: JudgedItem, line: LineFacts) => Truth;

/** @throws SyntaxError for an invalid `regex`, which the lint reports first */
export function compileMatch(file: MatchFile): RuleMatch {
  const parts = Object.entries(file).map(([key, value]) => memberOf(key, value));
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : conjunction(parts);
}

function memberOf(key: string, value: unknown): RuleMatch {
  switch (key) {
    case 'any':
      return value === true ? () => true : disjunction(filesOf(value).map(compileMatch));
    case 'all':
      return conjunction(filesOf(value).map(compileMatch));
    case 'not':
      return negation(compileMatch(value as MatchFile));
    case 'catalogue':
      return catalogueMember(listOf(value));
    case 'severity':
      return severityMember(listOf(value));
    case 'request':
      return requestMember(listOf(value));
    case 'readonly':
      return (_, line) => line.readOnly() === value;
    case 'sha256':
      return sha256Member(listOf(value));
    default:
      return onCommand(commandMember(key, value));
  }
}

function filesOf(value: unknown): readonly MatchFile[] {
  return Array.isArray(value) ? (value as readonly MatchFile[]) : [];
}

function disjunction(parts: readonly RuleMatch[]): RuleMatch {
  return (item, line) => anyOf(parts.map((part) => part(item, line)));
}

function conjunction(parts: readonly RuleMatch[]): RuleMatch {
  return (item, line) => allOf(parts.map((part) => part(item, line)));
}

function negation(part: RuleMatch): RuleMatch {
  return (item, line) => negate(part(item, line));
}

function catalogueMember(patterns: readonly string[]): RuleMatch {
  const fits = (id: string): boolean => patterns.some((pattern) => matchesWildcard(id, pattern));
  return (item) => {
    if (item.kind === 'meta') return fits(item.id);
    if (item.kind === 'request' || item.hits.length === 0) return false;
    return anyOf(item.hits.filter((hit) => fits(hit.id)).map((hit) => (hit.possible ? 'unknown' : true)));
  };
}

function severityMember(bounds: readonly string[]): RuleMatch {
  const tests = bounds.map(severityTest);
  return (item) => {
    if (item.kind !== 'command' || item.hits.length === 0) return false;
    const met = item.hits.filter((hit) => tests.some((test) => test(severityRank(hit.severity))));
    return anyOf(met.map((hit) => (hit.possible ? 'unknown' : true)));
  };
}

const BOUND = /^(>=|<=|>|<|=)?(info|low|medium|high|critical)$/;

/** Whether `text` is a severity with an optional comparison before it. */
export function isSeverityBound(text: string): boolean {
  return BOUND.test(text);
}

function severityTest(bound: string): (rank: number) => boolean {
  const [, operator = '=', word = ''] = BOUND.exec(bound) ?? [];
  const wanted = ['info', 'low', 'medium', 'high', 'critical'].indexOf(word);
  switch (operator) {
    case '>=':
      return (rank) => rank >= wanted;
    case '<=':
      return (rank) => rank <= wanted;
    case '>':
      return (rank) => rank > wanted;
    case '<':
      return (rank) => rank < wanted;
    default:
      return (rank) => rank === wanted;
  }
}

/** `subsystem:NAME` matches the name too. */
function requestMember(requests: readonly string[]): RuleMatch {
  return (item) => {
    if (item.kind !== 'request') return false;
    const spelled = item.request === 'subsystem' ? `subsystem:${item.detail ?? ''}` : item.request;
    return requests.some((request) => matchesWildcard(spelled, request) || request === item.request);
  };
}

function sha256Member(digests: readonly string[]): RuleMatch {
  const wanted = new Set(digests.map((digest) => digest.replace(/^sha256:/, '').toLowerCase()));
  return (_, line) => wanted.has(line.sha256());
}

function onCommand(test: CommandTest): RuleMatch {
  return (item) => (item.kind === 'command' ? truthOf(test(item.view)) : false);
}

function truthOf(match: Match): Truth {
  if (match === 'possible') return 'unknown';
  return match === 'yes';
}

function commandMember(key: string, value: unknown): CommandTest {
  switch (key) {
    case 'command':
      return nameTest(listOf(value));
    case 'subcommand':
      return sub(...listOf(value));
    case 'flags':
      return flagsTest(value as WordTest);
    case 'operands':
      return operandsTest(value as WordTest);
    case 'path':
      return pathTest(listOf(value));
    case 'reads':
      return reads(pathSet(...listOf(value)));
    case 'writes':
      return writes(pathSet(...listOf(value)));
    case 'via':
      return viaTest(value as WordTest);
    case 'assigns':
      return assignsTest(listOf(value));
    case 'regex':
      return regexTest(new RegExp(String(value), 'u'));
    case 'remote':
      return (view) => matchIf(view.command.remote === value);
    default:
      return () => 'no';
  }
}

function nameTest(patterns: readonly string[]): CommandTest {
  return (view) => matchIf(patterns.some((pattern) => matchesWildcard(view.name, pattern)));
}

interface Quantified {
  readonly any?: readonly string[];
  readonly every?: readonly string[];
  readonly all?: readonly string[];
  readonly none?: readonly string[];
  readonly only?: readonly string[];
}

function quantified(test: WordTest): Quantified {
  if (typeof test === 'string') return { any: [test] };
  return Array.isArray(test) ? { any: test } : (test as Quantified);
}

function flagsTest(value: WordTest): CommandTest {
  const { any, every, all, none, only } = quantified(value);
  const required = [...(all ?? []), ...(every ?? [])].map(compileFlags);
  const wanted = any?.map(compileFlags);
  const forbidden = none?.map(compileFlags) ?? [];
  const allowed = only?.map(compileFlags);
  return (view) =>
    allMatch([
      wanted === undefined ? 'yes' : anyMatch(wanted.map((flag) => view.flag(flag))),
      ...required.map((flag) => view.flag(flag)),
      ...forbidden.map((flag) => notMatch(view.flag(flag))),
      matchIf(
        allowed === undefined || view.parsed.flags.every((use) => allowed.some((flag) => flag.names.has(use.name))),
      ),
    ]);
}

function operandsTest(value: WordTest): CommandTest {
  const { any, every, all, none, only } = quantified(value);
  const universal = only ?? every;
  const sets = {
    any: any && compilePathSet(any),
    universal: universal && compilePathSet(universal),
    none: none && compilePathSet(none),
  };
  const each = (all ?? []).map((pattern) => compilePathSet([pattern]));
  return (view) =>
    allMatch([
      sets.any === undefined ? 'yes' : view.operandIn(sets.any),
      ...each.map((set) => view.operandIn(set)),
      sets.universal === undefined ? 'yes' : everyOperand(view, sets.universal),
      sets.none === undefined ? 'yes' : notMatch(view.operandIn(sets.none)),
    ]);
}

/** There is an operand, none is unseen, and each is in the set. */
function everyOperand(view: CommandView, set: ReturnType<typeof compilePathSet>): Match {
  if (view.operands.length === 0 || view.command.unseenOperands) return 'no';
  return allMatch(view.operands.map((word) => (word.kind === 'glob' ? 'no' : view.operandIn(set, [word]))));
}

function pathTest(patterns: readonly string[]): CommandTest {
  const set = pathSet(...patterns);
  const tests = [path(set), reads(set), writes(set)];
  return (view) => anyMatch(tests.map((test) => test(view)));
}

function viaTest(value: WordTest): CommandTest {
  const { any, every, all, none, only } = quantified(value);
  const universal = only ?? every;
  return (view) => {
    const via = view.command.via.map((layer) => layer.name);
    const met =
      (any === undefined || any.some((name) => via.includes(name))) &&
      (all ?? []).every((name) => via.includes(name)) &&
      !(none ?? []).some((name) => via.includes(name)) &&
      (universal === undefined || via.every((name) => universal.includes(name)));
    return matchIf(met);
  };
}

function assignsTest(patterns: readonly string[]): CommandTest {
  return (view) =>
    matchIf(view.command.assigns.some((assign) => patterns.some((pattern) => matchesWildcard(assign.name, pattern))));
}

function regexTest(expression: RegExp): CommandTest {
  return (view) => matchIf(expression.test(view.command.argv.join(' ')));
}
