/**
 * Reads the line that a key is about to submit from two witnesses: the keys that were sent and the screen. Knows
 * where the line begins, waits for the echo, and says in words when it cannot tell. It decides nothing: whoever
 * asks judges every candidate, and treats `opaque` as what it is.
 */
import type { Clock } from '../base/clock.ts';
import { BLANK_AWAY, blankShown } from './abbreviation.ts';
import { locateAnchor } from './anchor.ts';
import { Anchoring } from './anchoring.ts';
import { ChangeWaiter } from './change-waiter.ts';
import { CookedLine } from './cooked-line.ts';
import { EchoTimes } from './echo-times.ts';
import {
  beginExpansion,
  contentOf,
  type EditedLine,
  endLine,
  newLine,
  screenOf,
  strayedKeys,
  takeAwaitedPrompt,
  takeExpansion,
  takeOver,
  takeUpAgain,
  watchLine,
} from './edited-line.ts';
import type { Emulator } from './emulator.ts';
import { type KeyToken, maySubmit, type SubmitKey, typedText } from './key-token.ts';
import { type ReadSources, readWhenReady } from './line-read.ts';
import type { LineReading, PromptView } from './line-reading.ts';
import type { LineTrackerApi, LineTrackerOptions } from './line-tracker-api.ts';
import { type PromptPlace, promptPlace } from './prompt-place.ts';
import { atKnownPrompt, cursorRow } from './screen-rows.ts';
import { SessionLines } from './session-lines.ts';
import type { Effect, Submitted } from './submission.ts';
import { SubmissionFate } from './submission-fate.ts';

export class LineTracker implements LineTrackerApi {
  readonly #emulator: Emulator;
  readonly #clock: Clock;
  readonly #times: EchoTimes;
  readonly #waiter: ChangeWaiter;
  readonly #lines = new SessionLines();
  /** `fresh`: no key since the last submit. `editing`: a line is being typed, with an anchor unless typed ahead. */
  #phase: 'fresh' | 'editing' = 'fresh';
  #line: EditedLine = newLine();
  readonly #cooked = new CookedLine();
  readonly #anchoring: Anchoring;
  readonly #fate: SubmissionFate;
  /** The last key may leave text on the next line. */
  #prefillNext = false;
  #outOfSync = false;
  /** The line that was being edited when a full-screen program appeared. */
  #suspended: EditedLine | undefined;
  #submitted: Submitted | undefined;
  /** Text sent since a key that may have run the line, while that is not known; undefined when no key followed. */
  #sentSince: string | undefined;
  #reading: LineReading | undefined;
  #alternate = false;

  constructor(options: LineTrackerOptions) {
    this.#emulator = options.emulator;
    this.#clock = options.clock;
    this.#times = new EchoTimes(options.roundTrip);
    this.#waiter = new ChangeWaiter(options.clock);
    this.#anchoring = new Anchoring(options.emulator, this.#lines.prompts);
    this.#fate = new SubmissionFate({ ...options, times: this.#times, waiter: this.#waiter });
  }

  get roundTrip(): number {
    return this.#times.roundTrip;
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
    else if (token.kind === 'submit') this.#submitSent(token.key);
    else this.#keySent(token);
    this.#times.keySent(token, this.#clock.monotonic());
  }

