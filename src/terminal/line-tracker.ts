/**
 * Reads the line that a key is about to submit from two witnesses: the keys that were sent and the screen. Knows
 * where the line begins, waits for the echo, and says in words when it cannot tell. It decides nothing: whoever
 * asks judges every candidate, and treats `opaque` as what it is.
 */
import type { Clock } from '../base/clock.ts';
import { readAlternateLine } from './alternate-line.ts';
import { captureAnchor, followAnchor, locateAnchor } from './anchor.ts';
import { ChangeWaiter } from './change-waiter.ts';
import { EchoTimes } from './echo-times.ts';
import { type EditedLine, newLine, screenOf, watchLine } from './edited-line.ts';
import type { Emulator } from './emulator.ts';
import { type KeyToken, maySubmit } from './key-token.ts';
import { type CheckView, checkLine, withPaste } from './line-check.ts';
import type { LineReading, PromptView } from './line-reading.ts';
import type { LineTrackerApi } from './line-tracker-api.ts';
import { alternateReading, failedReading, readingOf } from './reading-builder.ts';
import type { ScreenLine } from './screen-line.ts';
import { atKnownPrompt, behindKnownPrompt, cursorRow } from './screen-rows.ts';
import { squash } from './screen-text.ts';
import { SessionLines } from './session-lines.ts';
import { confirmPatience, effectOf, type Submitted } from './submission.ts';

export interface LineTrackerOptions {
  readonly emulator: Emulator;
  readonly clock: Clock;
  /** Round trip to the target in ms, if the connection knows it. */
  readonly roundTrip: () => number | undefined;
}

/** `fresh`: no key since the last submit. `editing`: a line is being typed, with an anchor unless typed ahead. */
type Phase = 'fresh' | 'editing';

export class LineTracker implements LineTrackerApi {
  readonly #emulator: Emulator;
  readonly #clock: Clock;
  readonly #times: EchoTimes;
  readonly #waiter: ChangeWaiter;
  readonly #lines = new SessionLines();
  #phase: Phase = 'fresh';
  #line: EditedLine = newLine();
  #anchorId = 0;
  /** Prompt marks up to this ordinal were there before the last submit. */
  #marksAfter = 0;
  #outputSinceSubmit = false;
  /** The last key may leave text on the next line. */
  #prefillNext = false;
  #outOfSync = false;
  /** The line that was being edited when a full-screen program appeared. */
  #suspended: EditedLine | undefined;
  #submitted: Submitted | undefined;
  #reading: LineReading | undefined;
  #alternate = false;

  constructor(options: LineTrackerOptions) {
    this.#emulator = options.emulator;
    this.#clock = options.clock;
    this.#times = new EchoTimes(options.roundTrip);
    this.#waiter = new ChangeWaiter(options.clock);
  }

