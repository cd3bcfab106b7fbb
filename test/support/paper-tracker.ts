/**
 * Reads lines off an emulator's screen by knowing the prompt of a `PaperShell`: for tests of the gate that are
 * not about reading lines.
 */
import type { Clock } from '../../src/base/clock.ts';
import type { GateTracker } from '../../src/session/gate/collaborators.ts';
import type { Emulator } from '../../src/terminal/emulator.ts';
import { type KeyToken, maySubmit } from '../../src/terminal/key-token.ts';
import type { LineReading, PromptView } from '../../src/terminal/line-reading.ts';
import type { PromptPlace } from '../../src/terminal/prompt-place.ts';
import type { PaperShell } from './paper-shell.ts';

/** How long the shell may take to echo, ms. */
const ECHO = 10;

export class PaperTracker implements GateTracker {
  /** Merged into every reading. */
  override: Partial<LineReading> = {};
  /** Called before each reading; may throw or never resolve. */
  before: () => Promise<void> = () => Promise.resolve();
  confirmed: 'executed' | 'not-executed' = 'executed';
  readonly roundTrip = 0;
  readonly #clock: Clock;
  readonly #emulator: Emulator;
  readonly #shell: PaperShell;
  #anchor = 1;
  #typed = '';

  constructor(emulator: Emulator, clock: Clock, shell: PaperShell) {
    this.#clock = clock;
    this.#emulator = emulator;
    this.#shell = shell;
  }

  submits(token: KeyToken): boolean {
    return maySubmit(token, false);
  }

  sent(token: KeyToken): void {
    if (token.kind === 'text') this.#typed += token.text;
    if (token.kind === 'submit' || token.kind === 'interrupt') {
      this.#anchor += 1;
      this.#typed = '';
    }
  }

  received(): void {
    // The screen is read when it is asked for.
  }

  async resolve(submit: KeyToken): Promise<LineReading> {
    await this.before();
    await new Promise<void>((resolve) => this.#clock.after(ECHO, () => resolve()));
    const hidden = !this.#shell.echo;
    const text = this.#textOf(submit, hidden);
    const candidates =
      text === '' ? [] : text.split(/[\r\n]/).map((line) => ({ text: line, context: 'shell' as const }));
    return {
      line: { confidence: 'exact', text, context: 'shell', hidden },
      candidates,
      path: 'fast',
      place: hidden ? 'hidden' : 'prompt',
      prompt: this.promptNow(),
      releasable: !hidden,
      ...this.override,
    };
  }

  confirm(): Promise<'executed' | 'not-executed'> {
    return Promise.resolve(this.confirmed);
  }

  lineState(): 'empty' | 'not-empty' | 'unknown' {
    return this.#row().endsWith(this.#shell.prompt) ? 'empty' : 'not-empty';
  }

  promptNow(): PromptView {
    const { prompt } = this.#shell;
    return { text: this.#row().includes(prompt) ? prompt : '', anchor: this.#anchor, known: true };
  }

  promptPlace(): PromptPlace {
    const text = this.#row();
    return text === '' ? { kind: 'none' } : { kind: 'prompt', text, known: text === this.#shell.prompt, still: 1000 };
  }

  cellsOfLine(): string {
    const row = this.#row();
    return row.slice(row.lastIndexOf(this.#shell.prompt) + this.#shell.prompt.length);
  }

  expandingKeys(): readonly KeyToken[] {
    return [];
  }

  expanded(): boolean {
    return true;
  }

  expansionEnded(): readonly KeyToken[] {
    return [];
  }

  resync(): void {
    this.#anchor += 1;
  }

  #textOf(submit: KeyToken, hidden: boolean): string {
    if (submit.kind === 'paste') return submit.text;
    return hidden ? this.#typed : this.cellsOfLine();
  }

  /** The cursor's line up to the cursor, wrapped rows joined. */
  #row(): string {
    const { line, column } = this.#emulator.cursor;
    let text = this.#cells(line).slice(0, column).join('');
    for (let above = line; this.#emulator.row(above)?.wrapped === true; above -= 1) {
      text = this.#cells(above - 1).join('') + text;
    }
    return text;
  }

  #cells(line: number): string[] {
    return (this.#emulator.row(line)?.cells ?? []).map((cell) => (cell.width === 0 ? '' : cell.chars || ' '));
  }
}
