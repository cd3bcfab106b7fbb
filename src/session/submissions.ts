/**
 * What happens to a submission that has no screen: an `exec` request, or a line of a pipe. Writes it to the
 * audit log, lets it pass, refuses it, or holds it with words on standard error, in one fixed order. The gate
 * of a terminal has a sequence of its own because it has a line to clear and to type again.
 */

import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import { visibleShort } from '../base/visible.ts';
import type { AuditDraft, AuditEvent } from '../model/audit-event.ts';
import type { CommandLine } from '../model/command-line.ts';
import type { Decision } from '../model/decision.ts';
import type { Recorder } from '../recording/recorder.ts';
import { Clearance } from './clearance.ts';
import { commandBlock, policyBlock } from './command-blocks.ts';
import { voidedWords } from './gate/words.ts';
import type { ReleasedCommand } from './outcome/running-commands.ts';
import { type SessionFacts, sessionBlocks } from './session-facts.ts';
import type { SubmissionRequest } from './submission-request.ts';
import type { HoldOutcome, UnattendedHold } from './unattended-hold.ts';

export type Submission =
  /** `released`: it was held and let through; null when the policy let it pass by itself. */
  | { readonly kind: 'cleared'; readonly clearance: Clearance; readonly released: ReleasedCommand | null }
  /** The user was told why; the session ends with this code. */
  | { readonly kind: 'refused'; readonly code: number };

export interface SubmissionParts {
  readonly facts: SessionFacts;
  readonly audit: { append(draft: AuditDraft): Promise<AuditEvent> };
  readonly recorder: Pick<Recorder, 'marker'>;
  readonly hold: UnattendedHold;
  /** Words for the user, on standard error. */
  readonly say: (text: string) => void;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** What writing something down may take, ms. */
const LOG_DEADLINE = 10_000;

/** Exit codes of a gated command that has no terminal; sysexits.h. */
export const REFUSED = 77;
const EXPIRED = 75;
export const UNREACHABLE = 69;

export class Submissions {
  readonly #parts: SubmissionParts;

  constructor(parts: SubmissionParts) {
    this.#parts = parts;
  }

  /** Never rejects: a failure on the way is a refusal. @param signal aborted when the user is gone */
  async decide(request: SubmissionRequest, signal: AbortSignal): Promise<Submission> {
    try {
      return await this.#decide(request, signal);
    } catch (failure) {
      this.report(describeFailure(failure));
      this.#parts.say(`heldline: ${voidedWords(failure)}, so nothing was sent.\n`);
      return { kind: 'refused', code: REFUSED };
    }
  }

  dropHold(why: string): void {
    this.#parts.hold.drop(why);
  }

  /** For the daemon's log. */
  report(failure: string): void {
    this.#parts.logger.error('a submission failed', { session: this.#parts.facts.record.id, failure });
  }

  async #decide(request: SubmissionRequest, signal: AbortSignal): Promise<Submission> {
    const { line, decision, bytes } = request;
    const of = await this.#submitted(line, decision);
    switch (decision.effect) {
      case 'allow':
        return { kind: 'cleared', clearance: Clearance.forAllowed(bytes, decision), released: null };
      case 'auto-approve':
        await this.#append('command.auto_approved', request, of);
        return { kind: 'cleared', clearance: Clearance.forAllowed(bytes, decision), released: null };
      case 'deny':
        return this.#blocked(request, of);
      case 'approve':
        return this.#held(request, of, signal);
    }
  }

  /** One event for each line of the text, in order. @returns the id of the last one */
  async #submitted(line: CommandLine, decision: Decision): Promise<string> {
    this.#parts.recorder.marker(`$ ${visibleShort(line.text ?? '(unreadable)', 200)}`);
    const texts = line.text === null ? [null] : line.text.replace(/\n$/, '').split('\n');
    const events = texts.map((text) =>
      this.#write({
        type: 'command.submitted',
        ...sessionBlocks(this.#parts.facts),
        command: commandBlock(line, text),
        policy: policyBlock(decision),
      }),
    );
    const written = await Promise.all(events);
    return written.at(-1)?.id ?? '';
  }

  async #blocked(request: SubmissionRequest, of: string): Promise<Submission> {
    await this.#append('command.blocked', request, of);
    const { decision } = request;
    this.#parts.recorder.marker(`BLOCKED ${decision.rule ?? 'default'}`);
    this.#parts.say(`heldline: blocked by rule ${decision.rule ?? 'default'}: ${visibleShort(decision.why, 300)}\n`);
    this.#parts.say(`          Nothing was sent to ${this.#parts.facts.record.target}.\n`);
    return { kind: 'refused', code: REFUSED };
  }

  async #held(request: SubmissionRequest, of: string, signal: AbortSignal): Promise<Submission> {
    const outcome: HoldOutcome = await this.#parts.hold.ask(request, of, signal);
    if (outcome.kind === 'granted') {
      const { line, decision } = request;
      const released = { line, decision, request: outcome.request, submitted: of };
      return { kind: 'cleared', clearance: Clearance.forGrant(request.bytes, outcome.grant), released };
    }
    return { kind: 'refused', code: outcome.expired ? EXPIRED : REFUSED };
  }

  #append(type: string, { line, decision }: SubmissionRequest, of: string): Promise<AuditEvent> {
    return this.#write({
      type,
      ...sessionBlocks(this.#parts.facts),
      command: { ...commandBlock(line, line.text), of },
      policy: policyBlock(decision),
    });
  }

  /** In time, for the user waits. */
  #write(draft: AuditDraft): Promise<AuditEvent> {
    const { audit, clock } = this.#parts;
    return withDeadline(audit.append(draft), LOG_DEADLINE, 'the audit log', clock);
  }
}
