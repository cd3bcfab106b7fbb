/** Words and expressions of the shell parser's tree (unbash) in our own form; see parse-shell.ts. */
import type { ArithmeticExpression, ParsedScript, Statement, TestExpression, Word, WordPart } from 'unbash';
import type { RawPart, RawRedirection, RawWord, ShellList, ShellNode } from './shell-tree.ts';

const EMPTY: readonly never[] = [];

/** What reading a tree needs to know: the text that positions refer to, and how to read nested lists. */
export interface TreeReader {
  text: string;
  /** A here-document did not end. */
  openHereDocument: boolean;
  readonly list: (statements: readonly Statement[]) => ShellList;
}

export function readWords(reader: TreeReader, words: readonly Word[]): readonly RawWord[] {
  return words.map((word) => readWord(reader, word));
}

export function readWord(reader: TreeReader, word: Word): RawWord {
  const parts = word.parts;
  if (parts === undefined) {
    return { source: word.text, text: word.value, quoted: word.text !== word.value, parts: null };
  }
  const read = readParts(reader, parts, false);
  const quoted = read.some((part) => 'quoted' in part && part.quoted);
  const plain = read.every((part) => part.kind === 'literal');
  return { source: word.text, text: word.value, quoted, parts: plain ? null : read };
}

export function readParts(reader: TreeReader, parts: readonly WordPart[], quoted: boolean): RawPart[] {
  const read: RawPart[] = [];
  for (const part of parts) {
    if (part.type === 'DoubleQuoted' || part.type === 'LocaleString') read.push(...readParts(reader, part.parts, true));
    else read.push(readPart(reader, part, quoted));
  }
  return read;
}

type SinglePart = Exclude<WordPart, { readonly type: 'DoubleQuoted' | 'LocaleString' }>;

function readPart(reader: TreeReader, part: SinglePart, quoted: boolean): RawPart {
  switch (part.type) {
    case 'Literal':
      return { kind: 'literal', text: part.value, quoted: quoted || part.text !== part.value };
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return { kind: 'literal', text: part.value, quoted: true };
    case 'Glob':
      return { kind: 'glob', text: part.text, words: [partsAsWord(reader, part.text, part.parts ?? EMPTY)] };
    case 'ExtendedGlob':
      return { kind: 'glob', text: part.text, words: [partsAsWord(reader, part.text, part.parts ?? EMPTY)] };
    case 'BraceExpansion':
      return { kind: 'brace', source: part.text };
    case 'SimpleExpansion':
      return {
        kind: 'parameter',
        source: part.text,
        quoted,
        name: part.text.slice(1),
        plain: true,
        reExpands: false,
        words: EMPTY,
      };
    case 'ParameterExpansion':
      return readParameter(reader, part, quoted);
    case 'CommandExpansion':
      return substitution(reader, part.text, part.script, quoted, false);
    case 'ProcessSubstitution':
      return substitution(reader, part.text, part.script, quoted, true);
    case 'ArithmeticExpansion':
      return { kind: 'arithmetic', source: part.text, ...readArithmetic(reader, part.expression) };
  }
}

function partsAsWord(reader: TreeReader, source: string, parts: readonly WordPart[]): RawWord {
  return { source, text: source, quoted: false, parts: readParts(reader, parts, false) };
}

function substitution(
  reader: TreeReader,
  source: string,
  script: ParsedScript | undefined,
  quoted: boolean,
  process: boolean,
): RawPart {
  return { kind: 'substitution', source, quoted, process, script: readScript(reader, script) };
}

/** A script in backticks has a text of its own, which its positions refer to. */
function readScript(reader: TreeReader, script: ParsedScript | undefined): ShellList {
  if (script === undefined) return EMPTY;
  if (script.source === undefined) return reader.list(script.commands);
  const outer = reader.text;
  reader.text = script.source;
  const list = reader.list(script.commands);
  reader.text = outer;
  return list;
}

function readParameter(
  reader: TreeReader,
  part: Extract<WordPart, { readonly type: 'ParameterExpansion' }>,
  quoted: boolean,
): RawPart {
  const operation = part.operation;
  const words: RawWord[] = part.index === undefined ? [] : [readWord(reader, part.index)];
  for (const operand of operandsOf(operation)) words.push(readWord(reader, operand));
  return {
    kind: 'parameter',
    source: part.text,
    quoted,
    name: part.parameter,
    plain: operation === undefined && part.prefix === undefined && part.index === undefined,
    reExpands: operation?.type === 'Transform' && operation.operand.value === 'P',
    words,
  };
}

function operandsOf(
  operation: Extract<WordPart, { readonly type: 'ParameterExpansion' }>['operation'],
): readonly Word[] {
  switch (operation?.type) {
    case 'Default':
    case 'Remove':
    case 'Transform':
      return [operation.operand];
    case 'Replace':
      return [operation.pattern, operation.replacement];
    case 'Slice':
      return operation.length === undefined ? [operation.offset] : [operation.offset, operation.length];
    case 'CaseModification':
      return operation.operand === undefined ? EMPTY : [operation.operand];
    case 'Names':
    case 'Unknown':
    case undefined:
      return EMPTY;
  }
}

interface ArithmeticParts {
  readonly words: readonly RawWord[];
  readonly scripts: readonly ShellList[];
}

export function readArithmetic(reader: TreeReader, expression: ArithmeticExpression | undefined): ArithmeticParts {
  const words: RawWord[] = [];
  const scripts: ShellList[] = [];
  const open = expression === undefined ? [] : [expression];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    switch (node.type) {
      case 'ArithmeticBinary':
        open.push(node.left, node.right);
        break;
      case 'ArithmeticUnary':
        open.push(node.operand);
        break;
      case 'ArithmeticTernary':
        open.push(node.test, node.consequent, node.alternate);
        break;
      case 'ArithmeticGroup':
        open.push(node.expression);
        break;
      case 'ArithmeticWord':
        words.push(partsAsWord(reader, node.value, node.parts ?? EMPTY));
        break;
      case 'ArithmeticCommandExpansion':
        scripts.push(readScript(reader, node.script));
        break;
    }
  }
  return { words, scripts };
}

export function readTestCommand(
  reader: TreeReader,
  expression: TestExpression,
  source: string,
  redirs: readonly RawRedirection[],
): ShellNode {
  const words: RawWord[] = [];
  const operators: string[] = [];
  const open = [expression];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    switch (node.type) {
      case 'TestUnary':
        operators.push(node.operator);
        words.push(readWord(reader, node.operand));
        break;
      case 'TestBinary':
        operators.push(node.operator);
        words.push(readWord(reader, node.left), readWord(reader, node.right));
        break;
      case 'TestLogical':
        open.push(...node.operands);
        break;
      case 'TestNot':
        open.push(node.operand);
        break;
      case 'TestGroup':
        open.push(node.expression);
        break;
    }
  }
  return { kind: 'expression', expression: 'test', source, words, operators, scripts: EMPTY, redirs };
}
