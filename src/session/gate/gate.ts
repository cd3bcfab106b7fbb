/**
 * The gate of a channel with a terminal. Keys pass through it one at a time, in the order in which they came; a
 * key that may submit a line waits until the line is known, judged, written down and, if it must be, approved.
 * Editing keys pass at once while nothing waits. What happens to a line is `submission.ts` and `release.ts`;
 * here is only the order of keys and the state that they meet.
 */
import { withDeadline } from '../../base/deadline.ts';
import { describeFailure, HeldlineError } from '../../base/heldline-error.ts';
import type { TerminalSize } from '../../model/session.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import type { ChannelGate } from '../channel-gate.ts';
import { Clearance } from '../clearance.ts';
import { FlowValve } from '../flow-valve.ts';
import type { Presence } from '../ports.ts';
import { sessionBlocks } from '../session-facts.ts';
import type { GateCollaborators } from './collaborators.ts';
import type { HeldLine } from './held-line.ts';
import { KeptLine, type Residue } from './kept-line.ts';
import { KeyIntake } from './key-intake.ts';
import { linesOfPaste } from './paste-lines.ts';
import { ENTER } from './retype.ts';
import { stepper } from './stepper.ts';
import { StrayCodes } from './stray-codes.ts';
import { STEP_DEADLINE, Submission, type SubmissionOutcome, type SubmissionStage } from './submission.ts';
import { TypedLine } from './typed-line.ts';
import { UserScreen } from './user-screen.ts';
import { STRAY_CODE_WORDS } from './words.ts';

/** Bytes of keys that may wait before the user's end is paused. */
const QUEUE_LIMIT = 256 * 1024;
/** How long six digits may wait to be looked at, ms. */
const CODE_DEADLINE = 500;

type State =
  | { readonly kind: 'idle' }
  /** A line is being read, judged, written down or released; `abort` gives it up. */
  | { readonly kind: 'checking' | 'releasing' | 'discarding'; readonly abort: AbortController }
  | { readonly kind: 'held'; readonly line: HeldLine; readonly abort: AbortController }
  | { readonly kind: 'closed' };

export class Gate implements ChannelGate {
  readonly #parts: GateCollaborators;
  readonly #screen: UserScreen;
  readonly #input: FlowValve;
  readonly #intake: KeyIntake;
  readonly #residue: Residue = { line: null };
  #state: State = { kind: 'idle' };
  #queue: KeyToken[] = [];
  #queued = 0;
  #working = false;
  #inputEnded = false;
  readonly #ended = new AbortController();
  readonly #codes = new StrayCodes();

