/**
 * Mattermost's incoming webhooks. Its Markdown cannot be switched off, and Slack's `<...>` is translated even
 * inside code: so everything is an indented code block, which no text without a line break can leave and in which
 * nobody is called, and what looks like Slack's markup is written out.
 */
import { callsForAll, type Escape, writtenOut } from '../escape.ts';
import type { Letter } from '../letter.ts';
import { escapedLines, type HttpBody, jsonBody } from './form.ts';

const INDENT = '    ';

const mattermostText: Escape = (character, following) => {
  const opensMarkup = character === '<' && /^\S/.test(following);
  return opensMarkup || callsForAll(character, following) ? writtenOut(character) : character;
};

export function mattermostForm(letter: Letter): HttpBody {
  const lines = escapedLines(letter, mattermostText).map((line) => `${INDENT}${line}`);
  return jsonBody({ text: lines.join('\n') });
}
