/**
 * Discord's webhooks. Every sign of ASCII gets a backslash, so none is Markdown, a mention or a link; mentions and
 * previews are switched off besides.
 */
import { callsForAll, type Escape, writtenOut } from '../escape.ts';
import type { Letter } from '../letter.ts';
import { escapedLines, type HttpBody, jsonBody } from './form.ts';

const SIGN = /[!-/:-@[-`{-~]/;
/** Message flag SUPPRESS_EMBEDS. */
const NO_PREVIEWS = 4;

const discordText: Escape = (character, following) => {
  if (callsForAll(character, following)) return `\\${writtenOut(character)}`;
  return SIGN.test(character) ? `\\${character}` : character;
};

export function discordForm(letter: Letter): HttpBody {
  const content = escapedLines(letter, discordText).join('\n');
  return jsonBody({ content, allowed_mentions: { parse: [] }, flags: NO_PREVIEWS });
}
