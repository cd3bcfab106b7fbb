/**
 * The gate of strict line mode. The bastion has the line editor: keys go into it, and the target gets nothing but
 * whole lines, each at a prompt and after it was judged. Ctrl-C, Ctrl-Z and Ctrl-\ go through at once, Ctrl-D when
 * there is no line. Keys of a full-screen program pass only if the line that started it was approved. What happens
 * to a line is the gate's business (`gate.ts`); here is which keys become lines, and when a line may be put to it.
 */
import type { Cancel } from '../../base/clock.ts';
import { describeFailure } from '../../base/heldline-error.ts';
import type { TerminalSize } from '../../model/session.ts';
import { type EditorCommand, editorCommand } from '../../terminal/editor-keys.ts';
import {
  beginSearch,
  foundLine,
  type HistorySearch,
  pressInSearch,
  searchLabels,
} from '../../terminal/history-search.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import {
  type EditorState,
  EMPTY_EDITOR,
  editorText,
  insertText,
  nextLine,
  pressEditorKey,
} from '../../terminal/line-editor.ts';
import { asksForSecret, mayNotEcho } from '../../terminal/secret-prompt.ts';
import type { ChannelGate } from '../channel-gate.ts';
import type { Presence } from '../ports.ts';
import type { GateCollaborators } from './collaborators.ts';
import { Gate } from './gate.ts';
import { KeyIntake } from './key-intake.ts';
import { LinePainter } from './line-painter.ts';
import { FULL_SCREEN_WORDS, TOO_MANY_LINES_WORDS } from './words.ts';

/** Output must have paused so long behind a prompt before a line follows it, ms: one that stood before a line already. */
const STILL_KNOWN = 20;
/** The same for text that is not known to be a prompt: it may be half of a message. */
const STILL_UNKNOWN = 300;
/** How long after Ctrl-C and its like no line follows, ms: what stands there may be about to go. */
const AFTER_KEY = 300;
/** How long output must have paused before the line is drawn again, ms. */
const REPAINT = 15;
/** Lines that may wait for a prompt. */
const MOST_LINES = 200;
/** Keys that may wait until it is known whether a full-screen program is approved. */
const MOST_EARLY_KEYS = 1000;
const ENTERED = ' ⏎ ';

/** Whether keys pass to a full-screen program: the last line was approved by somebody, was not, or is not decided. */
type FullScreen = 'approved' | 'unapproved' | 'undecided';

export class StrictGate implements ChannelGate {
  readonly #parts: GateCollaborators;
  readonly #user: LinePainter;
  readonly #gate: Gate;
  readonly #intake: KeyIntake;
  #editor: EditorState = EMPTY_EDITOR;
  /** The history is being searched; the line under it waits. */
  #search: HistorySearch | null = null;
  /** What was looked for last. */
  #sought: readonly string[] = [];
  /** Lines that were entered and wait for a prompt, and the Ctrl-D that may follow them. */
  #lines: string[] = [];
  #ending: KeyToken | null = null;
  #fullScreen: FullScreen;
  #early: KeyToken[] = [];
  /** The user was told that the keys of this full-screen program are held back. */
  #told = false;
  #inputEnded = false;
  /** Somebody froze the input. */
  #halted = false;
  /** Monotonic ms. */
  #keyForwarded = Number.NEGATIVE_INFINITY;
  #cancelLook: Cancel = () => {};

  /** @param approved the program that the session begins with was approved by somebody */
  constructor(parts: GateCollaborators, approved: boolean) {
    this.#parts = parts;
    this.#fullScreen = approved ? 'approved' : 'unapproved';
    this.#user = new LinePainter(parts.user, parts.emulator);
    this.#gate = new Gate({ ...parts, user: this.#user });
    this.#intake = new KeyIntake(parts, (token) => this.#take(token));
  }

