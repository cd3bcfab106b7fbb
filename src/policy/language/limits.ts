/**
 * Limits that are checked by one linear scan before any parser sees the text, so that hostile input ends at
 * once. They do not depend on the clock.
 */

export interface TextLimits {
  /** Bytes of UTF-8. */
  readonly bytes: number;
  /** Brackets open at the same time, quoted or not. */
  readonly nesting: number;
  readonly words: number;
  /** `;`, `|`, `&`, newlines, backticks, `$`, `{`, `*`, and the words AND, OR, NOT: what multiplies the work of a judge. */
  readonly operators: number;
}

export const INTERACTIVE_LIMITS: TextLimits = { bytes: 16 * 1024, nesting: 64, words: 4 * 1024, operators: 512 };
export const EXEC_LIMITS: TextLimits = { bytes: 256 * 1024, nesting: 64, words: 32 * 1024, operators: 16 * 1024 };

export type LimitVerdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'too-long'; readonly why: string }
  | { readonly kind: 'unparsable'; readonly why: string };

const FINE: LimitVerdict = { kind: 'fine' };
// A control character other than TAB and LF, or what a decoder leaves for bytes that are not UTF-8.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNREADABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd]|\p{Surrogate}/u;

/** Checks size first, then characters, then nesting. */
export function checkLimits(text: string, limits: TextLimits): LimitVerdict {
  if (text.length > limits.bytes || (text.length * 3 > limits.bytes && Buffer.byteLength(text) > limits.bytes)) {
    return { kind: 'too-long', why: `more than ${limits.bytes} bytes` };
  }
  const bad = UNREADABLE.exec(text);
  if (bad !== null) {
    return { kind: 'unparsable', why: `a control or undecodable character at ${bad.index + 1}` };
  }
  return text.length <= limits.nesting ? FINE : checkStructure(text, limits);
}

function checkStructure(text: string, limits: TextLimits): LimitVerdict {
  let depth = 0;
  let words = 0;
  let operators = 0;
  let between = true;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const separates = isSeparator(code);
    if (between && !separates) words += 1;
    if (isOperator(code)) operators += 1;
    between = separates;
    depth = Math.max(0, depth + nestingStep(code));
    if (depth > limits.nesting) return { kind: 'unparsable', why: `nested more than ${limits.nesting} deep` };
  }
  return checkCounts(words, operators + booleanWords(text, limits.operators), limits);
}

function checkCounts(words: number, operators: number, limits: TextLimits): LimitVerdict {
  if (words > limits.words) return { kind: 'too-long', why: `more than ${limits.words} words` };
  if (operators > limits.operators) return { kind: 'too-long', why: `more than ${limits.operators} operators` };
  return FINE;
}

/** Counts AND, OR and NOT; a text without room for that many has none. */
function booleanWords(text: string, most: number): number {
  return text.length < 2 * most ? 0 : (text.match(/\b(?:and|or|not)\b/giu)?.length ?? 0);
}

const OPERATORS: ReadonlySet<number> = new Set(Array.from(';|&\n`${*', (char) => char.charCodeAt(0)));

function isOperator(code: number): boolean {
  return OPERATORS.has(code);
}

/** Blank, newline, tab, `;`, `&`, `|`. */
function isSeparator(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 59 || code === 38 || code === 124;
}

/** +1 for `( [ {`, -1 for `) ] }`. */
function nestingStep(code: number): number {
  if (code === 40 || code === 91 || code === 123) return 1;
  return code === 41 || code === 93 || code === 125 ? -1 : 0;
}
