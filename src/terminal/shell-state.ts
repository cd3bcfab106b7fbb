/**
 * Whether shell text is complete, and if not, what is open: enough to know how the next physical line joins it.
 * Not a parser: it decides nothing about what the text means.
 */

/** `compound`: an operator, a bracket or a keyword that wants more lines. */
export type ShellOpen = 'nothing' | 'quote' | 'backslash' | 'heredoc' | 'compound';

interface Heredoc {
  readonly word: string;
  /** Leading tabs are ignored (`<<-`). */
  readonly tabs: boolean;
}

interface Lexer {
  readonly text: string;
  at: number;
  /** The current word as far as it is unquoted; undefined between words. */
  word: string;
  depth: number;
  readonly heredocs: Heredoc[];
  operator: boolean;
}

const OPENERS = new Set(['if', 'for', 'while', 'until', 'case', 'select', '{', 'do', 'then', 'function']);
const CLOSERS = new Set(['fi', 'done', 'esac', '}']);
/** `do` and `then` belong to what opened before them. */
const MIDDLES = new Set(['do', 'then', 'function']);

export function shellState(text: string): ShellOpen {
  const lexer: Lexer = { text, at: 0, word: '', depth: 0, heredocs: [], operator: false };
  while (lexer.at < text.length) {
    const open = step(lexer);
    if (open !== undefined) return open;
  }
  endWord(lexer);
  if (lexer.heredocs.length > 0) return 'heredoc';
  return lexer.depth > 0 || lexer.operator ? 'compound' : 'nothing';
}

/** Consumes one element; a value when the text ends inside of it. */
function step(lexer: Lexer): ShellOpen | undefined {
  const character = lexer.text[lexer.at] ?? '';
  switch (character) {
    case '\\':
      return backslash(lexer);
    case "'":
    case '"':
    case '`':
      return quote(lexer, character);
    case '#':
      return comment(lexer);
    case '\n':
      return newline(lexer);
    case '<':
      return redirection(lexer);
    default:
      return plain(lexer, character);
  }
}

function backslash(lexer: Lexer): ShellOpen | undefined {
  if (lexer.at + 1 >= lexer.text.length) return 'backslash';
  if (lexer.text[lexer.at + 1] !== '\n') lexer.word += '\\';
  lexer.at += 2;
  return undefined;
}

function quote(lexer: Lexer, mark: string): ShellOpen | undefined {
  let at = lexer.at + 1;
  while (at < lexer.text.length && lexer.text[at] !== mark) {
    at += lexer.text[at] === '\\' && mark !== "'" ? 2 : 1;
  }
  if (at >= lexer.text.length) return 'quote';
  lexer.word += mark;
  lexer.at = at + 1;
  return undefined;
}

function comment(lexer: Lexer): undefined {
  if (lexer.word !== '') {
    lexer.word += '#';
    lexer.at += 1;
    return undefined;
  }
  const end = lexer.text.indexOf('\n', lexer.at);
  lexer.at = end < 0 ? lexer.text.length : end;
  return undefined;
}

function newline(lexer: Lexer): ShellOpen | undefined {
  endWord(lexer);
  lexer.at += 1;
  if (lexer.heredocs.length > MOST_HEREDOCS) return 'heredoc';
  for (let heredoc = lexer.heredocs[0]; heredoc !== undefined; heredoc = lexer.heredocs[0]) {
    const end = endOfHeredoc(lexer, heredoc);
    if (end === undefined) return 'heredoc';
    lexer.at = end;
    lexer.heredocs.shift();
  }
  return undefined;
}

/** More here-documents than this in one statement are taken for open. */
const MOST_HEREDOCS = 16;

/** Index behind the line that ends the here-document; undefined when it is not there yet. */
function endOfHeredoc(lexer: Lexer, heredoc: Heredoc): number | undefined {
  let at = lexer.at;
  for (const line of lexer.text.slice(lexer.at).split('\n')) {
    at += line.length + 1;
    const body = heredoc.tabs ? line.replace(/^\t+/, '') : line;
    if (body === heredoc.word) return Math.min(at, lexer.text.length);
  }
  return undefined;
}

function redirection(lexer: Lexer): undefined {
  const match = /^<<(-?)[ \t]*(?!<)(['"]?)([^\s'"<>|&;()]+)\2/.exec(lexer.text.slice(lexer.at, lexer.at + 200));
  if (match === null || lexer.text.startsWith('<<<', lexer.at)) {
    lexer.at += lexer.text.startsWith('<<<', lexer.at) ? 3 : 1;
    return undefined;
  }
  lexer.heredocs.push({ word: (match[3] ?? '').replace(/\\/g, ''), tabs: match[1] === '-' });
  lexer.at += match[0].length;
  return undefined;
}

function plain(lexer: Lexer, character: string): undefined {
  lexer.at += 1;
  if (character === ' ' || character === '\t') endWord(lexer);
  else if (character === '(' || character === ')') bracket(lexer, character);
  else if (character === '|' || character === '&' || character === ';') separator(lexer, character);
  else lexer.word += character;
  return undefined;
}

function bracket(lexer: Lexer, character: string): void {
  endWord(lexer);
  lexer.depth = Math.max(0, lexer.depth + (character === '(' ? 1 : -1));
  lexer.operator = false;
}

function separator(lexer: Lexer, character: string): void {
  endWord(lexer);
  const doubled = lexer.text[lexer.at] === character;
  if (doubled) lexer.at += 1;
  lexer.operator = character === '|' || (character === '&' && doubled);
}

/** Reserved words count wherever they stand: taking one too many for open only asks for more lines. */
function endWord(lexer: Lexer): void {
  const { word } = lexer;
  lexer.word = '';
  if (word === '') return;
  lexer.operator = false;
  if (CLOSERS.has(word)) lexer.depth = Math.max(0, lexer.depth - 1);
  else if (OPENERS.has(word) && !MIDDLES.has(word)) lexer.depth += 1;
}
