/**
 * Words of a MySQL or MariaDB statement: comments gone, executable comments opened, texts blanked. The server's
 * SQL mode is not known, so a double-quoted text is a text here.
 */

export interface MysqlToken {
  /** Upper case for words; `'…'` with its content for texts; one character otherwise. */
  readonly text: string;
  readonly kind: 'word' | 'text' | 'number' | 'sign';
  /** Open parentheses around it. */
  readonly depth: number;
}

const PIECE =
  /(?<space>\s+)|(?<open>\/\*M?!\d*)|(?<comment>\/\*.*?(?:\*\/|$)|#[^\n]*|--(?=\s|$)[^\n]*)|(?<close>\*\/)|(?<text>'(?:[^'\\]|''|\\.)*'?|"(?:[^"\\]|""|\\.)*"?)|(?<name>`(?:[^`]|``)*`?)|(?<number>\d+(?:\.\d+)?\b)|(?<word>@{0,2}[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|(?<sign>.)/gsu;

/** Splits a statement into words. Executable comments count as their content. */
export function mysqlTokens(text: string): readonly MysqlToken[] {
  const tokens: MysqlToken[] = [];
  let depth = 0;
  for (const found of text.matchAll(PIECE)) {
    if (found[0] === ')') depth = Math.max(0, depth - 1);
    const token = tokenOf(found.groups ?? {}, depth);
    if (token !== null) tokens.push(token);
    if (found[0] === '(') depth += 1;
  }
  return tokens;
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, depth: number): MysqlToken | null {
  const { text, name, number, word, sign } = groups;
  if (text !== undefined) return { text, kind: 'text', depth };
  if (number !== undefined) return { text: number, kind: 'number', depth };
  if (word !== undefined) return { text: word.toUpperCase(), kind: 'word', depth };
  const other = name ?? sign;
  return other === undefined ? null : { text: other, kind: 'sign', depth };
}