  /** Whether the token must be resolved and judged before it is forwarded. */
  submits(token: KeyToken): boolean {
    return maySubmit(token, this.#lines.tainted);
  }

  /** Just before the token is forwarded. */
  sent(token: KeyToken): void {
    if (token.kind === 'reply') this.#line.reported = true;
    if (token.kind === 'mouse' || token.kind === 'focus' || (token.kind === 'reply' && token.asked)) return;
    if (token.kind === 'interrupt') this.#interrupted(token);
    else if (token.kind === 'submit') this.#submitSent(token.key === 'operate');
    else this.#keySent(token);
    this.#times.keySent(token, this.#clock.monotonic());
  }

  /** After the emulator has parsed output of the target. */
  received(): void {
    const now = this.#clock.monotonic();
    const unasked = this.#times.outputSeen(now);
    this.#outputSinceSubmit = true;
    if (this.#emulator.alternate !== this.#alternate) this.#bufferSwitched(unasked);
    if (this.#phase === 'editing') this.#watch(unasked, now);
    this.#waiter.changed();
  }

  /**
   * Reads the line that `submit` would run, waiting for its echo as long as it takes (bounded).
   * @throws HeldlineError `aborted` when `signal` aborts; never anything else
   */
  async resolve(submit: KeyToken, signal: AbortSignal): Promise<LineReading> {
    await this.#promptArrives(signal);
    this.#begin();
    const pasted = submit.kind === 'paste' ? submit.text : '';
    const started = this.#clock.monotonic();
    let waited = false;
    for (;;) {
      const reading = this.#read(submit, started, waited, pasted);
      if (reading.kind === 'done') {
        this.#reading = reading.reading;
        return reading.reading;
      }
      waited = true;
      await this.#waiter.next(reading.ms, signal);
    }
  }

  /**
   * After the submit key was sent: whether the target took the line. A menu or an ignored key does not.
   * @throws HeldlineError `aborted` when `signal` aborts
   */
  async confirm(reading: LineReading, signal: AbortSignal): Promise<'executed' | 'not-executed'> {
    const submitted = this.#submitted;
    if (submitted === undefined || submitted.reading !== reading) return 'executed';
    const started = this.#clock.monotonic();
    for (;;) {
      if (submitted.effect !== undefined) return submitted.effect;
      const now = this.#clock.monotonic();
      const quiet = now - Math.max(started, this.#times.lastOutput);
      const patience = confirmPatience(
        effectOf(this.#emulator, submitted, this.#outputSinceSubmit),
        this.#times.roundTrip,
      );
      const limit = Math.max(1500, 8 * this.#times.roundTrip) - (now - started);
      if ((quiet >= patience && this.#outputSinceSubmit) || limit <= 0) return this.#conclude(submitted);
      await this.#waiter.next(Math.min(limit, Math.max(patience - quiet, 5)), signal);
    }
  }

  /** Whether the line on the screen is empty, for verifying a discard. */
  lineState(): 'empty' | 'not-empty' | 'unknown' {
    if (this.#emulator.failure !== undefined || this.#emulator.alternate) return 'unknown';
    if (this.#phase === 'fresh') return atKnownPrompt(this.#emulator, this.#lines.prompts) ? 'empty' : 'unknown';
    const screen = screenOf(this.#emulator, this.#line);
    if (screen === undefined || screen.search !== undefined) return 'unknown';
    return squash(screen.before + screen.after) === '' ? 'empty' : 'not-empty';
  }

  /** The prompt that the line stands behind; of a line not begun, what stands left of the cursor. */
  promptNow(): PromptView {
    const place =
      this.#phase === 'editing' && this.#line.anchor !== undefined
        ? locateAnchor(this.#emulator, this.#line.anchor)
        : undefined;
    const text =
      place === undefined || this.#line.anchor === undefined
        ? cursorRow(this.#emulator).before
        : this.#line.anchor.prompt;
    const anchor = this.#phase === 'editing' ? this.#anchorId : this.#anchorId + 1;
    return { text, anchor, known: this.#lines.prompts.knows(text) };
  }

  /** The text of the line exactly as its cells show it; empty when no line is anchored. */
  cellsOfLine(): string {
    const screen = this.#phase === 'editing' ? screenOf(this.#emulator, this.#line) : undefined;
    return screen === undefined ? '' : screen.before + screen.after;
  }

  /** Forgets the current line; lines are opaque until a known prompt stands there again. */
  resync(): void {
    if (this.#phase === 'fresh') this.#concludeEarlier();
    this.#fresh();
    this.#submitted = undefined;
    this.#outOfSync = true;
  }

  #fresh(): void {
    this.#phase = 'fresh';
    this.#line.anchor?.mark.dispose();
    this.#line = newLine();
    this.#outputSinceSubmit = false;
    this.#marksAfter = this.#emulator.promptMark?.ordinal ?? 0;
    this.#times.lineEnded();
  }

  #interrupted(token: KeyToken & { kind: 'interrupt' }): void {
    const abandons = token.key === 'C' || this.#phase === 'fresh' || !this.#line.keys.touched;
    if (!abandons) {
      this.#line.keys.apply(token, { suggestion: false });
      return;
    }
    this.#submitted = undefined;
    this.#lines.statement.reset();
    this.#fresh();
  }

  #submitSent(operate: boolean): void {
    this.#concludeEarlier();
    this.#begin();
    this.#submitted = this.#submission(false);
    this.#reading = undefined;
    this.#line.anchor = undefined;
    this.#prefillNext ||= operate;
    this.#fresh();
  }

  #keySent(token: KeyToken): void {
    this.#begin();
    this.#takeNewPrompt();
    if (this.#line.anchor !== undefined) this.#line.anchor = followAnchor(this.#emulator, this.#line.anchor);
    if (token.kind === 'soft-submit') {
      if (this.#submitted?.soft === true) this.#conclude(this.#submitted);
      this.#submitted = this.#submission(true);
      this.#reading = undefined;
      this.#prefillNext = true;
    }
    const rightward = token.kind === 'edit' && (token.key === 'right' || token.key === 'end');
    const suggestion = rightward && cursorRow(this.#emulator).after.trim() !== '';
    this.#line.keys.apply(token, { suggestion });
  }

  #submission(soft: boolean): Submitted {
    return {
      anchor: this.#line.anchor,
      cursor: this.#emulator.markCursor(),
      alternate: this.#emulator.alternate,
      soft,
      reading: this.#reading,
      confirmed: this.#line.echoed && this.#line.anchor?.prefilled === false,
      effect: undefined,
    };
  }

  /** The first key of a line, or the next one after a submission that ran nothing. */
  #begin(): void {
    if (this.#phase === 'editing') {
      this.#concludeSoft();
      if (this.#phase === 'editing') return;
    }
    if (this.#concludeEarlier() === 'not-executed') return;
    if (this.#submitted?.soft === true) this.#submitted = undefined;
    this.#phase = 'editing';
    this.#anchorId += 1;
    this.#alternate = this.#emulator.alternate;
    this.#line.prefillSuspected = this.#prefillNext;
    this.#prefillNext = false;
    if (!this.#outputSinceSubmit) return;
    this.#setAnchor();
  }

  #setAnchor(): void {
    this.#line.anchor = captureAnchor(this.#emulator, {
      id: this.#anchorId,
      prompts: this.#lines.prompts,
      marksAfter: this.#marksAfter,
    });
    if (this.#line.anchor?.prefilled === true) this.#line.keys.lose('text that stood there before the first key');
    if (this.#line.anchor !== undefined && this.#lines.prompts.knows(this.#line.anchor.prompt)) this.#outOfSync = false;
  }

  /** What became of the last submission; decides it now if nobody has. */
  #concludeEarlier(): 'executed' | 'not-executed' {
    const submitted = this.#submitted;
    if (submitted === undefined || submitted.soft) return 'executed';
    return submitted.effect ?? this.#conclude(submitted);
  }

  /** A key that might have run the line: if it did, the next key begins a new one. */
  #concludeSoft(): void {
    const submitted = this.#submitted;
    if (submitted?.soft !== true || submitted.effect !== undefined || !this.#times.outputSinceKey) return;
    this.#conclude(submitted);
  }

  #conclude(submitted: Submitted): 'executed' | 'not-executed' {
    const effect = effectOf(this.#emulator, submitted, this.#outputSinceSubmit);
    submitted.effect = effect;
    const current = this.#submitted === submitted;
    if (effect === 'executed') {
      const { reading } = submitted;
      if (reading !== undefined) this.#lines.executed(reading, submitted.confirmed);
      if (submitted.soft && current) {
        this.#fresh();
        this.#outputSinceSubmit = true;
      }
    } else if (!submitted.soft && current && this.#phase === 'fresh') {
      this.#phase = 'editing';
      this.#line.anchor = submitted.anchor;
      this.#line.keys.lose('an Enter that did not run the line');
    }
    if (effect === 'executed') submitted.anchor?.mark.dispose();
    submitted.cursor?.dispose();
    if (current) this.#submitted = undefined;
    return effect;
  }

  /** A full-screen program came or went. A line that was being edited waits behind it and stays a candidate. */
  #bufferSwitched(unasked: boolean): void {
    this.#alternate = this.#emulator.alternate;
    const behind = this.#alternate ? this.#line : this.#suspended;
    this.#suspended = undefined;
    if (this.#submitted?.alternate === true) this.#submitted = undefined;
    if (this.#alternate && this.#phase === 'editing' && behind !== undefined) {
      if (unasked) behind.distrust ??= 'a full-screen program appeared while nobody typed';
      this.#suspended = behind;
      this.#line = newLine();
    }
    if (this.#phase === 'editing' || behind !== undefined) this.#fresh();
    this.#outputSinceSubmit = true;
    if (!this.#alternate && behind !== undefined) this.#comeBack(behind);
  }

  /** The full-screen program has ended and its own screen with it: the line is as it was, or as it was made. */
  #comeBack(line: EditedLine): void {
    if (line.anchor === undefined) {
      this.#line.carried = line.carried + line.keys.text;
      return;
    }
    this.#phase = 'editing';
    this.#line = line;
    line.keys.lose('a full-screen program');
  }

  /**
   * A known prompt stands where the cursor is, on another line, though nothing was submitted: a program took the
   * keys one by one and ended. Believed only if nothing was ever seen as a line; the keys stay candidates.
   */
  #takeNewPrompt(): void {
    if (!this.#line.keys.touched || this.#line.echoed || this.#line.contentSeen) return;
    if (!this.#times.outputSinceKey || this.#lines.tainted) return;
    if (this.#line.anchor === undefined && !this.#line.keys.exact) return;
    const there = this.#line.anchor === undefined ? undefined : locateAnchor(this.#emulator, this.#line.anchor);
    if (!atKnownPrompt(this.#emulator, this.#lines.prompts) || there?.line === this.#emulator.cursor.line) return;
    const carried = this.#line.carried + this.#line.keys.text;
    this.#fresh();
    this.#outputSinceSubmit = true;
    this.#begin();
    this.#line.carried = carried;
  }

  #watch(unasked: boolean, now: number): void {
    const screen = screenOf(this.#emulator, this.#line);
    if (screen !== undefined && watchLine(this.#line, screen, unasked)) this.#times.echoSeen(now);
  }

  /** A submit key as the first key: the prompt may still be on its way. */
  async #promptArrives(signal: AbortSignal): Promise<void> {
    if (this.#phase === 'editing') return;
    const started = this.#clock.monotonic();
    for (;;) {
      const now = this.#clock.monotonic();
      const limit = Math.max(150, 60 + 2 * this.#times.roundTrip) - (now - started);
      const still = 10 + this.#times.roundTrip / 2 - (now - this.#times.lastOutput);
      if (limit <= 0 || (this.#outputSinceSubmit && (still <= 0 || atKnownPrompt(this.#emulator, this.#lines.prompts))))
        return;
      await this.#waiter.next(this.#outputSinceSubmit ? Math.min(limit, still) : limit, signal);
    }
  }

  #read(
    submit: KeyToken,
    started: number,
    waited: boolean,
    pasted: string,
  ): { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'done'; readonly reading: LineReading } {
    const prompt = this.#promptView();
    if (this.#emulator.failure !== undefined) {
      return { kind: 'done', reading: failedReading(this.#line.keys.text + pasted, prompt) };
    }
    const screen = screenOf(this.#emulator, this.#line);
    const row = cursorRow(this.#emulator);
    const view = this.#view(screen, row, started);
    const verdict = checkLine(view);
    if (verdict.kind === 'wait') return verdict;
    if (this.#emulator.alternate) {
      const line = readAlternateLine(this.#emulator, this.#lines.prompts);
      const typed = this.#line.keys.text + pasted;
      return { kind: 'done', reading: alternateReading(line, { typed, prompt, waited, behind: this.#suspended }) };
    }
    const anchored = screen !== undefined || (verdict.kind === 'agreed' && verdict.prompted);
    const reading = readingOf(withPaste(verdict, pasted), {
      token: submit,
      prompt,
      anchored,
      row: row.before + row.after,
      prefillSuspected: this.#line.prefillSuspected || this.#line.anchor?.prefilled === true,
      searching: screen?.search !== undefined,
      waited,
      carried: this.#line.carried,
      distrust: this.#whyDistrusted(verdict.kind === 'unconfirmed'),
      lines: this.#lines,
    });
    if (verdict.kind === 'agreed' && verdict.prompted && verdict.text !== '') this.#line.echoed = true;
    return { kind: 'done', reading };
  }

  #whyDistrusted(unconfirmed: boolean): string | undefined {
    if (this.#outOfSync) return 'it is no longer certain where lines begin';
    if (unconfirmed && this.#line.reported)
      return 'a report of the terminal was mixed with it while nothing was echoed';
    return this.#line.distrust;
  }

  #promptView(): PromptView {
    const text = this.#line.anchor?.prompt ?? '';
    return { text, anchor: this.#anchorId, known: this.#lines.prompts.knows(text) };
  }

  #view(screen: ScreenLine | undefined, row: { before: string; after: string }, started: number): CheckView {
    return {
      keys: this.#line.keys,
      screen,
      row: behindKnownPrompt(row.before, this.#lines.prompts),
      rowAfter: row.after,
      now: this.#clock.monotonic(),
      started,
      times: this.#times,
    };
  }
}
