/** ntfy: plain text in the body, which no client reads as markup; nothing foreign in a header, no action, no link. */
import { plain } from '../escape.ts';
import type { Letter } from '../letter.ts';
import { escapedLines, type HttpBody } from './form.ts';

export function ntfyForm(letter: Letter): HttpBody {
  return {
    contentType: 'text/plain; charset=utf-8',
    text: escapedLines(letter, plain).join('\n'),
    headers: { priority: letter.priority, markdown: 'no' },
  };
}
