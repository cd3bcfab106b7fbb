/**
 * The one place that knows the shell parser (unbash), with parse-shell-words.ts: text in, our own tree out. An
 * error of the parser, thrown or reported, becomes `error` or `incomplete`; what it recovered is still in the
 * tree. Limits are the caller's task (see limits.ts), because the parser recurses.
 */

import type {
  AndOr,
  Assignment,
  Command,
  CompoundList,
  Function as FunctionNode,
  HereDoc,
  CommandNode as ParsedNode,
  ParseError,
  PipelineNode,
  Redirection,
  Statement,
} from 'unbash';
import { parse } from 'unbash';
import {
  readArithmetic,
  readParts,
  readTestCommand,
  readWord,
  readWords,
  type TreeReader,
} from './parse-shell-words.ts';
import type {
  BlockKind,
  CommandNode,
  ListItem,
  RawAssignment,
  RawPart,
  RawRedirection,
  RawWord,
  ShellList,
  ShellNode,
  ShellTree,
} from './shell-tree.ts';

const EMPTY: readonly never[] = [];

/** Parses a script. Never throws: whatever the parser throws is an `error` with an empty tree. */
export function parseShell(text: string): ShellTree {
  try {
    const script = parse(text);
    const reader: TreeReader = { text, openHereDocument: false, list: (statements) => readList(reader, statements) };
    const list = readList(reader, script.commands);
    return { list, ...judgeErrors(text, script.errors, reader.openHereDocument) };
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : 'the parser gave up';
    return { list: EMPTY, error: why, incomplete: null };
  }
}

function judgeErrors(
  text: string,
  errors: readonly ParseError[] | undefined,
  openHereDocument: boolean,
): Pick<ShellTree, 'error' | 'incomplete'> {
  const first = errors?.[0];
  if (errors === undefined || first === undefined) {
    return { error: null, incomplete: openHereDocument ? 'the end of a here-document' : null };
  }
  const end = text.trimEnd().length;
  const wrong = errors.find((error) => !isMissingEnd(error, end));
  if (wrong !== undefined) return { error: `${wrong.message} at character ${wrong.pos + 1}`, incomplete: null };
  return { error: null, incomplete: describeMissing(first.message) };
}

function isMissingEnd(error: ParseError, end: number): boolean {
  if (error.message === 'expected redirect target' || error.message.startsWith('maximum')) return false;
  if (error.message === 'unterminated array subscript') return false;
  // A token that stands there and is wrong is not cured by more text.
  if (error.message.startsWith('unexpected token')) return false;
  return error.message.startsWith('unterminated') || error.pos >= end - 1;
}

function describeMissing(message: string): string {
  return message.startsWith('unterminated ') ? `the end of a ${message.slice('unterminated '.length)}` : message;
}

function readList(reader: TreeReader, statements: readonly Statement[]): ShellList {
  const items: ListItem[] = [];
  for (const statement of statements) {
    const background = statement.background === true;
    if (statement.command.type === 'AndOr') readAndOr(reader, statement.command, background, items);
    else items.push({ node: readPipeline(reader, statement.command), background, runs: 'always' });
  }
  return items;
}

function readAndOr(reader: TreeReader, node: AndOr, background: boolean, items: ListItem[]): void {
  const firstOr = node.operators.indexOf('||');
  for (const [index, command] of node.commands.entries()) {
    const runs = index === 0 ? 'always' : firstOr === -1 || index <= firstOr ? 'chained' : 'maybe';
    items.push({ node: readPipeline(reader, command), background, runs });
  }
}

function readPipeline(reader: TreeReader, node: PipelineNode): ShellNode {
  if (node.type !== 'Pipeline') return readNode(reader, node, EMPTY);
  const stages = node.commands.map((command) => readNode(reader, command, EMPTY));
  const only = stages[0];
  return stages.length === 1 && only !== undefined ? only : { kind: 'pipeline', stages };
}

