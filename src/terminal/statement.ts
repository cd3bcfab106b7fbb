/**
 * Joins the physical lines of one statement, so that it can be judged as the whole that it is. A line belongs to
 * the statement before it when its prompt is another one and looks like a continuation.
 */
import type { CommandContext } from '../model/command-line.ts';
import type { LineCandidate, WholeStatement } from './line-reading.ts';
import { onOneLine } from './one-line.ts';
import { looksLikeContinuation } from './prompt-context.ts';
import { type ShellOpen, shellState } from './shell-state.ts';

/** A statement longer than this is judged by what fits, characters; what runs is the shell's matter. */
const LONGEST_STATEMENT = 64 * 1024;

export class Statement {
  #lines: string[] = [];
  #prompt = '';

  /** Whether a line behind `prompt` continues what was executed before. */
  continuedBy(prompt: string): boolean {
    return this.#lines.length > 0 && prompt !== this.#prompt && looksLikeContinuation(prompt);
  }

  /** Everything so far and `line`, backslash-newlines removed. */
  joined(line: string): string {
    return [...this.#lines, line].join('\n').replace(/\\\n/g, '');
  }

  /** The prompt of its first line. */
  get prompt(): string {
    return this.#prompt;
  }

  /** The statement with `line` as its last one, typed on one line; undefined when that may change its meaning. */
  whole(line: string, context: CommandContext): WholeStatement | undefined {
    const text = onOneLine([...this.#lines, line], context);
    return text === null ? undefined : { text, prompt: this.#prompt, context };
  }

  /** The texts to judge for `line` as a continuation: the whole, and the line itself where it may run by itself. */
  candidates(line: string, contexts: readonly CommandContext[]): LineCandidate[] {
    const whole = this.joined(line);
    const open = shellState(this.#lines.join('\n'));
    return contexts.flatMap((context) => {
      const joined: LineCandidate = { text: whole, context };
      return this.#alone(line, context, open) ? [joined, { text: line, context }] : [joined];
    });
  }

  /** The target took `line` behind `prompt`. */
  executed(line: string, prompt: string): void {
    const continued = this.continuedBy(prompt);
    if (!continued) this.#prompt = prompt;
    this.#lines = continued ? [...this.#lines, line] : [line];
    while (this.#lines.length > 1 && this.#length() > LONGEST_STATEMENT) this.#lines.shift();
  }

  /** The statement was abandoned (Ctrl-C). */
  reset(): void {
    this.#lines = [];
  }

  #alone(line: string, context: CommandContext, open: ShellOpen): boolean {
    if (context === 'repl') return true;
    if (context !== 'shell') return false;
    if (open === 'nothing') return true;
    if (open !== 'compound') return false;
    return shellState(line) === 'nothing' && !/^\s*(?:done|fi|esac|then|else|elif|do|[})]|;;|\S+\))/.test(line);
  }

  #length(): number {
    return this.#lines.reduce((sum, line) => sum + line.length + 1, 0);
  }
}