  /** After the emulator has parsed output of the target. */
  received(): void {
    const now = this.#clock.monotonic();
    const unasked = this.#times.outputSeen(now);
    this.#fate.answered = true;
    if (this.#emulator.alternate !== this.#alternate) this.#bufferSwitched(unasked);
    this.#concludeLate();
    if (this.#phase === 'editing') this.#watch(unasked, now);
    this.#waiter.changed();
  }

  /**
   * Reads the line that `submit` would run, waiting for its echo as long as it takes (bounded).
   * @throws HeldlineError `aborted` when `signal` aborts; never anything else
   */
  async resolve(submit: KeyToken, signal: AbortSignal): Promise<LineReading> {
    await this.#fate.believed(() => this.#submitted, signal);
    this.#concludeLate();
    if (this.#phase === 'fresh') await this.#fate.promptArrives(this.#lines.prompts, signal);
    this.#begin();
    const parts = { clock: this.#clock, waiter: this.#waiter };
    this.#reading = await readWhenReady(submit, () => this.#sources(), parts, signal);
    return this.#reading;
  }

  #sources(): ReadSources {
    if (this.#line.anchor === undefined) this.#keepAnchor();
    return {
      emulator: this.#emulator,
      lines: this.#lines,
      line: this.#line,
      behind: this.#suspended,
      cooked: this.#cooked,
      prompt: this.#promptView(),
      times: this.#times,
      outOfSync: this.#outOfSync,
    };
  }

  /** Keys to send before the submit key, so that the line shows what it will run; none for most shells. */
  expandingKeys(): readonly KeyToken[] {
    return this.#phase === 'editing' ? beginExpansion(this.#emulator, this.#line) : [];
  }

  /** Whether the screen shows the effect of `expandingKeys`. */
  expanded(): boolean {
    return blankShown(this.#emulator, screenOf(this.#emulator, this.#line));
  }

  /** After `expandingKeys`. @param shown they had their effect in time @returns keys that take an idle blank away */
  expansionEnded(shown: boolean): readonly KeyToken[] {
    return takeExpansion(this.#emulator, this.#line, shown) ? [BLANK_AWAY] : [];
  }

  /**
   * After the submit key was sent: whether the target took the line. A menu or an ignored key does not.
   * @throws HeldlineError `aborted` when `signal` aborts
   */
  async confirm(reading: LineReading, signal: AbortSignal): Promise<Effect> {
    const submitted = this.#submitted;
    if (submitted?.reading !== reading) return 'executed';
    await this.#fate.settled(submitted, signal);
    return submitted.effect ?? this.#conclude(submitted);
  }

  /** Whether the line on the screen is empty, for verifying a discard. */
  lineState(): 'empty' | 'not-empty' | 'unknown' {
    if (this.#emulator.failure !== undefined || this.#emulator.alternate) return 'unknown';
    if (this.#phase === 'fresh') return atKnownPrompt(this.#emulator, this.#lines.prompts) ? 'empty' : 'unknown';
    return contentOf(screenOf(this.#emulator, this.#line));
  }

  /** The prompt that the line stands behind; of a line not begun, what stands left of the cursor. */
  promptNow(): PromptView {
    const anchor = this.#phase === 'editing' ? this.#line.anchor : undefined;
    const lost = anchor === undefined || locateAnchor(this.#emulator, anchor) === undefined;
    const text = lost ? cursorRow(this.#emulator).before : anchor.prompt;
    const id = this.#anchoring.id + (this.#phase === 'editing' ? 0 : 1);
    return { text, anchor: id, known: this.#lines.prompts.knows(text) };
  }

  /** What may be a prompt, once the target has answered the last submission; for lines that are kept back until then. */
  promptPlace(): PromptPlace {
    if (!this.#fate.answered) return { kind: 'none' };
    return promptPlace(this.#emulator, this.#lines.prompts, this.#clock.monotonic() - this.#times.lastOutput);
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
    this.#cooked.split();
    this.#line.anchor?.mark.dispose();
    this.#line = newLine();
    this.#fate.answered = false;
    this.#anchoring.lineEnds();
    this.#times.lineEnded();
  }

  #interrupted(token: KeyToken & { kind: 'interrupt' }): void {
    if (token.key !== 'C') {
      // A line editor ignores these keys: whatever stands on the line still does.
      if (this.#phase === 'editing') this.#line.keys.lose(`Ctrl-${token.key}`);
      return;
    }
    this.#submitted = undefined;
    this.#lines.statement.reset();
    this.#fresh();
    this.#cooked.ended();
  }

  #submitSent(key: SubmitKey): void {
    this.#concludeEarlier();
    this.#begin();
    // Many editors know no other Enter: what comes next may go on with the line.
    const surely = key === 'enter' || key === 'newline';
    const submitted = this.#submission(false, surely ? this.#cooked.text : '');
    this.#submitted = submitted;
    this.#reading = undefined;
    endLine(this.#emulator);
    this.#line.anchor = undefined;
    this.#prefillNext ||= key === 'operate';
    this.#fresh();
    if (surely) this.#cooked.ended();
    if (key === 'escape-enter' || key === 'encoded') this.#line.carried = submitted.reading?.line.text ?? '';
  }

  #keySent(token: KeyToken): void {
    if (token.kind === 'soft-submit' && this.#submitted !== undefined) this.#conclude(this.#submitted);
    this.#begin();
    this.#takeNewPrompt();
    this.#keepAnchor();
    if (token.kind === 'soft-submit') {
      this.#submitted = this.#submission(true);
      this.#reading = undefined;
      this.#prefillNext = true;
      this.#sentSince = undefined;
    } else if (this.#submitted?.soft === true) {
      this.#sentSince = (this.#sentSince ?? '') + typedText(token);
    }
    const rightward = token.kind === 'edit' && (token.key === 'right' || token.key === 'end');
    const suggestion = rightward && cursorRow(this.#emulator).after.trim() !== '';
    this.#line.keys.apply(token, { suggestion });
    this.#cooked.apply(token);
  }

  #submission(soft: boolean, typed = ''): Submitted {
    return {
      anchor: this.#line.anchor,
      cursor: this.#emulator.markCursor(),
      alternate: this.#emulator.alternate,
      at: this.#clock.monotonic(),
      typed,
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
    const early = this.#fate.doubtLeft(this.#submitted) > 0;
    if (!early && this.#concludeEarlier() === 'not-executed') return;
    if (this.#submitted?.soft === true) this.#submitted = undefined;
    this.#phase = 'editing';
    this.#anchoring.lineBegins();
    this.#alternate = this.#emulator.alternate;
    this.#line.prefillSuspected = this.#prefillNext;
    this.#prefillNext = false;
    this.#line.awaitsPrompt = early || !this.#fate.answered;
    if (early) takeOver(this.#emulator, this.#line, this.#submitted);
    else if (this.#fate.answered && this.#anchoring.place(this.#line)) this.#outOfSync = false;
  }

  /** Where the line begins; a line that was typed before its prompt was there may be found later. */
  #keepAnchor(): void {
    this.#anchoring.keep(this.#line, this.#submitted?.soft !== false);
  }

  /** What became of the last submission; decides it now if nobody has. */
  #concludeEarlier(): Effect {
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

  #conclude(submitted: Submitted): Effect {
    const effect = this.#fate.of(submitted);
    submitted.effect = effect;
    const current = this.#submitted === submitted;
    if (effect === 'executed') {
      if (submitted.reading !== undefined) this.#lines.executed(submitted.reading, submitted.confirmed);
      if (submitted.soft && current) {
        this.#fresh();
        this.#line.carried = submitted.reading?.line.text ?? '';
        this.#fate.answered = true;
        this.#goOn();
      }
    } else if (!submitted.soft && current) {
      this.#phase = 'editing';
      takeUpAgain(this.#emulator, this.#line, submitted);
      this.#cooked.resumed(submitted.typed);
    }
    if (effect === 'executed') submitted.anchor?.mark.dispose();
    submitted.cursor?.dispose();
    if (current) this.#submitted = undefined;
    return effect;
  }

  /** A line was begun before it was known whether the Enter before it had run anything; now it may be. */
  #concludeLate(): void {
    const submitted = this.#submitted;
    if (this.#phase !== 'editing' || submitted === undefined || submitted.soft) return;
    if (submitted.effect !== undefined || this.#fate.doubtLeft(this.#submitted) > 0) return;
    if (this.#conclude(submitted) === 'executed') this.#line.carried = '';
  }

  /** Keys that were sent before it was known that a line had ended belong to the next one, which is past knowing. */
  #goOn(): void {
    if (this.#sentSince === undefined) return;
    this.#phase = 'editing';
    this.#anchoring.lineBegins();
    this.#line.keys.lose('keys that followed at once on one that may have run a line');
    this.#line.carried += this.#sentSince;
    this.#sentSince = undefined;
  }

  /** A full-screen program came or went. A line that was being edited waits behind it and stays a candidate. */
  #bufferSwitched(unasked: boolean): void {
    this.#alternate = this.#emulator.alternate;
    const behind = this.#alternate ? this.#line : this.#suspended;
    const strayed = this.#alternate ? '' : strayedKeys(this.#line);
    this.#suspended = undefined;
    if (this.#submitted?.alternate === true) this.#submitted = undefined;
    if (this.#alternate && this.#phase === 'editing' && behind !== undefined) {
      if (unasked) behind.distrust ??= 'a full-screen program appeared while nobody typed';
      this.#suspended = behind;
      this.#line = newLine();
    }
    if (this.#phase === 'editing' || behind !== undefined) this.#fresh();
    this.#fate.answered = true;
    if (!this.#alternate && behind !== undefined) this.#comeBack(behind);
    this.#line.strayed = strayed;
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
    if (takeAwaitedPrompt(this.#line)) return;
    const carried = this.#line.carried + this.#line.keys.text;
    this.#fresh();
    this.#fate.answered = true;
    this.#begin();
    this.#line.carried = carried;
  }

  #watch(unasked: boolean, now: number): void {
    const screen = screenOf(this.#emulator, this.#line);
    if (screen !== undefined && watchLine(this.#line, screen, unasked)) this.#times.echoSeen(now);
  }

  #promptView(): PromptView {
    const text = this.#line.anchor?.prompt ?? '';
    return { text, anchor: this.#anchoring.id, known: this.#lines.prompts.knows(text) };
  }
}
