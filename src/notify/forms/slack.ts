/**
 * Slack's incoming webhooks. `&`, `<` and `>` are its control characters (`<!channel>`, `<@U1>`, `<url|text>`);
 * formatting, names and previews are switched off besides.
 */
import { callsForAll, type Escape, writtenOut } from '../escape.ts';
import type { Letter } from '../letter.ts';
import { escapedLines, type HttpBody, jsonBody } from './form.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const slackText: Escape = (character, following) =>
  callsForAll(character, following) ? writtenOut(character) : (ENTITIES[character] ?? character);

export function slackForm(letter: Letter): HttpBody {
  return jsonBody({
    text: escapedLines(letter, slackText).join('\n'),
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  });
}
