/**
 * What the history signs of bash and zsh most likely stand for, from the lines that this session has executed. Only
 * likely: other sessions may write to the same history (`share_history`, `history -n`), and some lines do not get into it
 * (`HISTIGNORE`). So a text with a sign is never known for certain; what it likely is can only make a verdict stricter.
 */

/** `none`: the text has no history sign. `unknown`: it has one whose meaning only the shell knows. */
export type Expansion =
  | { readonly kind: 'none' }
  | { readonly kind: 'likely'; readonly text: string; readonly sign: string }
  | { readonly kind: 'unknown'; readonly sign: string };

/** `history` is what was executed, newest last. */
export function expandHistory(text: string, history: readonly string[]): Expansion {
  if (text.startsWith('^')) return quickSubstitution(text, history.at(-1));
  const signs = findSigns(text);
  const first = signs[0];
  if (first === undefined) return { kind: 'none' };
  const last = usable(history.at(-1));
  let result = '';
  let from = 0;
  for (const sign of signs) {
    const value = last === undefined ? undefined : resolve(sign.text, last);
    if (value === undefined) return { kind: 'unknown', sign: sign.text };
    result += text.slice(from, sign.at) + value;
    from = sign.at + sign.text.length;
  }
  return { kind: 'likely', text: result + text.slice(from), sign: first.text };
}

/** A line that begins with a blank may have been kept out of the shell's history, and so may one with signs. */
function usable(line: string | undefined): string | undefined {
  return line === undefined || /^\s|\n/.test(line) ? undefined : line;
}

interface Sign {
  readonly at: number;
  readonly text: string;
}

/** What is shown of a sign that cannot be resolved. */
const LONGEST_SIGN = 64;
const SIGN = /^!(?:!|\$|\^|\*)(?![\w:!$^*%-])/;

/** `!` that starts an event: not in single quotes, not before a blank or `=`, not in `$!`, `${!`, `[!`. */
function findSigns(text: string): Sign[] {
  const signs: Sign[] = [];
  let double = false;
  let at = 0;
  while (at < text.length) {
    if (text[at] === '"') double = !double;
    const quoted = quotedLength(text, at, double);
    const sign = quoted === 0 && startsEvent(text, at, double) ? signAt(text, at) : undefined;
    if (sign !== undefined) signs.push(sign);
    at += sign?.text.length ?? Math.max(1, quoted);
  }
  return signs;
}

/** Length of the escaped character or single-quoted text at `at`; 0 when there is none. */
function quotedLength(text: string, at: number, double: boolean): number {
  if (text[at] === '\\') return 2;
  if (text[at] !== "'" || double) return 0;
  const end = text.indexOf("'", at + 1);
  return end < 0 ? text.length - at : end - at + 1;
}

function signAt(text: string, at: number): Sign {
  const end = /\s/.exec(text.slice(at, at + LONGEST_SIGN));
  const word = text.slice(at, at + (end?.index ?? LONGEST_SIGN));
  return { at, text: SIGN.exec(word)?.[0] ?? word };
}

function startsEvent(text: string, at: number, double: boolean): boolean {
  const next = text[at + 1];
  if (text[at] !== '!' || next === undefined || /[\s=(]/.test(next)) return false;
  if (next === '"' && double) return false;
  const before = text.slice(Math.max(0, at - 2), at);
  return !(before.endsWith('$') || before.endsWith('${') || before.endsWith('['));
}

/** The value of a sign in the line before; undefined when quoting makes its words uncertain. */
function resolve(sign: string, last: string): string | undefined {
  if (sign === '!!') return last;
  if (/['"`\\$(){};|&<>]/.test(last)) return undefined;
  const words = last.trim().split(/[ \t]+/);
  if (sign === '!$') return words.at(-1);
  if (sign === '!^') return words[1];
  return sign === '!*' ? words.slice(1).join(' ') : undefined;
}

/** `^old^new^`: the line before with the first `old` replaced. */
function quickSubstitution(text: string, last: string | undefined): Expansion {
  const match = /^\^([^^\\&]+)\^([^^\\&]*)\^?$/.exec(text);
  const line = usable(last);
  if (match === null || line === undefined || !line.includes(match[1] ?? '')) return { kind: 'unknown', sign: text };
  return { kind: 'likely', text: line.replace(match[1] ?? '', () => match[2] ?? ''), sign: text };
}
