/**
 * What somebody who wrote YAML by hand most likely did wrong, in words and at the line that is at fault. A parser
 * notices a mistake late and names what it expected; people need the line and what to change. A guess from the
 * lines around the error: where none fits, the parser's own words are used.
 */

/** One-based. */
export interface YamlMistake {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What the parser said, and where; one-based. */
export type YamlError = YamlMistake;

/** One line that is neither empty nor a comment. */
interface Line {
  readonly number: number;
  readonly text: string;
  /** Blanks before the first character. */
  readonly indent: number;
  /** Where the text after `- ` begins. */
  readonly start: number;
  readonly isItem: boolean;
}

type Reading = (lines: readonly Line[], error: YamlError) => YamlMistake | null;

/** The likely mistake behind the parser's first error; null when none of those known fits. */
export function likelyMistake(text: string, error: YamlError): YamlMistake | null {
  const lines = contentLines(text);
  for (const read of READINGS) {
    const mistake = read(lines, error);
    if (mistake !== null) return mistake;
  }
  return null;
}

function contentLines(text: string): readonly Line[] {
  return text.split('\n').flatMap((whole, index) => {
    const [, blanks = '', dashes = '', rest = ''] = /^( *)((?:- +)*)(.*?)\r?$/.exec(whole) ?? [];
    if (rest === '' || rest.startsWith('#')) return [];
    const indent = blanks.length;
    return [{ number: index + 1, text: rest, indent, start: indent + dashes.length, isItem: dashes !== '' }];
  });
}

const READINGS: readonly Reading[] = [
  tab,
  missingBlank,
  missingColon,
  wrongIndent,
  nestedTooDeep,
  colonInText,
  strangeBeginning,
  openBracket,
  openQuote,
];

/** Where the error is; the parser may name an empty line before it. */
function indexOf(lines: readonly Line[], { line }: YamlError): number {
  return lines.findIndex((one) => one.number >= line);
}

function lineOf(lines: readonly Line[], error: YamlError): Line | undefined {
  return lines[indexOf(lines, error)];
}

function at(line: Line, message: string): YamlMistake {
  return { line: line.number, column: line.indent + 1, message };
}

function tab(_: readonly Line[], error: YamlError): YamlMistake | null {
  return /tabs are not allowed/i.test(error.message)
    ? { ...error, message: 'this line begins with a tab; indent with blanks' }
    : null;
}

function missingBlank(lines: readonly Line[], error: YamlError): YamlMistake | null {
  const line = lineOf(lines, error);
  if (line === undefined) return null;
  const [, key, value] = /^([A-Za-z_][\w.-]*):([^\s:/].*)$/.exec(line.text) ?? [];
  if (key !== undefined && value !== undefined) return at(line, `put a space after the colon: ${key}: ${value}`);
  const [, item] = /^-([A-Za-z_].*)$/.exec(line.text) ?? [];
  return item === undefined ? null : at(line, `put a space after the dash: - ${item}`);
}

function missingColon(lines: readonly Line[], error: YamlError): YamlMistake | null {
  const line = lineOf(lines, error);
  if (line === undefined || !/^implicit keys need/i.test(error.message)) return null;
  const [, key] = /^([A-Za-z_][\w.-]*)$/.exec(line.text.trim()) ?? [];
  return key === undefined ? null : at(line, `put a colon after "${key}"`);
}

const MISPLACED = /same column|without - indicator|block sequence may not be used as an implicit map key/i;

/** The parser stopped at the very line that does not fit to those before it. */
function wrongIndent(lines: readonly Line[], error: YamlError): YamlMistake | null {
  const index = indexOf(lines, error);
  const line = lines[index];
  if (line === undefined || !MISPLACED.test(error.message)) return null;
  const before = lines.slice(0, index);
  const wanted = line.isItem ? nearestItem(before, line) : before.at(-1)?.start;
  return wanted === undefined || wanted === line.indent ? null : misplaced(line, wanted);
}

/** How far the item before it that it most likely belongs to is indented. */
function nearestItem(before: readonly Line[], line: Line): number | undefined {
  const indents = before.filter((one) => one.isItem).map((one) => one.indent);
  const distance = (indent: number): number => Math.abs(indent - line.indent);
  return indents.reduceRight<number | undefined>(
    (best, indent) => (best === undefined || distance(indent) < distance(best) ? indent : best),
    undefined,
  );
}

/** A key below a line that has its value already: the parser complains of the line before. */
function nestedTooDeep(lines: readonly Line[], error: YamlError): YamlMistake | null {
  if (!/^nested mappings|^implicit keys need/i.test(error.message)) return null;
  const index = indexOf(lines, error);
  const [line, next] = lines.slice(index, index + 2);
  if (index === -1 || line === undefined || next === undefined || next.indent <= line.start) return null;
  return misplaced(next, line.start);
}

function misplaced(line: Line, wanted: number): YamlMistake {
  const [, key] = /^([A-Za-z_][\w.-]*):/.exec(line.text) ?? [];
  if (wanted === 0 && key !== undefined) return at(line, `"${key}" belongs at the left margin`);
  return at(line, `line ${line.number} is indented by ${line.indent}, its neighbours by ${wanted}`);
}

function colonInText(lines: readonly Line[], error: YamlError): YamlMistake | null {
  const line = lineOf(lines, error);
  if (line === undefined || !/^nested mappings/i.test(error.message)) return null;
  const [, key] = /^([A-Za-z_][\w.-]*): +[^"'{[].*:(?: |$)/.exec(line.text) ?? [];
  return key === undefined ? null : at(line, `put quotes around the text of "${key}", because it holds a colon`);
}

function strangeBeginning(lines: readonly Line[], error: YamlError): YamlMistake | null {
  const line = lineOf(lines, error);
  if (line === undefined || !/cannot start with|block scalar header|alias cannot be/i.test(error.message)) return null;
  const [, first] = /(?:: +|[[,] *)([>|*%@`&!])/.exec(line.text) ?? [];
  return first === undefined ? null : { ...error, message: `put quotes around a text that begins with ${first}` };
}

/** Noticed where the next line begins; the fault is where the bracket stands. */
function openBracket(lines: readonly Line[], error: YamlError): YamlMistake | null {
  const [, closing] = /end with an? ([\]}])/.exec(error.message) ?? [];
  if (closing === undefined) return null;
  const opening = closing === '}' ? '{' : '[';
  const count = (text: string, char: string): number => text.split(char).length - 1;
  const line = lines.findLast(
    ({ number, text }) => number <= error.line && count(text, opening) > count(text, closing),
  );
  return line === undefined ? null : at(line, `the ${opening} on this line is not closed`);
}

function openQuote(lines: readonly Line[], error: YamlError): YamlMistake | null {
  const [, quote] = /missing closing (["'])/i.exec(error.message) ?? [];
  if (quote === undefined) return null;
  const line = lines.find(({ text }) => text.replaceAll(`\\${quote}`, '').split(quote).length % 2 === 0);
  return line === undefined ? null : at(line, `the ${quote} on this line is not closed`);
}
