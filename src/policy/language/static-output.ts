/**
 * What a command is known to print: `echo` and `printf` of fixed text, `cat` of a here-document, and groups of
 * them. Used to read what is piped into a shell or a database client.
 */
import type { Dialect, StdinSource, Word } from '../analysis.ts';
import { expandSingle, expandWords } from './expand-word.ts';
import { baseName } from './path-normal-form.ts';
import type { ShellScope } from './shell-scope.ts';
import type { CommandNode, RawRedirection, ShellList, ShellNode } from './shell-tree.ts';

/** The text the node prints to its stdout; null when that is not known. */
export function staticOutput(node: ShellNode, stdin: StdinSource, scope: ShellScope, dialect: Dialect): string | null {
  if (node.kind === 'block' && (node.block === 'group' || node.block === 'subshell') && node.redirs.length === 0) {
    return listOutput(node.lists[0] ?? [], stdin, scope, dialect);
  }
  return node.kind === 'command' ? commandOutput(node, stdin, scope, dialect) : null;
}

function listOutput(list: ShellList, stdin: StdinSource, scope: ShellScope, dialect: Dialect): string | null {
  let text = '';
  for (const item of list) {
    const output = staticOutput(item.node, stdin, scope, dialect);
    if (output === null || item.background) return null;
    text += output;
  }
  return text;
}

function commandOutput(node: CommandNode, stdin: StdinSource, scope: ShellScope, dialect: Dialect): string | null {
  if (node.redirs.some((redirect) => redirect.operator.includes('>') && redirect.descriptor !== 2)) return null;
  const words = expandWords(node.words, scope);
  // A glob prints file names, or itself when nothing matches.
  if (words.some((word) => word.kind !== 'static')) return null;
  const [program = '', ...args] = words.map((word) => word.text);
  const input = stdinOf(node.redirs, stdin, scope);
  switch (baseName(program)) {
    case 'echo':
      return echo(args, dialect);
    case 'printf':
      return printf(args);
    case 'cat':
      return args.every((arg) => arg === '-') && input.kind === 'static' ? input.text : null;
    case 'tee':
      return input.kind === 'static' ? input.text : null;
    default:
      return null;
  }
}

/** What the redirects make of a command's stdin; the last one wins. */
export function stdinOf(redirs: readonly RawRedirection[], stdin: StdinSource, scope: ShellScope): StdinSource {
  let source = stdin;
  for (const redirect of redirs) {
    if ((redirect.descriptor ?? 0) !== 0 || !redirect.operator.startsWith('<')) continue;
    const word = redirect.target === null ? null : expandSingle(redirect.target, scope);
    source = redirected(redirect.operator, word, source);
  }
  return source;
}

function redirected(operator: RawRedirection['operator'], word: Word | null, before: StdinSource): StdinSource {
  if (operator === '<&') return before;
  if (operator === '<' || operator === '<>') return { kind: 'file', word };
  const end = operator === '<<<' ? '\n' : '';
  const text = `${word?.text ?? ''}${end}`;
  return word === null || word.kind === 'dynamic' ? { kind: 'dynamic', text } : { kind: 'static', text };
}

function echo(args: readonly string[], dialect: Dialect): string {
  let escapes = dialect !== 'bash';
  let newline = true;
  let from = 0;
  for (; /^-[neE]+$/u.test(args[from] ?? ''); from += 1) {
    const option = args[from] ?? '';
    if (option.includes('n')) newline = false;
    if (option.includes('e')) escapes = true;
    if (option.includes('E')) escapes = false;
  }
  const text = args.slice(from).join(' ');
  return (escapes ? decodeEscapes(text) : text) + (newline ? '\n' : '');
}

/** Most times that a format is used again for further arguments. */
const MOST_ROUNDS = 1000;

/** Null when a conversion is not one whose result is certain. */
function printf(words: readonly string[]): string | null {
  const [format = '', ...args] = words[0] === '--' ? words.slice(1) : words;
  if (format.startsWith('-')) return null;
  let text = '';
  for (let round = 0; round === 0 || (args.length > 0 && round < MOST_ROUNDS); round += 1) {
    const before = args.length;
    const output = formatOnce(format, args);
    if (output === null) return null;
    text += output;
    if (args.length === before) break;
  }
  return text;
}

function formatOnce(format: string, args: string[]): string | null {
  let known = true;
  const text = decodeEscapes(format).replace(/%(.)/gsu, (_, letter: string) => {
    if (letter === '%') return '%';
    const arg = args.shift() ?? '';
    if (letter === 's') return arg;
    if (letter === 'b') return decodeEscapes(arg);
    if (letter === 'd' && /^-?\d+$/u.test(arg)) return arg;
    known = false;
    return '';
  });
  return known ? text : null;
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

function decodeEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:x([0-9a-fA-F]{1,2})|(0?[0-7]{1,3})|u([0-9a-fA-F]{1,4})|(.))/gsu, (whole, ...groups) => {
    const [hex, octal, unicode, char] = groups as readonly (string | undefined)[];
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255);
    if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
    return SIMPLE[char ?? ''] ?? whole;
  });
}
