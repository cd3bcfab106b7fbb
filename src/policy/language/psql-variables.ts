/**
 * psql's variables: `\set name value` and `:name`, `:'name'`, `:"name"` outside of quotes. A variable counts as
 * known only when this text set it to a literal before.
 */

export interface Interpolated {
  readonly text: string;
  /** The first variable that is not known, as typed; null when none. */
  readonly unknown: string | null;
}

const SKIPPED = /'(?:[^'\\]|''|\\.)*'|"[^"]*"|\$([A-Za-z_]\w*)?\$.*?\$\1\$|--[^\n]*|\/\*.*?\*\//suy;
const VARIABLE = /:(?:'([A-Za-z_]\w*)'|"([A-Za-z_]\w*)"|([A-Za-z_]\w*)|\{\?\w+\})/uy;

/** Puts known values in place of variables. */
export function interpolate(text: string, variables: ReadonlyMap<string, string>): Interpolated {
  if (!text.includes(':')) return { text, unknown: null };
  let out = '';
  let unknown: string | null = null;
  for (let at = 0; at < text.length; ) {
    const piece = pieceAt(text, at);
    const name = piece.name;
    if (name === null) out += piece.source;
    else {
      const value = variables.get(name);
      if (value === undefined) unknown ??= piece.source;
      out += value === undefined ? piece.source : quote(value, piece.source.charAt(1));
    }
    at += piece.source.length;
  }
  return { text: out, unknown };
}

interface Piece {
  readonly source: string;
  readonly name: string | null;
}

function pieceAt(text: string, at: number): Piece {
  SKIPPED.lastIndex = at;
  const skipped = SKIPPED.exec(text);
  if (skipped !== null) return { source: skipped[0], name: null };
  if (text.startsWith('::', at) || text.startsWith(':=', at)) return { source: text.slice(at, at + 2), name: null };
  VARIABLE.lastIndex = at;
  const found = VARIABLE.exec(text);
  if (found === null) return { source: text.charAt(at), name: null };
  return { source: found[0], name: found[1] ?? found[2] ?? found[3] ?? '' };
}

function quote(value: string, mark: string): string {
  if (mark === "'") return `'${value.replaceAll("'", "''")}'`;
  return mark === '"' ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Notes what `\set` and `\unset` do; a value with a variable or backticks in it is not known. */
export function noteVariable(command: string, variables: Map<string, string>): void {
  const found = /^\\(set|unset|prompt|gset|getenv)\b\s*(?:(\w+)\b\s*(.*))?$/su.exec(command);
  const [, verb, name, rest = ''] = found ?? [];
  if (verb === 'gset') variables.clear();
  if (name === undefined) return;
  const value = verb === 'set' ? literal(rest.trim()) : null;
  if (value === null) variables.delete(name);
  else variables.set(name, value);
}

function literal(rest: string): string | null {
  const quotedText = /^'((?:[^'\\]|'')*)'$/u.exec(rest);
  if (quotedText !== null) return (quotedText[1] ?? '').replaceAll("''", "'");
  return /^[\w.,+-]+$/u.test(rest) ? rest : null;
}