function readNode(reader: TreeReader, node: ParsedNode, redirs: readonly RawRedirection[]): ShellNode {
  const list = (body: CompoundList | undefined): ShellList =>
    body === undefined ? EMPTY : readList(reader, body.commands);
  switch (node.type) {
    case 'Command':
      return readCommand(reader, node);
    case 'Redirected':
      return readNode(
        reader,
        node.command,
        node.redirects.map((redirect) => readRedirect(reader, redirect)),
      );
    case 'Function':
      return { kind: 'function', name: node.name.value, body: readBody(reader, node.body) };
    case 'Coproc':
      return block('coproc', redirs, [[{ node: readBody(reader, node.body), background: true, runs: 'always' }]]);
    case 'If':
      return block('if', redirs, [
        list(node.clause),
        list(node.then),
        ...node.elif.flatMap((branch) => [list(branch.clause), list(branch.then)]),
        list(node.else),
      ]);
    case 'For':
    case 'Select':
      return block('loop', redirs, [list(node.body)], readWords(reader, node.wordlist ?? EMPTY), node.name.value);
    case 'While':
      return block('loop', redirs, [list(node.clause), list(node.body)]);
    case 'Subshell':
      return block('subshell', redirs, [list(node.body)]);
    case 'BraceGroup':
      return block('group', redirs, [list(node.body)]);
    case 'Case':
      return block(
        'case',
        redirs,
        node.items.map((item) => list(item.body)),
        [readWord(reader, node.word), ...node.items.flatMap((item) => readWords(reader, item.pattern))],
      );
    case 'ArithmeticFor': {
      const head = [node.initialize, node.test, node.update].map((part) => readArithmetic(reader, part));
      const words = head.flatMap((part) => part.words);
      return block('loop', redirs, [...head.flatMap((part) => part.scripts), list(node.body)], words);
    }
    case 'ArithmeticCommand':
      return {
        kind: 'expression',
        expression: 'arithmetic',
        source: node.body,
        operators: EMPTY,
        redirs,
        ...readArithmetic(reader, node.expression),
      };
    case 'TestCommand':
      return readTestCommand(reader, node.expression, reader.text.slice(node.pos, node.end), redirs);
  }
}

function readBody(reader: TreeReader, body: FunctionNode['body'] | Command): ShellNode {
  if (body.type === 'CompoundList') return { kind: 'list', list: readList(reader, body.commands) };
  return readNode(reader, body, EMPTY);
}

function block(
  kind: BlockKind,
  redirs: readonly RawRedirection[],
  lists: readonly ShellList[],
  words: readonly RawWord[] = EMPTY,
  variable: string | null = null,
): ShellNode {
  return { kind: 'block', block: kind, words, variable, lists, redirs };
}

function readCommand(reader: TreeReader, node: Command): CommandNode {
  const words: RawWord[] = node.name === undefined ? [] : [readWord(reader, node.name)];
  const assigns: RawAssignment[] = [];
  const declares: RawAssignment[] = [];
  const redirs: RawRedirection[] = [];
  for (const item of node.prefix) {
    if (item.type === 'Assignment') assigns.push(readAssignment(reader, item));
    else redirs.push(readRedirect(reader, item));
  }
  for (const item of node.suffix) {
    if (item.type === 'Word') words.push(readWord(reader, item));
    else if (item.type === 'Assignment') {
      const assignment = readAssignment(reader, item);
      declares.push(assignment);
      words.push(assignmentWord(item, assignment));
    } else redirs.push(readRedirect(reader, item));
  }
  return { kind: 'command', source: reader.text.slice(node.pos, node.end), assigns, words, declares, redirs };
}

function readAssignment(reader: TreeReader, node: Assignment): RawAssignment {
  const array = node.value.type === 'ArrayValue';
  return {
    name: node.name,
    append: node.append === true,
    index: node.index === undefined ? null : readWord(reader, node.index),
    value: node.value.type === 'ArrayValue' ? null : readWord(reader, node.value),
    elements: array && node.value.type === 'ArrayValue' ? readWords(reader, node.value.elements) : EMPTY,
  };
}

/** `export A=b` is also the word `A=b`. */
function assignmentWord(node: Assignment, { value, name }: RawAssignment): RawWord {
  if (value === null) return { source: node.text, text: node.text, quoted: false, parts: null };
  const head = `${name}${node.append === true ? '+' : ''}=`;
  const literal: RawPart = { kind: 'literal', text: head, quoted: false };
  const parts = value.parts === null ? null : [literal, ...value.parts];
  return { source: node.text, text: head + value.text, quoted: value.quoted, parts };
}

function readRedirect(reader: TreeReader, node: Redirection): RawRedirection {
  const descriptor = node.descriptor?.type === 'FileDescriptor' ? node.descriptor.value : null;
  if (node.type === 'HereDoc') return { operator: '<<', descriptor, target: readHereDocument(reader, node) };
  const target = node.target === undefined ? null : readWord(reader, node.target);
  return { operator: node.operator, descriptor, target };
}

function readHereDocument(reader: TreeReader, node: HereDoc): RawWord {
  if (node.closing === undefined) reader.openHereDocument = true;
  const tabs = node.operator === '<<-';
  const text = tabs ? node.body.text.replace(/^\t+/gmu, '') : node.body.text;
  const expands = node.delimiter?.quoted !== true && node.body.parts !== undefined;
  const parts = expands && node.body.parts !== undefined ? readParts(reader, node.body.parts, true) : null;
  if (parts === null && node.delimiter?.quoted !== true) {
    return {
      source: text,
      text: text.replace(/\\([\\$`\n])/gu, (_, char: string) => (char === '\n' ? '' : char)),
      quoted: true,
      parts,
    };
  }
  return { source: text, text, quoted: true, parts };
}
