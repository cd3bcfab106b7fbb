/**
 * Puts a statement over several lines on one, where that cannot change what it means: then it can be approved, and
 * typed again as approved. Anything that is not certain by its letters alone stays as it is.
 */
import type { CommandContext } from '../model/command-line.ts';

const QUOTED = /'[^']*'|"[^"]*"|`[^`]*`/g;
/** What may reach over the end of a line, or makes the rest of it a comment. */
const REACHING: Readonly<Record<'shell' | 'sql', RegExp>> = { shell: /['"`#]/, sql: /['"`#$]|--|\/\*/ };

/** @returns null when the lines cannot be joined */
export function onOneLine(lines: readonly string[], context: CommandContext): string | null {
  switch (context) {
    case 'shell':
      return shellLine(lines);
    case 'psql':
    case 'mysql':
      return lines.every((line) => standsAlone(line, REACHING.sql)) ? wordsOf(lines) : null;
    case 'repl':
    case 'exec':
      return null;
  }
}

/** Only a backslash at the end of a line joins it with the next one. */
function shellLine(lines: readonly string[]): string | null {
  const last = lines.length - 1;
  if (!lines.every((line, index) => index === last || line.endsWith('\\'))) return null;
  const parts = lines.map((line, index) => (index === last ? line : line.slice(0, -1)));
  return parts.every((part) => standsAlone(part, REACHING.shell)) ? parts.join('') : null;
}

function standsAlone(line: string, reaching: RegExp): boolean {
  return !line.includes('\\') && !reaching.test(line.replace(QUOTED, ''));
}

function wordsOf(lines: readonly string[]): string {
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}