  input(bytes: Uint8Array): void {
    if (this.#gate.taking === 'closed' || this.#halted) return;
    this.#intake.push(bytes);
    this.#advance();
  }

  inputEnd(): void {
    this.#inputEnded = true;
    this.#advance();
  }

  output(bytes: Uint8Array): void {
    const { emulator } = this.#parts;
    const before = emulator.alternate;
    this.#gate.output(bytes);
    if (before && !emulator.alternate) this.#leftFullScreen();
    this.#look(REPAINT);
  }

  resize(size: TerminalSize): void {
    const { painted } = this.#user;
    this.#gate.resize(size);
    if (painted) this.#user.redraw();
    this.#advance();
  }

  presence(presence: Presence): void {
    this.#gate.presence(presence);
  }

  targetDrained(): void {
    this.#gate.targetDrained();
  }

  drop(why: string): void {
    this.#forget();
    this.#gate.drop(why);
  }

  halt(why: string): void {
    this.#halted = true;
    this.#forget();
    this.#user.erase();
    this.#gate.halt(why);
  }

  resume(): void {
    this.#halted = false;
    this.#gate.resume();
    this.#advance();
  }

  close(why: string): void {
    this.#cancelLook();
    this.#intake.close();
    this.#user.erase();
    this.#forget();
    this.#gate.close(why);
  }

  #take(token: KeyToken): void {
    if (this.#halted) return;
    if (this.#gate.taking === 'panel') this.#gate.key(token);
    else if (token.kind === 'interrupt') this.#interrupt(token);
    else if (this.#parts.emulator.alternate) this.#takeFullScreen(token);
    else this.#edit(token);
  }

  /** Gives up what is typed and what waits; what is decided too. The first Ctrl-C in a search gives up the search alone. */
  #interrupt(token: KeyToken): void {
    if (this.#search !== null && token.kind === 'interrupt' && token.key === 'C' && this.#isIdle()) {
      this.#endSearch();
      return;
    }
    if (token.kind === 'interrupt' && token.key === 'C') this.#forget();
    this.#user.erase();
    this.#keyForwarded = this.#parts.clock.monotonic();
    this.#gate.key(token);
  }

  #takeFullScreen(token: KeyToken): void {
    switch (this.#fullScreen) {
      case 'approved':
        this.#gate.key(token);
        return;
      case 'undecided':
        if (this.#early.length < MOST_EARLY_KEYS) this.#early.push(token);
        return;
      case 'unapproved':
        if (!this.#told && this.#gate.taking === 'keys') this.#gate.say(FULL_SCREEN_WORDS);
        this.#told = true;
        return;
    }
  }

  /** Keys that were still on their way to the program are for the editor now. */
  #leftFullScreen(): void {
    this.#told = false;
    for (const token of [...this.#gate.takeWaiting(), ...this.#takeEarly()]) this.#edit(token);
  }

  #takeEarly(): readonly KeyToken[] {
    const early = this.#early;
    this.#early = [];
    return early;
  }

  /** Nothing is decided and no line waits. */
  #isIdle(): boolean {
    return this.#gate.taking === 'keys' && this.#lines.length === 0;
  }

  #edit(token: KeyToken): void {
    this.#do(this.#inSearch(editorCommand(token)), token);
  }

  /** What a search leaves of a key. */
  #inSearch(command: EditorCommand): EditorCommand {
    if (this.#search !== null && this.#asksForSecret()) this.#endSearch();
    if (this.#search === null) return command;
    const { editor, rest, search } = pressInSearch(this.#search, this.#editor, command);
    if (search === null) this.#endSearch();
    this.#search = search;
    this.#editor = editor;
    return rest;
  }

  #endSearch(): void {
    const { wanted = [] } = this.#search ?? {};
    if (wanted.length > 0) this.#sought = wanted;
    this.#search = null;
    // A lone Escape comes late, by a clock: no other key draws after it.
    this.#look(REPAINT);
  }

  #do(command: EditorCommand, token: KeyToken): void {
    switch (command.kind) {
      case 'insert':
        this.#insert(command.text.split(/\r\n|\r|\n/));
        return;
      case 'edit':
        this.#editor = pressEditorKey(this.#editor, command.key);
        return;
      case 'submit':
        this.#enter();
        return;
      case 'end':
        this.#end(token);
        return;
      case 'search':
        if (!this.#asksForSecret()) this.#search = beginSearch(command.direction, this.#sought);
        return;
      case 'redraw':
        if (this.#gate.taking === 'keys') this.#user.redraw();
        return;
      case 'accept':
      case 'cancel':
      case 'nothing':
        return;
    }
  }

  /** A paste of several lines enters each but the last. */
  #insert(lines: readonly string[]): void {
    for (const [index, line] of lines.entries()) {
      if (index > 0) this.#enter();
      this.#editor = insertText(this.#editor, line);
    }
  }

  #enter(): void {
    const text = editorText(this.#editor);
    const place = this.#parts.tracker.promptPlace();
    const secret = place.kind === 'prompt' && !place.known && mayNotEcho(place.text);
    this.#editor = nextLine(this.#editor, !secret);
    if (this.#lines.length < MOST_LINES) this.#lines.push(text);
    else if (this.#gate.taking === 'keys') this.#gate.say(TOO_MANY_LINES_WORDS);
  }

  /** Ctrl-D ends a program only where nothing is typed; elsewhere it deletes, as in every editor. */
  #end(token: KeyToken): void {
    if (editorText(this.#editor) !== '') {
      this.#editor = pressEditorKey(this.#editor, 'delete');
    } else {
      this.#ending = token;
    }
  }

  /** Puts the next line to the gate when it can be; shows what is typed. */
  #advance(): void {
    this.#cancelLook();
    if (this.#gate.taking !== 'keys') return;
    if (this.#lines.length === 0) {
      this.#sendEnding();
      if (this.#inputEnded) this.#gate.inputEnd();
      this.#paint();
      return;
    }
    const wait = this.#waitForPrompt();
    if (wait !== null && wait <= 0) {
      this.#submitNext();
      return;
    }
    this.#paint();
    if (wait !== null) this.#look(wait);
  }

  #sendEnding(): void {
    if (this.#ending === null || this.#parts.emulator.alternate) return;
    this.#user.erase();
    this.#keyForwarded = this.#parts.clock.monotonic();
    this.#gate.endOfInput(this.#ending);
    this.#ending = null;
  }

  /** ms until a line may follow what stands on the screen; null while nothing there may be a prompt. */
  #waitForPrompt(): number | null {
    const { clock, recorder, tracker } = this.#parts;
    const place = tracker.promptPlace();
    if (place.kind !== 'prompt' || recorder.failure !== null) return null;
    const still = (place.known ? STILL_KNOWN : STILL_UNKNOWN) - place.still;
    return Math.max(still, AFTER_KEY - (clock.monotonic() - this.#keyForwarded));
  }

  #look(wait: number): void {
    this.#cancelLook();
    this.#cancelLook = this.#parts.clock.after(Math.max(1, Math.ceil(wait)), () => this.#advance());
  }

  #submitNext(): void {
    const { facts, logger } = this.#parts;
    const text = this.#lines.shift();
    if (text === undefined) return;
    this.#submit(text).catch((failure: unknown) => {
      logger.error('the strict gate failed', { session: facts.record.id, failure: describeFailure(failure) });
    });
  }

  async #submit(text: string): Promise<void> {
    const before = this.#fullScreen;
    this.#fullScreen = 'undecided';
    this.#user.erase();
    const outcome = await this.#gate.submitLine(text);
    const ran = outcome === 'passed' || outcome === 'released';
    if (!ran) this.#forget();
    this.#fullScreen = ran ? (outcome === 'released' ? 'approved' : 'unapproved') : before;
    for (const token of this.#takeEarly()) this.#take(token);
    this.#advance();
  }

  /** Everything that was typed ahead is void. */
  #forget(): void {
    this.#lines = [];
    this.#ending = null;
    this.#early = [];
    this.#search = null;
    this.#editor = nextLine(this.#editor, false);
  }

  #asksForSecret(): boolean {
    const place = this.#parts.tracker.promptPlace();
    return place.kind === 'prompt' && !place.known && asksForSecret(place.text);
  }

  #paint(): void {
    const search = this.#search;
    const waiting = this.#lines.flatMap((line) => [...line, ...ENTERED]);
    const line = { ...this.#editor, before: [...waiting, ...this.#editor.before] };
    const shown = search === null ? line : { ...foundLine(search, this.#editor), labels: searchLabels(search) };
    this.#user.paint(shown, this.#asksForSecret());
  }
}
