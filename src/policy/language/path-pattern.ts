/**
 * Patterns over paths and the question whether a word of a command may name such a path. A static word is
 * tested with a regular expression; a word with shell globs or dynamic parts is intersected with the pattern.
 *
 * Syntax: `*` (not `/`), `**`, `?`, `[…]`, `{a,b}`, `\x` literal. `/etc/**` includes `/etc` itself, because
 * writing to a directory writes into it. It does not look at any file system and does not follow links.
 */
import type { Match, Word, WordPiece } from '../analysis.ts';
import { normalisePath } from './path-normal-form.ts';

type Token =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'class'; readonly test: RegExp }
  | { readonly kind: 'one' }
  /** `noDot`: does not match a dot at the start of a segment. */
  | { readonly kind: 'star'; readonly noDot: boolean }
  | { readonly kind: 'deep' };

interface CompiledPattern {
  readonly tokens: readonly Token[];
  /** The pattern is `**` and a name: only the last segment says anything. */
  readonly baseNameOnly: boolean;
  /** And of that name, only the end: `*.pem`. */
  readonly endingOnly: boolean;
}

/** A set of path patterns, compiled once. */
export interface PathSet {
  readonly expression: RegExp;
  readonly patterns: readonly CompiledPattern[];
}

const DEEP: Token = { kind: 'deep' };
const ONE: Token = { kind: 'one' };
const STAR: Token = { kind: 'star', noDot: false };

/** Compiles patterns into a set. An ill-formed bracket or brace is taken literally; never throws. */
export function compilePathSet(patterns: readonly string[]): PathSet {
  const spelled = patterns.flatMap(expandBraces);
  const simple = spelled.flatMap(expandDeepSegments);
  return {
    expression: new RegExp(setSource(spelled), 'u'),
    patterns: simple.map((pattern) => ({
      tokens: patternTokens(pattern, false),
      baseNameOnly: /^(?:\*\*\/)?[^/]+$/u.test(pattern),
      endingOnly: /^(?:\*\*\/)?\*[^/]+$/u.test(pattern),
    })),
  };
}

/** May the word name a path of the set? `possible` when it takes a dynamic part to do so. */
export function matchPath(set: PathSet, word: Word, cwd: string | null): Match {
  if (word.pieces === null) return set.expression.test(normalisePath(word.text, cwd)) ? 'yes' : 'no';
  const tokens = tokensOf(word, word.pieces, cwd);
  const openEnded = endsInStar(word.pieces);
  const vague = openEnded && endsInBareStar(word.pieces);
  const saysNothing = (pattern: CompiledPattern): boolean =>
    (vague && pattern.baseNameOnly) || (openEnded && pattern.endingOnly);
  const hit = set.patterns.some((pattern) => !saysNothing(pattern) && intersect(tokens, pattern.tokens));
  if (!hit) return 'no';
  return word.kind === 'dynamic' ? 'possible' : 'yes';
}

interface KnownTokens {
  readonly cwd: string | null;
  readonly tokens: readonly Token[];
}

/** A word is compared with many sets; its tokens are made once. */
const KNOWN_TOKENS = new WeakMap<Word, KnownTokens>();

function tokensOf(word: Word, pieces: readonly WordPiece[], cwd: string | null): readonly Token[] {
  const known = KNOWN_TOKENS.get(word);
  if (known !== undefined && known.cwd === cwd) return known.tokens;
  const tokens = wordTokens(pieces, cwd);
  KNOWN_TOKENS.set(word, { cwd, tokens });
  return tokens;
}

/** `kern.log*` says nothing about how names end. */
function endsInStar(pieces: readonly WordPiece[]): boolean {
  const last = pieces.at(-1);
  return last?.kind === 'glob' && /^\*+$/u.test(last.text);
}

/** `dir/*` and `*` say nothing about names, so they do not meet patterns that are only about names. */
function endsInBareStar(pieces: readonly WordPiece[]): boolean {
  const before = pieces.at(-2);
  return before === undefined || (before.kind === 'literal' && before.text.endsWith('/'));
}

function expandBraces(pattern: string): readonly string[] {
  const open = /(?<!\\)\{([^{}]*)\}/u.exec(pattern);
  const inner = open?.[1];
  if (open === null || inner === undefined) return [pattern];
  const before = pattern.slice(0, open.index);
  const after = pattern.slice(open.index + open[0].length);
  return inner.split(',').flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}

/** `**` between slashes also stands for no directory at all. */
function expandDeepSegments(pattern: string): readonly string[] {
  const middle = pattern.indexOf('/**/');
  if (middle !== -1) {
    const tails = expandDeepSegments(pattern.slice(middle + 3));
    const head = pattern.slice(0, middle);
    return tails.flatMap((tail) => [`${head}/**${tail}`, `${head}${tail}`]);
  }
  if (pattern.startsWith('**/')) return [pattern, pattern.slice(3)];
  if (pattern.endsWith('/**') && pattern.length > 3) return [pattern, pattern.slice(0, -3)];
  return [pattern];
}

/** Patterns that start anywhere share one step over the directories before them. */
function setSource(patterns: readonly string[]): string {
  if (patterns.length === 0) return '(?!)';
  const sources = (some: readonly string[]): readonly string[] => some.flatMap(expandDeepSegments).map(regexSource);
  const anywhere = sources(patterns.filter((one) => one.startsWith('**/')).map((one) => one.slice(3)));
  const fixed = sources(patterns.filter((one) => !one.startsWith('**/')));
  const floating = anywhere.length === 0 ? [] : [`(?:.*\\/)?(?:${anywhere.join('|')})`];
  return `^(?:${[...fixed, ...floating].join('|')})$`;
}

function regexSource(pattern: string): string {
  return patternTokens(pattern, false).map(tokenSource).join('');
}

