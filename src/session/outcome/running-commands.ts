/**
 * Follows what was released to its end and writes down how that went: with the channel for a command of its own,
 * with the shell's end mark for a line. All of it is reported by the target, so it is a note and permits nothing.
 * At most one command and one line run at a time; whatever cannot be told is `unknown`, never a success.
 */
import type { Clock } from '../../base/clock.ts';
import type { ApprovalRequest } from '../../model/approval-request.ts';
import type { AuditDraft, AuditOutcome } from '../../model/audit-event.ts';
import type { CommandLine } from '../../model/command-line.ts';
import type { CommandOutcome } from '../../model/command-outcome.ts';
import type { Decision } from '../../model/decision.ts';
import { commandBlock, policyBlock } from '../command-blocks.ts';
import { type SessionFacts, sessionBlocks } from '../session-facts.ts';

/** A command that was held and let through. */
export interface ReleasedCommand {
  readonly request: ApprovalRequest;
  readonly decision: Decision;
  readonly line: CommandLine;
  /** `id` of its `command.submitted`. */
  readonly submitted: string;
}

/** One that has ended. */
export interface FinishedCommand extends ReleasedCommand {
  readonly facts: SessionFacts;
  readonly outcome: CommandOutcome;
  /** ms from its release. */
  readonly duration: number;
}

export interface RunningCommandsParts {
  readonly facts: SessionFacts;
  readonly clock: Clock;
  /** Writes an event down; nobody waits for it, and it may be called when the session is over. */
  readonly note: (draft: AuditDraft) => void;
  /** Told after the event was given to `note`. */
  readonly onFinished: (finished: FinishedCommand) => void;
}

interface Running extends ReleasedCommand {
  /** Monotonic ms. */
  readonly since: number;
  /** The prompt that the line stood behind; empty when there was none. */
  readonly prompt: string;
}

export class RunningCommands {
  readonly #parts: RunningCommandsParts;
  #command: Running | undefined;
  #line: Running | undefined;
  /** The shell marks the ends of its commands: until it does for this one, it has not ended. */
  #marked = false;

  constructor(parts: RunningCommandsParts) {
    this.#parts = parts;
  }

  /** What the channel was opened for was released: it ends with the channel. */
  commandBegan(released: ReleasedCommand): void {
    this.#command = { ...released, since: this.#parts.clock.monotonic(), prompt: '' };
  }

  /** A line was released. @param prompt that it stood behind; empty when there was none */
  lineBegan(released: ReleasedCommand, prompt: string): void {
    this.#endLine({ kind: 'unknown' });
    this.#line = { ...released, since: this.#parts.clock.monotonic(), prompt };
  }

  /** The shell marked the end of a command. @param code that it named; null for none */
  markSeen(code: number | null): void {
    this.#marked = true;
    this.#endLine(code === null ? { kind: 'unknown' } : { kind: 'code', code });
  }

  /** Something is submitted behind `prompt`. A shell that shows its prompt again has ended what ran before. */
  atPrompt(prompt: string): void {
    if (this.#marked || prompt.trim() === '' || prompt !== this.#line?.prompt) return;
    this.#endLine({ kind: 'unknown' });
  }

  /** The channel is over. @param outcome of the program in it. Idempotent. */
  channelEnded(outcome: CommandOutcome): void {
    this.#endLine(outcome.kind === 'disconnect' ? outcome : { kind: 'unknown' });
    const command = this.#command;
    this.#command = undefined;
    if (command !== undefined) this.#finish(command, outcome);
  }

  #endLine(outcome: CommandOutcome): void {
    const line = this.#line;
    this.#line = undefined;
    if (line !== undefined) this.#finish(line, outcome);
  }

  #finish({ since, prompt: _, ...released }: Running, outcome: CommandOutcome): void {
    const { facts, clock, note, onFinished } = this.#parts;
    const finished: FinishedCommand = { ...released, facts, outcome, duration: clock.monotonic() - since };
    note(finishedEvent(finished));
    onFinished(finished);
  }
}

function finishedEvent({ facts, request, decision, line, submitted, outcome, duration }: FinishedCommand): AuditDraft {
  return {
    type: 'command.finished',
    outcome: OUTCOMES[outcome.kind === 'code' && outcome.code === 0 ? 'zero' : outcome.kind],
    ...sessionBlocks(facts),
    reason: 'reported by the target',
    command: { ...commandBlock(line, request.statement.command), of: submitted },
    policy: policyBlock(decision),
    approval: { id: request.id, uid: request.statement.uid, digest: request.digest },
    detail: { status: { ...outcome }, durationMs: Math.round(duration) },
  };
}

const OUTCOMES: Readonly<Record<CommandOutcome['kind'] | 'zero', AuditOutcome>> = {
  zero: 'success',
  code: 'failure',
  signal: 'failure',
  disconnect: 'error',
  unknown: 'error',
};
