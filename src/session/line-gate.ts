/**
 * The gate of a shell, a database client or an interpreter that reads its commands from a pipe: no screen, no
 * keys, only lines. A line is kept back until the statement that it belongs to is complete and was judged; a
 * refused one ends the session, because what follows was written for a machine on which it ran.
 */
import { describeFailure } from '../base/heldline-error.ts';
import type { CommandContext, CommandLine } from '../model/command-line.ts';
import type { Decision } from '../model/decision.ts';
import type { LineCandidate } from '../terminal/line-reading.ts';
import type { ChannelGate } from './channel-gate.ts';
import { type InputLine, LineSplitter } from './line-splitter.ts';
import type { RunningCommands } from './outcome/running-commands.ts';
import type { TargetLeg, UserLeg } from './ports.ts';
import { REFUSED, type Submission, type Submissions } from './submissions.ts';

export interface LineGateParts {
  readonly user: UserLeg;
  readonly target: TargetLeg;
  readonly context: CommandContext;
  readonly judge: (line: CommandLine, candidates: readonly LineCandidate[]) => Promise<Decision>;
  readonly submissions: Submissions;
  readonly commands: Pick<RunningCommands, 'lineBegan'>;
  /** Ends the session after a refusal with this exit code. */
  readonly onRefused: (code: number) => void;
  readonly onUserFull: () => void;
}

/** Bytes of one statement and of lines waiting behind it; the policy refuses longer statements itself. */
const QUEUE_LIMIT = 512 * 1024;

export class LineGate implements ChannelGate {
  readonly #parts: LineGateParts;
  readonly #splitter = new LineSplitter();
  readonly #ended = new AbortController();
  #queue: InputLine[] = [];
  #queued = 0;
  #statement: InputLine[] = [];
  #inputEnded = false;
  #working = false;
  #drained: (() => void) | undefined;
  /** Somebody froze the input. */
  #halted = false;
  #resumed: (() => void) | undefined;

  constructor(parts: LineGateParts) {
    this.#parts = parts;
  }

  input(bytes: Uint8Array): void {
    if (this.#ended.signal.aborted) return;
    this.#enqueue(this.#splitter.push(bytes));
    if (this.#queued + this.#splitter.pending > QUEUE_LIMIT) this.#parts.user.pauseInput();
    this.#wake();
  }

  inputEnd(): void {
    const last = this.#splitter.end();
    if (last !== undefined) this.#enqueue([last]);
    this.#inputEnded = true;
    this.#wake();
  }

  output(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void {
    const { user, onUserFull } = this.#parts;
    if (!(stream === 'stdout' ? user.write(bytes) : user.writeError(bytes))) onUserFull();
  }

  targetDrained(): void {
    this.#drained?.();
  }

  resize(): void {
    // There is no terminal whose size could change.
  }

  presence(): void {
    // A pipe is never detached.
  }

  drop(why: string): void {
    this.#parts.submissions.dropHold(why);
  }

  halt(why: string): void {
    this.#halted = true;
    this.#parts.submissions.dropHold(why);
  }

  resume(): void {
    this.#halted = false;
    this.#resumed?.();
  }

  close(why: string): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    this.#parts.submissions.dropHold(why);
    this.#drained?.();
    this.#resumed?.();
  }

  #enqueue(lines: readonly InputLine[]): void {
    this.#queue.push(...lines);
    for (const line of lines) this.#queued += line.bytes.length;
  }

  #wake(): void {
    if (this.#working) return;
    this.#working = true;
    this.#work().catch((failure: unknown) => {
      this.#parts.submissions.report(`the line gate failed: ${describeFailure(failure)}`);
      this.#refuse(1);
    });
  }

  async #work(): Promise<void> {
    await this.#whenResumed();
    while (this.#queue.length > 0 && !this.#ended.signal.aborted) {
      await this.#takeLine();
      await this.#whenResumed();
    }
    if (this.#inputEnded && !this.#ended.signal.aborted) await this.#finish();
    this.#working = false;
    if (this.#queue.length > 0 && !this.#ended.signal.aborted) this.#wake();
  }

  async #takeLine(): Promise<void> {
    const line = this.#queue.shift();
    if (line === undefined) return;
    this.#queued -= line.bytes.length;
    this.#statement.push(line);
    if (this.#queued === 0) this.#parts.user.resumeInput();
    const decision = await this.#parts.judge(this.#read(null), candidatesOf(this.#statement, this.#parts.context));
    if (decision.incomplete && decision.effect !== 'deny' && !this.#tooLong()) return;
    await this.#submit(decision, this.#read(null));
  }

  async #whenResumed(): Promise<void> {
    while (this.#halted && !this.#ended.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#resumed = resolve;
      });
    }
    this.#resumed = undefined;
  }

  async #finish(): Promise<void> {
    if (this.#statement.length > 0) {
      const line = this.#read('the last command was not complete when the input ended');
      await this.#submit(await this.#parts.judge(line, candidatesOf(this.#statement, this.#parts.context)), line);
    }
    await this.#whenResumed();
    if (!this.#ended.signal.aborted) this.#parts.target.endInput();
  }

  #tooLong(): boolean {
    return this.#statement.reduce((sum, line) => sum + line.bytes.length, 0) > QUEUE_LIMIT / 2;
  }

  #read(unreadable: string | null): CommandLine {
    const { context } = this.#parts;
    const text = this.#statement.map((line) => line.text ?? '').join('\n');
    const invalid = this.#statement.some((line) => line.text === null) ? 'the input is not valid UTF-8' : null;
    const reason = invalid ?? unreadable;
    if (reason !== null) return { confidence: 'opaque', text, context, hidden: false, reason };
    return { confidence: 'exact', text, context, hidden: false };
  }

  async #submit(decision: Decision, line: CommandLine): Promise<void> {
    const statement = this.#statement;
    this.#statement = [];
    const bytes = Buffer.concat(statement.map((part) => part.bytes));
    const candidates = candidatesOf(statement, this.#parts.context);
    const decideAgain = () => this.#parts.judge(line, candidates);
    const outcome = await this.#parts.submissions.decide({ line, decision, bytes, decideAgain }, this.#ended.signal);
    if (this.#ended.signal.aborted) return;
    if (outcome.kind === 'refused') return this.#refuse(outcome.code);
    await this.#forward(outcome);
  }

  async #forward(cleared: Extract<Submission, { kind: 'cleared' }>): Promise<void> {
    // It was judged before the freeze, for a moment that has passed: it does not run after it by itself.
    if (this.#halted) return this.#refuse(REFUSED);
    if (cleared.released !== null) this.#parts.commands.lineBegan(cleared.released, '');
    if (this.#parts.target.write(cleared.clearance)) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    this.#drained = undefined;
  }

  #refuse(code: number): void {
    this.#ended.abort();
    this.#parts.onRefused(code);
  }
}

/** The statement as a whole, and its last line alone: the reader may not see the statement where we see it. */
function candidatesOf(statement: readonly InputLine[], context: CommandContext): LineCandidate[] {
  const texts = statement.map((line) => line.text ?? '');
  const last = { text: texts.at(-1) ?? '', context };
  return texts.length > 1
    ? [
        { text: texts.join('\n'), context },
        { ...last, counts: 'parsed' },
      ]
    : [last];
}