function tokenSource(token: Token): string {
  switch (token.kind) {
    case 'char':
      return token.char.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&');
    case 'class':
      return token.test.source.slice(1, -1);
    case 'one':
      return '[^/]';
    case 'star':
      return '[^/]*';
    case 'deep':
      return '.*';
  }
}

const GLOB_TOKEN = /\\(?<escaped>.)|(?<stars>\*+)|\?|\[(?<not>[!^]?)(?<body>\]?(?:\[:\w+:\]|[^\]])+)\]|(?<plain>.)/gsu;

/** Tokens of glob text; `shell` for text that a shell expands, where `**` is `*` and a leading dot is special. */
function patternTokens(pattern: string, shell: boolean): Token[] {
  const star: Token = shell ? { kind: 'star', noDot: true } : STAR;
  return Array.from(pattern.matchAll(GLOB_TOKEN), (found) => {
    const { escaped, stars, not, body, plain } = found.groups ?? {};
    if (body !== undefined) return classToken(body, not !== '');
    if (stars !== undefined) return stars.length > 1 && !shell ? DEEP : star;
    const char = escaped ?? plain;
    return char === undefined ? ONE : { kind: 'char', char };
  });
}

function classToken(body: string, negated: boolean): Token {
  // A named class is rare in a path; any character is the safe reading.
  if (body.includes('[:')) return ONE;
  const safe = body.replace(/[^\w-]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
  try {
    return { kind: 'class', test: new RegExp(`^[${negated ? '^/' : ''}${safe}]$`, 'u') };
  } catch {
    return ONE;
  }
}

const FIRST_PLACEHOLDER = 0xe000;

/** Tokens of a word: globs as a shell expands them, dynamic parts as any text. */
function wordTokens(pieces: readonly WordPiece[], cwd: string | null): readonly Token[] {
  // Pieces become placeholders so that `..` and `//` around them can be collapsed first.
  const text = pieces
    .map((piece, index) => (piece.kind === 'literal' ? piece.text : String.fromCharCode(FIRST_PLACEHOLDER + index)))
    .join('');
  const dynamicStart = pieces[0]?.kind === 'dynamic';
  const tokens: Token[] = [];
  const normal = normalisePath(text, dynamicStart ? null : cwd, (segment) => hasDynamic(segment, pieces));
  // Steps back over a dynamic part may lead anywhere.
  const steps = normal.lastIndexOf('/../');
  if (steps !== -1) tokens.push(DEEP);
  for (const char of steps === -1 ? normal : normal.slice(steps + 3)) {
    const piece = pieces[char.charCodeAt(0) - FIRST_PLACEHOLDER];
    if (piece === undefined || piece.kind === 'literal') tokens.push({ kind: 'char', char });
    else tokens.push(...pieceTokens(piece));
  }
  return tokens;
}

function hasDynamic(segment: string, pieces: readonly WordPiece[]): boolean {
  for (const char of segment) {
    if (pieces[char.charCodeAt(0) - FIRST_PLACEHOLDER]?.kind === 'dynamic') return true;
  }
  return false;
}

function pieceTokens(piece: WordPiece): readonly Token[] {
  if (piece.kind === 'dynamic') return [DEEP];
  if (/^[?*+@!]\(/u.test(piece.text)) return [{ kind: 'star', noDot: false }];
  return patternTokens(piece.text, true);
}

/** Is there a text that both token lists match? Time is the product of their lengths. */
function intersect(word: readonly Token[], pattern: readonly Token[]): boolean {
  if (differ(word[0], pattern[0]) || differ(word.at(-1), pattern.at(-1))) return false;
  const width = pattern.length + 1;
  const seen = new Uint8Array((word.length + 1) * width);
  const open: number[] = [0];
  while (open.length > 0) {
    const state = open.pop() ?? 0;
    if (seen[state] === 1) continue;
    seen[state] = 1;
    const i = Math.floor(state / width);
    const j = state % width;
    if (i === word.length && j === pattern.length) return true;
    step(word, pattern, i, j, (a, b) => open.push(a * width + b));
  }
  return false;
}

/** Two fixed characters that are not the same. */
function differ(a: Token | undefined, b: Token | undefined): boolean {
  return a?.kind === 'char' && b?.kind === 'char' && a.char !== b.char;
}

function step(
  word: readonly Token[],
  pattern: readonly Token[],
  i: number,
  j: number,
  go: (i: number, j: number) => void,
): void {
  const a = word[i];
  const b = pattern[j];
  const aLoops = a?.kind === 'star' || a?.kind === 'deep';
  const bLoops = b?.kind === 'star' || b?.kind === 'deep';
  if (aLoops) go(i + 1, j);
  if (bLoops) go(i, j + 1);
  if (a === undefined || b === undefined || (aLoops && bLoops)) return;
  if (!compatible(a, b, j === 0 || isSlash(pattern[j - 1]))) return;
  go(aLoops ? i : i + 1, bLoops ? j : j + 1);
}

function isSlash(token: Token | undefined): boolean {
  return token?.kind === 'char' && token.char === '/';
}

function compatible(word: Token, pattern: Token, segmentStart: boolean): boolean {
  if (word.kind === 'star' && word.noDot && segmentStart && pattern.kind === 'char' && pattern.char === '.')
    return false;
  if (word.kind === 'char') return accepts(pattern, word.char);
  if (pattern.kind === 'char') return accepts(word, pattern.char);
  return true;
}

function accepts(token: Token, char: string): boolean {
  switch (token.kind) {
    case 'char':
      return token.char === char;
    case 'class':
      return char !== '/' && token.test.test(char);
    case 'one':
    case 'star':
      return char !== '/';
    case 'deep':
      return true;
  }
}
