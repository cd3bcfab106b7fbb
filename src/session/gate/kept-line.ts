/**
 * The way of a line in strict line mode: the bastion has it, the target has nothing of it. Once it is allowed it is
 * typed as a whole, what the target shows of it is compared, and only then Enter follows. What differs never runs.
 */
import type { Decision } from '../../model/decision.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import type { LineCandidate, LineReading, PromptView } from '../../terminal/line-reading.ts';
import { mayNotEcho } from '../../terminal/secret-prompt.ts';
import { type Cleared, clearLine, isClear, type StandingLine } from './clear-line.ts';
import { keptRows } from './held-rows.ts';
import type { LineWay, ReadyLine } from './line-way.ts';
import { ENTER, retype, rowOfCursor } from './retype.ts';
import type { TypedLineParts } from './typed-line.ts';

/** Text that the target may still have: an Enter that did not follow, a clearing that was not seen. */
export interface Residue {
  line: StandingLine | null;
}

export interface KeptLineParts extends TypedLineParts {
  readonly judge: (line: LineReading['line'], candidates: readonly LineCandidate[]) => Promise<Decision>;
}

/** What programs show in place of a secret. */
const MASK = /^([*•●·])\1*$/u;

export class KeptLine implements LineWay {
  readonly kind = 'kept';
  readonly #parts: KeptLineParts;
  readonly #text: string;
  readonly #residue: Residue;
  #row = '';
  #cells = '';

  /** @param text one line, empty or not @param residue shared by all lines of the session */
  constructor(parts: KeptLineParts, text: string, residue: Residue) {
    this.#parts = parts;
    this.#text = text;
    this.#residue = residue;
  }

  async read(key: KeyToken): Promise<LineReading> {
    const { ended, signal, step, tracker } = this.#parts;
    const { line } = this.#residue;
    if (line !== null && (isClear(tracker, line) || (await this.clear(line)) !== 'dirty')) this.#residue.line = null;
    ended.throwIfAborted();
    const reading = await step('the line', () => tracker.resolve(key, signal));
    const { line: shown, prompt } = reading;
    const hidden = shown.hidden || isHiding(prompt);
    return withShell({ ...reading, line: { ...shown, hidden } });
  }

  objection({ line, why }: LineReading): string | null {
    if (this.#residue.line !== null) return 'text of an earlier line is still there';
    if (line.text !== this.#text) return why ?? 'text that you did not type stands on the line';
    return line.confidence === 'exact' ? (why ?? null) : (why ?? 'it cannot be read with certainty');
  }

  async prepare(line: ReadyLine): Promise<{ readonly line: ReadyLine; readonly differs: string | null }> {
    const { emulator, judge, step, tracker } = this.#parts;
    const shown = await step('the line', () => this.#type(line.reading));
    this.#cells = tracker.cellsOfLine();
    this.#row = rowOfCursor(emulator);
    const reading = withShell(this.#asShown(shown));
    const decision = await step('the policy', () => judge(reading.line, reading.candidates));
    const passes = decision.effect === 'allow' || decision.effect === 'auto-approve';
    const differs = this.#difference(reading) ?? (passes ? null : 'the policy does not allow what stands there');
    // What differs is written down as it was entered, or not at all.
    return { line: differs === null ? { reading, decision, key: ENTER } : line, differs };
  }

  recheck({ reading }: ReadyLine): string | null {
    const { emulator, tracker } = this.#parts;
    if (this.#text === '') return tracker.lineState() === 'not-empty' ? 'the line changed' : null;
    const same = tracker.cellsOfLine() === this.#cells && rowOfCursor(emulator) === this.#row;
    return same && tracker.promptNow().text === reading.prompt.text ? null : 'the line changed';
  }

  typing({ place, prompt, statement }: StandingLine): void {
    this.#residue.line = { place, prompt, ...(statement === undefined ? {} : { statement }) };
  }

  sent(): void {
    this.#residue.line = null;
  }

  /** Nothing to take off when nothing was typed and the line is empty; else Ctrl-C, which every editor knows. */
  async clear(line: StandingLine): Promise<Cleared> {
    const { ended, tracker } = this.#parts;
    if (line.place === 'alternate') return 'left';
    if (this.#residue.line === null && tracker.lineState() !== 'not-empty') return 'erased';
    const cleared = await clearLine(this.#parts, { ...line, place: 'hidden' }, ended);
    if (cleared !== 'dirty') this.#residue.line = null;
    return cleared;
  }

  rows(): readonly string[] {
    return keptRows(this.#parts.emulator, this.#residue.line === null ? this.#text : '');
  }

  #type(line: StandingLine): Promise<LineReading> {
    const { signal, tracker } = this.#parts;
    if (this.#text === '') return tracker.resolve(ENTER, signal);
    this.typing(line);
    return retype(this.#text, true, this.#parts, signal);
  }

  /** The reading with what is known about it: the text, and whether the target keeps it to itself. */
  #asShown(reading: LineReading): LineReading {
    const masked = MASK.test(this.#cells) && this.#cells !== this.#text && isHiding(reading.prompt);
    if (!masked) return reading;
    const { context } = reading.line;
    return { ...reading, place: 'hidden', line: { confidence: 'exact', text: this.#text, context, hidden: true } };
  }

  /** Why what the target shows is not the line; null when it is, or when a question for a secret shows nothing at all. */
  #difference({ line, prompt, why }: LineReading): string | null {
    if (line.text !== this.#text) return 'the target shows another text than the one that was typed';
    if (!line.hidden && this.#cells !== this.#text) return 'the target shows the line in another form';
    if (!line.hidden) return line.confidence === 'exact' ? null : (why ?? 'it cannot be read with certainty');
    if (!isHiding(prompt)) return 'the target did not show what was typed';
    return this.#cells === '' || MASK.test(this.#cells) ? null : 'the target shows something else than the line';
  }
}

/** What is typed behind the prompt need not be shown; until a line was, behind the same prompt. */
function isHiding({ known, text }: PromptView): boolean {
  return !known && mayNotEcho(text);
}

/** A target can draw any prompt: what a shell would make of the line by itself counts too, where a rule names it. */
function withShell(reading: LineReading): LineReading {
  const { candidates, line } = reading;
  const text = line.text?.trim() ?? '';
  const asked = candidates.some((candidate) => candidate.context === 'shell' && candidate.text.trim() === text);
  if (asked || text === '') return reading;
  return { ...reading, candidates: [...candidates, { text, context: 'shell', counts: 'named' }] };
}
