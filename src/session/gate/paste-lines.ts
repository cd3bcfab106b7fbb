/** Takes a paste of several lines apart, so that each is typed, submitted and judged on its own. */
import type { KeyToken } from '../../terminal/key-token.ts';
import { ENTER } from './retype.ts';

/** The keys that type the lines of `paste` one after the other; the last line is submitted only if it was ended. */
export function linesOfPaste(paste: KeyToken): KeyToken[] {
  if (paste.kind !== 'paste') return [paste];
  const lines = paste.text.split(/\r\n|\r|\n/);
  const keys = lines.flatMap((line) => (line === '' ? [ENTER] : [pasted(line), ENTER]));
  return keys.slice(0, -1);
}

function pasted(text: string): KeyToken {
  return { kind: 'paste', bytes: new TextEncoder().encode(`\x1b[200~${text}\x1b[201~`), text, complete: true };
}
