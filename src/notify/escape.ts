/**
 * Makes foreign text harmless for one form and then cuts it. The text is a row of characters, each escaped by
 * itself, and only whole ones are left out: no cut can take the end of an escape away, and no escape can exceed the
 * limit.
 */
import { redactSecrets } from '../base/redact-secrets.ts';
import { visible } from '../base/visible.ts';

/** What a form makes of one visible character, given the few that follow it in the text. */
export type Escape = (character: string, following: string) => string;

const MORE = '...';
/** Characters of a text that are looked at, well beyond every limit: to look for secrets takes time. */
const LOOKED_AT = 16_384;
/** Characters that an escape may look ahead. */
const AHEAD = 8;
const CALL_FOR_ALL = /^(?:everyone|here|channel|all)/i;

/**
 * The text without secrets, with everything invisible written out, escaped for a form, at most `limit` bytes of
 * UTF-8 with `...` at the end if something is missing.
 */
export function escaped(text: string, by: Escape, limit: number): string {
  const kept: string[] = [];
  const source = redactSecrets(text.slice(0, LOOKED_AT));
  let room = limit;
  /** How many of the kept ones leave room for the dots. */
  let safe = 0;
  let index = 0;
  for (const character of source) {
    index += character.length;
    const seen = visible(character);
    // What was written out is letters and digits behind a backslash by now.
    const shown = [...seen].map((one) => by(one, source.slice(index, index + AHEAD))).join('');
    room -= Buffer.byteLength(shown);
    if (room < 0) return `${kept.slice(0, safe).join('')}${MORE}`;
    kept.push(shown);
    if (room >= MORE.length) safe = kept.length;
  }
  if (text.length > LOOKED_AT) return `${kept.slice(0, safe).join('')}${MORE}`;
  return kept.join('');
}

/** For forms that show text as it is. */
export const plain: Escape = (character) => character;

/** A character as people read it in a held command: `\u0040`. */
export function writtenOut(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

/** Whether chat services take the character and what follows for a call for everybody. */
export function callsForAll(character: string, following: string): boolean {
  return character === '@' && CALL_FOR_ALL.test(following);
}
