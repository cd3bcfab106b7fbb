/**
 * The one escaper for foreign text: whatever came from a target, a user or a client passes here before it
 * reaches another person's terminal, a log line or a message. Keeps printable text, shows everything that
 * could move a cursor, hide or reorder text as an escape.
 */

/**
 * Control characters, invisible and bidirectional format characters, blanks that are not the space, characters
 * without ink (fillers, variation selectors, the empty braille cell), line separators, lone surrogates.
 */
const HIDDEN: RegExp =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each of them is looked for by itself
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\u{e0100}-\u{e01ef}]/gu;

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
