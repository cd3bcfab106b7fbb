/**
 * What can be seen in a raw line before it is parsed: history expansion, line continuations in operators, and
 * (for zsh) the text behind `#`. A small quote-aware scanner; it does not know here-documents.
 */

type Quote = 'none' | 'single' | 'double';

export interface LineScan {
  /** The first history expansion, as typed; null when none. */
  readonly history: string | null;
  /** Text behind an unquoted `#` at the start of a word, without the `#`, one a line. */
  readonly comments: readonly string[];
}

/** A backslash-newline between the two characters of an operator, which parsers read differently. */
export function hasSplitOperator(text: string): boolean {
  return text.includes('\\\n') && /[$<>&|]\\\n/u.test(text);
}

/** A lone backslash at the end: the shell asks for another line. */
export function endsInBackslash(text: string): boolean {
  if (!text.endsWith('\\')) return false;
  const tail = /\\+$/u.exec(text);
  return tail !== null && tail[0].length % 2 === 1 && !insideSingleQuotes(text);
}

function insideSingleQuotes(text: string): boolean {
  let quote: Quote = 'none';
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) === 92 && quote !== 'single') i += 1;
    else quote = nextQuote(quote, text.charAt(i));
  }
  return quote === 'single';
}

function nextQuote(quote: Quote, char: string): Quote {
  if (char === "'" && quote !== 'double') return quote === 'single' ? 'none' : 'single';
  if (char === '"' && quote !== 'single') return quote === 'double' ? 'none' : 'double';
  return quote;
}

/** Finds history expansions and comments. Costs nothing when the text has neither `!`, `^` nor `#`. */
export function scanLine(text: string): LineScan {
  const leading = /^\^[^^]+\^/u.exec(text);
  if (leading !== null) return { history: leading[0], comments: [] };
  if (!text.includes('!') && !text.includes('#')) return { history: null, comments: [] };
  return scanQuoted(text);
}

function scanQuoted(text: string): LineScan {
  const comments: string[] = [];
  let quote: Quote = 'none';
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charAt(i);
    if (char === '\\' && quote !== 'single') i += 1;
    else if (char === '!' && quote !== 'single' && isHistory(text, i, quote)) {
      return { history: historyWord(text, i), comments };
    } else if (char === '#' && quote === 'none' && startsWord(text, i)) {
      const end = lineEnd(text, i);
      comments.push(text.slice(i + 1, end));
      i = end;
    } else quote = nextQuote(quote, char);
  }
  return { history: null, comments };
}

function isHistory(text: string, at: number, quote: Quote): boolean {
  const next = text.charAt(at + 1);
  if (next === '' || ' \t\n='.includes(next) || next === '(' || (next === '"' && quote === 'double')) return false;
  const before = text.charAt(at - 1);
  if (before === '$' || (before === '{' && text.charAt(at - 2) === '$')) return false;
  // `[!a-z]` negates a bracket expression.
  return !(before === '[' && text.includes(']', at + 1));
}

function historyWord(text: string, at: number): string {
  return /^!\S*/u.exec(text.slice(at, at + 40))?.[0] ?? '!';
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || ' \t\n;&|()'.includes(text.charAt(at - 1));
}

function lineEnd(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found === -1 ? text.length : found;
}