  constructor(parts: GateCollaborators) {
    const { user } = parts;
    this.#parts = parts;
    this.#screen = new UserScreen(parts);
    this.#intake = new KeyIntake(parts, (token) => this.key(token));
    this.#input = new FlowValve(
      () => user.pauseInput(),
      () => user.resumeInput(),
    );
  }

  input(bytes: Uint8Array): void {
    if (this.#state.kind !== 'closed') this.#intake.push(bytes);
  }

  /** Who gets the next key: the line editor of the target, a panel, the keys that wait, or nobody. */
  get taking(): 'keys' | 'panel' | 'busy' | 'closed' {
    const state = this.#state;
    if (state.kind === 'closed') return 'closed';
    if (state.kind === 'held' && state.line.listening) return 'panel';
    return state.kind === 'idle' && !this.#working ? 'keys' : 'busy';
  }

  /**
   * Judges a line of which the target has nothing yet, and types and submits it if it may run. Never rejects; to be
   * called only while `taking` is `keys`.
   */
  async submitLine(text: string): Promise<SubmissionOutcome> {
    this.#working = true;
    const line: KeyToken = text === '' ? ENTER : { kind: 'paste', bytes: new Uint8Array(0), text, complete: true };
    try {
      return (await this.#isStrayCode(line)) ? 'refused' : await this.#submit(line, text);
    } finally {
      this.#codes.sent(ENTER);
      this.#working = false;
      this.#wake();
    }
  }

  /** Keys that wait to be forwarded, which are not forwarded then. */
  takeWaiting(): readonly KeyToken[] {
    const waiting = this.#queue;
    this.#forgetQueue();
    return waiting;
  }

  /** One of the bastion's own lines above the one with the cursor. */
  say(words: string): void {
    this.#screen.say(words);
  }

  /** Forwards a key that ends the input of a program whose line is empty. */
  endOfInput(token: KeyToken): void {
    if (this.taking === 'keys') this.#forward(token);
  }

  inputEnd(): void {
    this.#inputEnded = true;
    this.#wake();
  }

  output(bytes: Uint8Array): void {
    if (this.#state.kind !== 'closed') this.#screen.output(bytes);
  }

  resize(size: TerminalSize): void {
    this.#screen.resize(size);
    if (this.#state.kind === 'held') this.#state.line.redraw();
  }

  presence(presence: Presence): void {
    if (presence === 'attached' && this.#state.kind === 'held') this.#state.line.redraw();
  }

  targetDrained(): void {
    this.#input.open('target');
  }

  drop(why: string): void {
    this.#giveUp(why);
  }

  close(why: string): void {
    if (this.#state.kind === 'closed') return;
    this.#giveUp(why);
    this.#state = { kind: 'closed' };
    this.#ended.abort();
    this.#forgetQueue();
    this.#intake.close();
    this.#screen.close();
  }

  /** A key on its way: to the panel, straight to the target, or behind the keys that wait. */
  key(token: KeyToken): void {
    switch (this.#state.kind) {
      case 'closed':
        return;
      case 'held':
        if (this.#state.line.listening) this.#state.line.key(token);
        else this.#takeBusy(token);
        return;
      case 'checking':
      case 'releasing':
      case 'discarding':
        this.#takeBusy(token);
        return;
      case 'idle':
        if (this.#passesAtOnce(token)) this.#forward(token);
        else this.#enqueue(token);
        return;
    }
  }

  #passesAtOnce(token: KeyToken): boolean {
    return !this.#working && !this.#parts.tracker.submits(token) && this.#codes.completedBy(token) === null;
  }

  /** Ctrl-C and its like never wait behind a line; answers of the terminal that were asked for do not either. */
  #takeBusy(token: KeyToken): void {
    if (token.kind === 'interrupt') this.#interrupt(token);
    else if (token.kind === 'reply' && token.asked && !this.#parts.tracker.submits(token)) this.#forward(token);
    else this.#enqueue(token);
  }

  #interrupt(token: KeyToken): void {
    const checking = this.#state.kind === 'checking';
    if (this.#state.kind === 'discarding') {
      this.#enqueue(token);
      return;
    }
    this.#giveUp(null);
    this.#forgetQueue();
    if (checking) this.#forward(token);
  }

  /** Ends what is being decided. @param why for the verdict; null when the user did it */
  #giveUp(why: string | null): void {
    switch (this.#state.kind) {
      case 'checking':
      case 'releasing':
        this.#state.abort.abort(new HeldlineError('gate.cancelled', why ?? 'interrupted'));
        return;
      case 'held':
        this.#state.line.cancel(why);
        return;
      case 'idle':
      case 'discarding':
      case 'closed':
        return;
    }
  }

  #enqueue(token: KeyToken): void {
    this.#queue.push(token);
    this.#queued += token.bytes.length;
    if (this.#queued > QUEUE_LIMIT) this.#input.shut('queue');
    this.#wake();
  }

  #forgetQueue(): void {
    this.#queue = [];
    this.#queued = 0;
    this.#input.open('queue');
  }

  #wake(): void {
    if (this.#working || this.#state.kind === 'closed') return;
    this.#working = true;
    this.#background(this.#work());
  }

  async #work(): Promise<void> {
    try {
      for (let token = this.#next(); token !== undefined; token = this.#next()) {
        if (await this.#isStrayCode(token)) continue;
        if (this.#parts.tracker.submits(token)) await this.#submit(token);
        else this.#forward(token);
      }
      if (this.#inputEnded && this.#state.kind === 'idle') this.#parts.target.endInput();
    } finally {
      this.#working = false;
    }
  }

  #next(): KeyToken | undefined {
    const token = this.#state.kind === 'closed' ? undefined : this.#queue.shift();
    this.#queued -= token?.bytes.length ?? 0;
    if (this.#queued <= QUEUE_LIMIT / 2) this.#input.open('queue');
    return token;
  }

  /** @param kept the line, when the target has nothing of it yet */
  async #submit(token: KeyToken, kept?: string): Promise<SubmissionOutcome> {
    const abort = new AbortController();
    this.#state = { kind: 'checking', abort };
    const { signal } = abort;
    const step = stepper(this.#parts.clock, signal, STEP_DEADLINE);
    const parts = { ...this.#parts, screen: this.#screen, signal, step, ended: this.#ended.signal };
    const submission = new Submission({
      ...parts,
      way: kept === undefined ? new TypedLine(parts) : new KeptLine(parts, kept, this.#residue),
      enter: (stage) => this.#enter(stage, abort),
      forward: (clearance) => this.#write(clearance),
      background: (work) => this.#background(work),
    });
    const outcome = await submission.run(token);
    this.#codes.sent(token);
    if (this.#closed) return outcome;
    this.#state = { kind: 'idle' };
    if (outcome === 'refused') this.#forgetQueue();
    if (outcome === 'line-by-line') this.#queue.unshift(...linesOfPaste(token));
    return outcome;
  }

  get #closed(): boolean {
    return this.#state.kind === 'closed';
  }

  #enter(stage: SubmissionStage, abort: AbortController): void {
    if (this.#closed) return;
    this.#state = stage.kind === 'held' ? { ...stage, abort } : { kind: stage.kind, abort };
    if (stage.kind === 'held') this.#input.open('queue');
  }

  /** A code that is good now never reaches the target whole: it is used up, and the user is warned. */
  async #isStrayCode(token: KeyToken): Promise<boolean> {
    const { burnCode, clock, facts, audit } = this.#parts;
    const code = this.#codes.completedBy(token);
    if (code === null || burnCode === undefined) return false;
    const asked = withDeadline(burnCode(code), CODE_DEADLINE, 'the code service', clock);
    const burnt = await asked.catch(() => false);
    if (!burnt || this.#closed) return burnt;
    this.#background(audit.append({ type: 'approval.code_misplaced', outcome: 'denied', ...sessionBlocks(facts) }));
    this.#screen.say(STRAY_CODE_WORDS);
    return true;
  }

  /** For keys that only edit, and for answers of the user's terminal. */
  #forward(token: KeyToken): void {
    this.#parts.tracker.sent(token);
    this.#codes.sent(token);
    this.#write(Clearance.forEdit(token.bytes));
  }

  #write(clearance: Clearance): void {
    if (!this.#parts.target.write(clearance)) this.#input.shut('target');
  }

  #background(work: Promise<unknown>): void {
    work.catch((failure: unknown) => {
      const session = this.#parts.facts.record.id;
      this.#parts.logger.error('the gate of a session failed', { session, failure: describeFailure(failure) });
    });
  }
}
