/** What the lines executed so far in a session teach about the next one. */
import type { LineReading } from './line-reading.ts';
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
  readonly #controls = new Set<string>();
  #tainted = false;

  /** Lines that were executed, newest last. */
  get history(): readonly string[] {
    return this.#history;
  }

  /** Control characters that lines may have contained, as a screen shows them (`^X`): the shell's history has them. */
  get controls(): readonly string[] {
    return [...this.#controls];
  }

  /** Remembers those of `controls` that stand in the text of a line that could not be read. */
  noteControls(controls: readonly string[], text: string): void {
    for (const control of controls) if (text.includes(control)) this.#controls.add(control);
  }

  /** Key bindings or terminal settings were changed: every key that is not text may submit. */
  get tainted(): boolean {
    return this.#tainted;
  }

  /**
   * The target took a line. What was hidden, empty, or typed into a full-screen program teaches nothing.
   * @param echoed the line began empty behind its prompt and was once seen just as it was typed
   */
  executed({ line, place, prompt }: LineReading, echoed: boolean): void {
    if (line.text === null || line.hidden || place === 'alternate' || line.text.trim() === '') return;
    if (echoed) this.prompts.learn(prompt.text);
    this.prompts.seen(prompt.text);
    this.statement.executed(line.text, prompt.text);
    this.context.executed(line.text, promptShape(prompt.text));
    if (MACHINERY.test(line.text)) this.#tainted = true;
    if (line.context !== 'shell') return;
    this.#history.push(line.text);
    if (this.#history.length > LONGEST_HISTORY) this.#history.shift();
  }
}
