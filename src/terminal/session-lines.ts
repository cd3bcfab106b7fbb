/** What the lines executed so far in a session teach about the next one. */
import { PromptContext, promptShape } from './prompt-context.ts';
import { PromptMemory } from './prompt-memory.ts';
import { Statement } from './statement.ts';

const LONGEST_HISTORY = 500;
/** Redefine what keys do. */
const MACHINERY =
  /(?:^|[\s;&|(])(?:bind|bindkey|zle|fish_vi_key_bindings|\.inputrc)(?:\s|$)|(?:^|[\s;&|(])stty\s+(?!-a\b|-g\b|size\b|speed\b|sane\b)\S/;

export class SessionLines {
  readonly prompts: PromptMemory = new PromptMemory();
  readonly context: PromptContext = new PromptContext();
  readonly statement: Statement = new Statement();
  readonly #history: string[] = [];
  #tainted = false;

  /** Lines that were executed, newest last. */
  get history(): readonly string[] {
    return this.#history;
  }

  /** Key bindings or terminal settings were changed: every key that is not text may submit. */
  get tainted(): boolean {
    return this.#tainted;
  }

  /** The target took a line. @param text as far as it is known; empty lines teach nothing */
  executed(text: string, prompt: string, confirmed: boolean): void {
    if (text.trim() === '') return;
    if (confirmed) this.prompts.learn(prompt);
    this.prompts.seen(prompt);
    this.statement.executed(text, prompt);
    this.context.executed(text, promptShape(prompt));
    if (MACHINERY.test(text)) this.#tainted = true;
    this.#history.push(text);
    if (this.#history.length > LONGEST_HISTORY) this.#history.shift();
  }
}
