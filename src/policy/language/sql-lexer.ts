/**
 * Splits what is typed at psql or mysql into statements and client commands, the way the clients do it: by
 * quotes, comments, parentheses and terminators, without understanding the statements.
 */

export type SqlClient = 'psql' | 'mysql';

export type SqlUnit =
  | { readonly kind: 'statement'; readonly text: string }
  /** A client command: `\d users`, `source x`; `before` is the statement text that it may act on. */
  | { readonly kind: 'client'; readonly text: string; readonly before: string };

export interface SplitSql {
  readonly units: readonly SqlUnit[];
  /** What follows the last complete unit. */
  readonly rest: string;
  /** What the rest is inside of; null when it is empty or between words. */
  readonly open: string | null;
}

interface State {
  readonly text: string;
  readonly client: SqlClient;
  readonly units: SqlUnit[];
  at: number;
  start: number;
  parens: number;
  /** Blocks of a `BEGIN ATOMIC` body. */
  blocks: number;
  delimiter: string;
  open: string | null;
}

/** Splits a text. Never throws; an unclosed quote takes the rest. */
export function splitSql(text: string, client: SqlClient): SplitSql {
  const state: State = { text, client, units: [], at: 0, start: 0, parens: 0, blocks: 0, delimiter: ';', open: null };
  while (state.at < text.length) step(state);
  const rest = text.slice(state.start);
  return { units: state.units, rest, open: rest.trim() === '' ? null : (state.open ?? 'a statement') };
}

function step(state: State): void {
  const char = state.text.charAt(state.at);
  if (atDelimiter(state)) end(state, state.delimiter.length);
  else if (isComment(state)) comment(state);
  else if (/[A-Za-z_]/u.test(char)) word(state);
  else sign(state, char);
}

function atDelimiter({ client, delimiter, text, at }: State): boolean {
  return client === 'mysql' && delimiter !== ';' && text.startsWith(delimiter, at);
}

function sign(state: State, char: string): void {
  switch (char) {
    case ';':
      if (state.delimiter === ';') semicolon(state);
      else state.at += 1;
      return;
    case '\\':
      backslash(state);
      return;
    case "'":
    case '"':
    case '`':
      quoted(state, char);
      return;
    case '$':
      dollar(state);
      return;
    case '(':
    case ')':
      state.parens = Math.max(0, state.parens + (char === '(' ? 1 : -1));
      state.at += 1;
      return;
    default:
      state.at += 1;
  }
}

function semicolon(state: State): void {
  const inside = state.client === 'psql' && (state.parens > 0 || state.blocks > 0);
  if (inside) state.at += 1;
  else end(state, 1);
}

function end(state: State, length: number): void {
  const text = state.text.slice(state.start, state.at).trim();
  if (text !== '') state.units.push({ kind: 'statement', text });
  state.at += length;
  restart(state);
}

function restart(state: State): void {
  state.start = state.at;
  state.parens = 0;
  state.blocks = 0;
  state.open = null;
}

function lineEnd(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found === -1 ? text.length : found;
}

/** A client command takes the rest of the line. */
function backslash(state: State): void {
  const { text, at, client } = state;
  const next = text.charAt(at + 1);
  if (next === ';' && client === 'psql') {
    state.at += 2;
    return;
  }
  const stop = lineEnd(text, at);
  if (client === 'mysql' && (next === 'g' || next === 'G')) {
    end(state, 2);
    return;
  }
  const before = text.slice(state.start, at).trim();
  state.units.push({ kind: 'client', text: text.slice(at, stop).trim(), before });
  state.at = Math.min(text.length, stop + 1);
  restart(state);
}

function quoted(state: State, quote: string): void {
  const { text, client } = state;
  if (quote === '`' && client === 'psql') {
    state.at += 1;
    return;
  }
  const escapes = quote !== '`' && (client === 'mysql' || (quote === "'" && hasEscapePrefix(text, state.at)));
  let i = state.at + 1;
  for (; i < text.length && text.charAt(i) !== quote; i += 1) {
    if (escapes && text.charAt(i) === '\\') i += 1;
  }
  if (i >= text.length) state.open = 'a quoted text';
  state.at = i + 1;
}

/** `E'…'` knows backslash escapes. */
function hasEscapePrefix(text: string, at: number): boolean {
  return /(?:^|\W)[eE]$/u.test(text.slice(Math.max(0, at - 2), at));
}

function isComment(state: State): boolean {
  const { text, at, client } = state;
  if (text.startsWith('/*', at)) return true;
  if (client === 'mysql') return text.charAt(at) === '#' || /^--(?:\s|$)/u.test(text.slice(at, at + 3));
  return text.startsWith('--', at);
}

function comment(state: State): void {
  const { text, at } = state;
  if (!text.startsWith('/*', at)) {
    state.at = lineEnd(text, at);
    return;
  }
  const stop = state.client === 'psql' ? nestedCommentEnd(text, at) : text.indexOf('*/', at + 2);
  if (stop === -1) state.open = 'a comment';
  state.at = stop === -1 ? text.length : stop + 2;
}

function nestedCommentEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length - 1; i += 1) {
    if (text.startsWith('/*', i)) {
      depth += 1;
      i += 1;
    } else if (text.startsWith('*/', i)) {
      depth -= 1;
      if (depth === 0) return i;
      i += 1;
    }
  }
  return -1;
}

function dollar(state: State): void {
  const tag = /^\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/u.exec(
    state.text.slice(state.at, state.at + 80),
  )?.[0];
  const before = state.text.charAt(state.at - 1);
  if (tag === undefined || state.client === 'mysql' || /[\w$]/u.test(before)) {
    state.at += 1;
    return;
  }
  const close = state.text.indexOf(tag, state.at + tag.length);
  if (close === -1) state.open = 'a dollar-quoted text';
  state.at = close === -1 ? state.text.length : close + tag.length;
}

const CLIENT_WORDS: ReadonlySet<string> = new Set([
  'source',
  'system',
  'delimiter',
  'tee',
  'pager',
  'edit',
  'notee',
  'nopager',
  'connect',
]);

function word(state: State): void {
  const found = /^\w+/u.exec(state.text.slice(state.at, state.at + 128))?.[0] ?? '';
  const lower = found.toLowerCase();
  if (state.client === 'mysql' && CLIENT_WORDS.has(lower) && state.text.slice(state.start, state.at).trim() === '') {
    clientWord(state, lower);
    return;
  }
  if (state.client === 'psql') countBlocks(state, lower);
  state.at += Math.max(1, found.length);
}

/** `BEGIN ATOMIC … END` holds semicolons; a CASE in it has an END of its own. */
function countBlocks(state: State, lower: string): void {
  const after = (): string => state.text.slice(state.at + lower.length, state.at + lower.length + 40);
  if (lower === 'begin' && /^\s+atomic\b/iu.test(after())) state.blocks += 1;
  else if (lower === 'case' && state.blocks > 0) state.blocks += 1;
  else if (lower === 'end' && state.blocks > 0) state.blocks -= 1;
}

function clientWord(state: State, lower: string): void {
  const stop = lineEnd(state.text, state.at);
  const line = state.text.slice(state.at, stop).trim();
  if (lower === 'delimiter') {
    state.delimiter = line.slice(lower.length).trim().split(/\s/u)[0] ?? ';';
    if (state.delimiter === '') state.delimiter = ';';
  } else state.units.push({ kind: 'client', text: line.replace(/;$/u, ''), before: '' });
  state.at = Math.min(state.text.length, stop + 1);
  restart(state);
}
