/**
 * Prompts that were seen with a line behind them that was echoed: only such a prompt is known. Forgets the oldest
 * beyond its limit. What merely looks like a prompt is never learned.
 */

const MOST_PROMPTS = 64;
/** What shells and REPLs end their prompts with, and perhaps a blank after it. */
const PROMPT_END = /[$#%>:\]❯»➜λ⟩▶]\s{0,2}$|[\ue0b0-\ue0d4]\s{0,2}$/u;

export class PromptMemory {
  readonly #known = new Set<string>();
  #latest: string | undefined;

  /** @param prompt the cells left of the line, trailing blank included */
  learn(prompt: string): void {
    if (prompt.trim() === '') return;
    this.#known.delete(prompt);
    this.#known.add(prompt);
    const oldest = this.#known.values().next().value;
    if (this.#known.size > MOST_PROMPTS && oldest !== undefined) this.#known.delete(oldest);
  }

  /** The prompt of the line before, proved or not: a row that begins with it and goes on is suspected of being filled. */
  seen(prompt: string): void {
    if (prompt.trim() !== '') this.#latest = prompt;
  }

  knows(prompt: string): boolean {
    return this.#known.has(prompt);
  }

  get any(): boolean {
    return this.#known.size > 0;
  }

  /** The longest prompt that `text` begins with and goes on after; undefined when there is none. */
  prefixOf(text: string): string | undefined {
    let best: string | undefined;
    for (const prompt of [...this.#known, this.#latest]) {
      const fits = prompt !== undefined && text.startsWith(prompt) && text.length > prompt.length;
      if (fits && prompt.length > (best?.length ?? 0)) best = prompt;
    }
    return best;
  }

  /**
   * Where the last prompt in `text` ends, as an index into `text`; undefined when none is in it. The prompt of the
   * line before counts if it looks like one.
   */
  lastEndIn(text: string): number | undefined {
    let end: number | undefined;
    const latest = this.#latest !== undefined && looksLikePrompt(this.#latest) ? [this.#latest] : [];
    for (const prompt of [...this.#known, ...latest]) {
      const at = text.lastIndexOf(prompt);
      if (at >= 0 && (end === undefined || at + prompt.length > end)) end = at + prompt.length;
    }
    return end;
  }
}

/** Whether the text ends as prompts do; a pre-filled line usually does not. */
export function looksLikePrompt(text: string): boolean {
  return PROMPT_END.test(text);
}

/** What stands behind the first thing in `row` that may be the end of a shell prompt; undefined when nothing does. */
export function behindPromptEnd(row: string): string | undefined {
  const match = /[$#%>❯»➜λ] +(?=\S)/u.exec(row);
  return match === null ? undefined : row.slice(match.index + match[0].length);
}
