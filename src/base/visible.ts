/**
 * The one escaper for foreign text: whatever came from a target, a user or a client passes here before it
 * reaches another person's terminal, a log line or a message. Keeps printable text, shows everything that
 * could move a cursor, hide or reorder text as an escape.
 */

/** Control characters, invisible and bidirectional format characters, line separators, lone surrogates. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0]/gu;

/** `text` with every invisible or control character written as `\n`, `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escapeCharacter);
}

/** `visible`, cut to at most `limit` characters with `...` at the end. Escapes first, cuts after. */
export function visibleShort(text: string, limit: number): string {
  const shown = visible(text);
  return shown.length <= limit ? shown : `${shown.slice(0, Math.max(0, limit - 3))}...`;
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
