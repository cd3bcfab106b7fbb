/**
 * YAML text to a `SourceDocument`: YAML 1.2 core schema, one document. Refused, each with its position:
 * duplicate keys, tags, merge keys, keys that are not plain text, directives of other versions. Anchors are
 * fine. Promises nothing about the meaning of the values.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  visit,
  type YAMLParseError,
} from 'yaml';
import type { Finding, Position, SourceDocument } from '../model/source-document.ts';
import { likelyMistake } from './yaml-mistake.ts';

type Parsed = ReturnType<typeof parseOne>;

export interface ReadDocument {
  /** null when the text is not acceptable YAML; then `findings` says why. */
  readonly document: SourceDocument | null;
  readonly findings: readonly Finding[];
}

/** Reads `text` as the content of `file`. An empty text is a document whose value is null. Never throws. */
export function parseYamlDocument(file: string, text: string): ReadDocument {
  const lines = new LineCounter();
  const parsed = parseOne(text, lines);
  const report = (offset: number, message: string): Finding => ({
    file,
    position: positionAt(lines, offset),
    severity: 'error',
    message,
  });
  if (parsed === 'many') return { document: null, findings: [report(0, 'more than one YAML document in one file')] };
  const broken = parsed.errors.find((error) => error.code !== 'DUPLICATE_KEY');
  if (broken !== undefined) return { document: null, findings: [brokenAt(file, text, lines, broken)] };
  const findings = [...parsed.errors, ...parsed.warnings].map((error) => report(error.pos[0], plain(error.message)));
  findings.push(...refusedNodes(parsed, report));
  if (findings.length > 0) return { document: null, findings };
  try {
    const value: unknown = parsed.toJS({ maxAliasCount: 100 });
    return { document: documentOf(file, value, parsed, lines), findings: [] };
  } catch {
    return { document: null, findings: [report(0, 'too many or circular aliases')] };
  }
}

/** The first error only: the others follow from it. */
function brokenAt(
  file: string,
  text: string,
  lines: LineCounter,
  { pos, message }: Pick<YAMLParseError, 'pos' | 'message'>,
): Finding {
  const { line, column } = positionAt(lines, pos[0]);
  const said = { line, column, message: plain(message) };
  const { message: words, ...position } = likelyMistake(text, said) ?? said;
  return { file, position, severity: 'error', message: words };
}

function parseOne(text: string, lineCounter: LineCounter) {
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    merge: false,
    strict: true,
    prettyErrors: false,
    lineCounter,
  });
  if (!Array.isArray(documents)) return parseEmpty();
  const [first, second] = documents;
  if (second !== undefined) return 'many';
  return first ?? parseEmpty();
}

function parseEmpty() {
  const [document] = parseAllDocuments('null\n');
  if (document === undefined) throw new TypeError('the YAML parser returned nothing for "null"');
  return document;
}

function plain(message: string): string {
  const first = message.split('\n')[0] ?? message;
  return first.charAt(0).toLowerCase() + first.slice(1);
}

function refusedNodes(
  parsed: Exclude<Parsed, 'many'>,
  report: (offset: number, message: string) => Finding,
): readonly Finding[] {
  const findings: Finding[] = [];
  visit(parsed, {
    Pair: (_, pair) => {
      const offset = startOf(pair.key) ?? 0;
      if (!isScalar(pair.key) || typeof pair.key.value !== 'string')
        findings.push(report(offset, 'keys must be plain text'));
      else if (pair.key.value === '<<')
        findings.push(report(offset, 'merge keys ("<<") are not supported; repeat the entries'));
    },
    Node: (_, node) => {
      if (!isAlias(node) && node.tag !== undefined)
        findings.push(report(startOf(node) ?? 0, `tags (${node.tag}) are not supported`));
    },
  });
  return findings;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === 'number' ? start : undefined;
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function documentOf(file: string, value: unknown, parsed: Exclude<Parsed, 'many'>, lines: LineCounter): SourceDocument {
  const find = (path: readonly PropertyKey[], wanted: 'key' | 'value'): Position => {
    const offset = offsetOf(parsed.contents, path, wanted);
    return positionAt(lines, offset);
  };
  return { file, value, locate: (path) => find(path, 'value'), locateKey: (path) => find(path, 'key') };
}

/** Offset of the deepest node that exists on the way along `path`. */
function offsetOf(root: ParsedNode | null, path: readonly PropertyKey[], wanted: 'key' | 'value'): number {
  let node: Node | null = root;
  let offset = startOf(root) ?? 0;
  for (const [depth, step] of path.entries()) {
    const entry = childOf(node, step);
    if (entry === undefined) return offset;
    const last = depth === path.length - 1;
    offset = (last && wanted === 'key' ? entry.key : (startOf(entry.node) ?? entry.key)) ?? offset;
    node = entry.node;
  }
  return offset;
}

function childOf(node: Node | null, step: PropertyKey): { key: number | undefined; node: Node | null } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === String(step));
    if (pair === undefined) return undefined;
    return { key: startOf(pair.key), node: asNode(pair.value) };
  }
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { key: startOf(item), node: asNode(item) };
  }
  return undefined;
}

function asNode(value: unknown): Node | null {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null;
}
