/**
 * Microsoft Teams: an adaptive card, as workflows that post to a channel take it. Text runs of a rich text block know
 * no Markdown, and there is nobody to call without `msteams.entities`; `{{` would open a date, `${` a template, and
 * `<` a tag where a client is older than that.
 */
import { callsForAll, type Escape, writtenOut } from '../escape.ts';
import type { Letter } from '../letter.ts';
import { escapedLines, type HttpBody, jsonBody } from './form.ts';

const teamsText: Escape = (character, following) => {
  const opensTemplate = (character === '{' || character === '$') && following.startsWith('{');
  const opensTag = character === '<' && /^\S/.test(following);
  return opensTemplate || opensTag || callsForAll(character, following) ? writtenOut(character) : character;
};

export function teamsForm(letter: Letter): HttpBody {
  const body = escapedLines(letter, teamsText).map((text, index) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, ...(index === 0 ? { weight: 'Bolder' } : { fontType: 'Monospace' }) }],
  }));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body,
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
  return jsonBody({ type: 'message', attachments: [attachment] });
}
