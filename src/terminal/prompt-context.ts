/** What reads the text behind a prompt: a shell, psql, mysql or another REPL. A guess from the prompt's shape and what was started. */
import type { CommandContext } from '../model/command-line.ts';

/** What a prompt looks like by itself; `unknown` prompts are taken for a shell's. */
export type PromptShape = 'psql' | 'mysql' | 'repl' | 'unknown';

const PSQL = /^[^\s@:~/]*[=^!@\-'"$(][*!?]?[>#]\s?$/;
const MYSQL = /^(?:(?:mysql|MariaDB \[[^\]]*\])> ?| {4}(?:-|'|"|`|\/\*)> ?)$/;
const REPL = /^(?:>>> |\.\.\.+ ?|In \[\d+\]: | {3,}\.\.\.: |sqlite> | {3}\.\.\.> |irb\S*> |> )$/;

export function promptShape(prompt: string): PromptShape {
  const text = prompt.trimEnd() === '' ? '' : prompt;
  if (MYSQL.test(text)) return 'mysql';
  if (PSQL.test(text) && text.trim().length > 2) return 'psql';
  return REPL.test(text) ? 'repl' : 'unknown';
}

/** A continuation prompt by its shape alone. */
export function looksLikeContinuation(prompt: string): boolean {
  const text = prompt.trimEnd();
  if (text === '') return true;
  return (
    /^(?:\d+)?[a-z ]*>$/.test(text) ||
    /^\.\.\.+:?$/.test(text) ||
    /^[^\s@:~/]*[-'"$(*][*!?]?[>#]$/.test(text) ||
    /^ *(?:-|'|"|`|\/\*|\.\.\.:?)>?$/.test(text)
  );
}

const STARTERS: readonly (readonly [PromptShape, RegExp])[] = [
  ['psql', /(?:^|[\s;&|(/])psql(?:\s|$|-)/],
  ['mysql', /(?:^|[\s;&|(/])(?:mysql|mariadb)(?:\s|$)/],
  ['repl', /(?:^|[\s;&|(/])(?:i?python[\d.]*|node|nodejs|irb|sqlite3|deno|bun|ghci|lua|php|perl)(?:\s|$)/],
];

/** Which program the session has started, as far as its lines tell. */
export class PromptContext {
  #started: PromptShape | undefined;
  #shellSeen = false;

  /** A line was executed in `context` behind `prompt`. */
  executed(text: string, shape: PromptShape): void {
    if (shape === 'unknown') this.#shellSeen = true;
    const starter = STARTERS.find(([, pattern]) => pattern.test(text));
    if (shape === 'unknown') this.#started = starter?.[0];
  }

  /**
   * The contexts the line must be judged in. Sure of a client or REPL when its prompt appears after it was started,
   * or when no shell was ever seen in this session; otherwise the shell is judged as well.
   */
  contextsOf(prompt: string): readonly CommandContext[] {
    const shape = promptShape(prompt);
    if (shape === 'unknown') return ['shell'];
    const sure = this.#started === shape || !this.#shellSeen;
    const ambiguous = shape === 'repl' && prompt.trim() === '>' && this.#started !== 'repl';
    return sure && !ambiguous ? [shape] : [shape, 'shell'];
  }
}
