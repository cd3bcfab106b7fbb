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
    const { text: quoted, name, number, word, sign } = found.groups ?? {};
    if (quoted !== undefined) tokens.push({ text: quoted, kind: 'text', depth });
    else if (name !== undefined) tokens.push({ text: name, kind: 'sign', depth });
    else if (number !== undefined) tokens.push({ text: number, kind: 'number', depth });
    else if (word !== undefined) tokens.push({ text: word.toUpperCase(), kind: 'word', depth });
    else if (sign !== undefined) {
      if (sign === ')') depth = Math.max(0, depth - 1);
      tokens.push({ text: sign, kind: 'sign', depth });
      if (sign === '(') depth += 1;
    }
  }
  return tokens;
}
