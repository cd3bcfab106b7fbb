/**
 * Holds a submission of a channel that has no terminal of ours: says so on standard error, waits for people to
 * decide elsewhere, and follows the fixed sequence of release: decide again, consume, write to the audit log
 * and the recording, only then hand out the grant. Every failure on the way is a refusal.
 */
import type { ApprovalDesk } from '../approval/desk.ts';
import type { Grant } from '../approval/grant.ts';
import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { formatDuration } from '../base/duration.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { visibleShort } from '../base/visible.ts';
import { type ApprovalRequest, asksNobody } from '../model/approval-request.ts';
import type { AuditDraft, AuditEvent } from '../model/audit-event.ts';
import type { Recorder } from '../recording/recorder.ts';
import { CodePrompt } from './code-prompt.ts';
import { commandBlock, passBlock, policyBlock } from './command-blocks.ts';
import { type Step, stepper } from './gate/stepper.ts';
import { absenceWords, approvedBy, approversOf, passedBy, voidedWords } from './gate/words.ts';
import type { Presence } from './ports.ts';
import { type HoldFacts, requestUrgency, sessionBlocks } from './session-facts.ts';
import { stillAsked } from './still-asked.ts';
import type { SubmissionRequest } from './submission-request.ts';

export type HoldOutcome =
  | { readonly kind: 'granted'; readonly grant: Grant; readonly request: ApprovalRequest }
  | { readonly kind: 'refused'; readonly expired: boolean };

export interface UnattendedHoldParts {
  readonly facts: HoldFacts;
  readonly desk: ApprovalDesk;
  readonly audit: { append(draft: AuditDraft): Promise<AuditEvent> };
  readonly recorder: Pick<Recorder, 'marker' | 'critical'>;
  readonly clock: Clock;
  readonly say: (text: string) => void;
  /** What people type to reach the bastion, for the hint. */
  readonly bastion: string;
  /** Whether the user is there: an ssh connection ends with them, a session over Mosh does not. */
  readonly presence: () => Presence;
  /** Hands over keys that come from now on until it is stopped; null without a terminal. */
  readonly keyboard: ((listener: (bytes: Uint8Array) => void) => () => void) | null;
}

/** What each step between approval and release may take, ms. */
const STEP_DEADLINE = 5000;

/** Ends a wait from outside. */
type Drop = (why: string) => void;

export class UnattendedHold {
  readonly #parts: UnattendedHoldParts;
  #drop: Drop | undefined;

  constructor(parts: UnattendedHoldParts) {
    this.#parts = parts;
  }

  /** Denies what is held now, if anything is. */
  drop(why: string): void {
    this.#drop?.(why);
  }

  /**
   * Holds `request` until it is decided.
   * @throws HeldlineError when something fails on the way; the request is voided and nothing was released then
   */
  async ask(request: SubmissionRequest, submitted: string, signal: AbortSignal): Promise<HoldOutcome> {
    const held = await this.#open(request);
    try {
      return await this.#wait(held, request, submitted, signal);
    } catch (failure) {
      await this.#parts.desk.voidRequest(held.statement.uid, voidedWords(failure));
      throw failure;
    }
  }

  async #wait(
    held: ApprovalRequest,
    request: SubmissionRequest,
    submitted: string,
    signal: AbortSignal,
  ): Promise<HoldOutcome> {
    const { clock } = this.#parts;
    const decided = asksNobody(held) ? held : await this.#asked(held, signal);
    if (decided.state !== 'approved') return this.#refused(decided, decided.ending ?? null);
    const absent = this.#absence();
    if (absent !== null) return this.#void(decided, absent);
    const step = stepper(clock, signal, STEP_DEADLINE);
    const again = await step('the policy', () => request.decideAgain());
    if (!stillAsked(again, request.decision, held)) return this.#void(decided, 'the policy changed while it was held');
    return this.#release(decided, request, submitted, step);
  }

  /** Why nothing may be released to whoever is at the terminal now; null when it may. */
  #absence(): string | null {
    const presence = this.#parts.presence();
    return presence === 'attached' ? null : absenceWords(presence);
  }

  async #void(approved: ApprovalRequest, why: string): Promise<HoldOutcome> {
    await this.#parts.desk.voidRequest(approved.statement.uid, why);
    return this.#refused({ ...approved, state: 'voided' }, why);
  }

  #open({ line, decision }: SubmissionRequest): Promise<ApprovalRequest> {
    const { facts, desk } = this.#parts;
    const { target, login, principal } = facts.access;
    return desk.open({
      session: facts.record.id,
      channel: facts.channel,
      user: principal.user,
      target: target.name,
      labels: target.labels,
      login,
      context: line.context,
      command: line.text ?? '',
      decision,
      reason: null,
      ...requestUrgency(facts),
      address: principal.address,
    });
  }

  #asked(held: ApprovalRequest, signal: AbortSignal): Promise<ApprovalRequest> {
    this.#parts.recorder.marker(`HELD ${held.id}`);
    this.#announce(held);
    return this.#decided(held, signal);
  }

  #announce(held: ApprovalRequest): void {
    const { clock, say, bastion } = this.#parts;
    const left = formatDuration(held.statement.expiresAt - clock.now());
    const label = [
      held.ids[0] ?? `rule ${held.rule ?? 'default'}`,
      held.severity === null ? undefined : `(${held.severity})`,
    ]
      .filter((part) => part !== undefined)
      .join(' ');
    const takesCodes = held.requirement.stages.some(({ factors }) => factors.includes('totp'));
    const approve = `ssh -t ${bastion} approve ${held.id}${takesCodes ? '' : ' --sign'}`;
    say(`heldline: ${held.id} held: ${label}. Waiting up to ${left}. To approve: ${approve}\n`);
  }

  /** The request once it is no longer pending. */
  #decided(held: ApprovalRequest, signal: AbortSignal): Promise<ApprovalRequest> {
    const { desk } = this.#parts;
    const uid = held.statement.uid;
    return new Promise<ApprovalRequest>((resolve, reject) => {
      let stopKeys = (): void => {};
      const cancel = (why: string): void => {
        desk.cancel(uid, why).catch(reject);
      };
      const leave = (): void => cancel('the connection ended');
      const stop = desk.watch(uid, (now) => {
        if (now.state === 'pending') return;
        stop();
        stopKeys();
        signal.removeEventListener('abort', leave);
        this.#drop = undefined;
        resolve(now);
      });
      this.#drop = cancel;
      stopKeys = this.#listen(held);
      signal.addEventListener('abort', leave);
      if (signal.aborted) leave();
    });
  }

  /** With a terminal the requester may give their own code right here. */
  #listen(request: ApprovalRequest): () => void {
    const { desk, clock, say, facts, keyboard, presence } = this.#parts;
    if (keyboard === null) return () => {};
    const voter = facts.access.principal;
    const prompt = new CodePrompt({ desk, request, voter, now: () => clock.now(), say, presence });
    prompt.ask();
    return keyboard((bytes) => prompt.take(bytes));
  }

  /** @param why what ended it, when that is known */
  #refused(request: ApprovalRequest, why: string | null): HoldOutcome {
    const { recorder, say, facts } = this.#parts;
    recorder.marker(request.state.toUpperCase());
    say(`heldline: ${request.id} ${endingWords(request, why)}. The command was not run on ${facts.record.target}.\n`);
    return { kind: 'refused', expired: request.state === 'expired' };
  }

  /** Consumes, then writes down, then hands out the grant: in this order, each step with a deadline. */
  async #release(
    approved: ApprovalRequest,
    request: SubmissionRequest,
    submitted: string,
    step: Step,
  ): Promise<HoldOutcome> {
    const { desk, recorder, say } = this.#parts;
    const { uid, session, channel } = approved.statement;
    const consumed = await step('the approval', () => desk.consume(uid, { session, channel, digest: approved.digest }));
    if (consumed.kind === 'refused') return this.#void(approved, consumed.why);
    try {
      await step('the audit log', () => this.#write('command.released', approved, request, submitted));
      recorder.marker(`APPROVED ${approvedBy(approved)}`);
      await step('the recording', () => recorder.critical());
      const absent = this.#absence();
      if (absent !== null) throw new HeldlineError('release.voided', absent);
    } catch (failure) {
      const unused = this.#write('approval.consumed_not_released', approved, request, submitted);
      await withDeadline(unused, STEP_DEADLINE, 'the audit log', this.#parts.clock);
      throw failure;
    }
    say(`${approvedShortly(approved)}\n`);
    return { kind: 'granted', grant: consumed.grant, request: approved };
  }

  async #write(type: string, approved: ApprovalRequest, request: SubmissionRequest, submitted: string): Promise<void> {
    const { facts, audit } = this.#parts;
    const { uid } = approved.statement;
    await audit.append({
      type,
      ...sessionBlocks(facts),
      command: { ...commandBlock(request.line, request.line.text), of: submitted },
      policy: policyBlock(request.decision),
      approval: { id: approved.id, uid, digest: approved.digest, approvers: approversOf(approved) },
      ...passBlock(approved),
    });
  }
}

function approvedShortly(request: ApprovalRequest): string {
  const passed = passedBy(request);
  if (passed !== null) return `heldline: ${request.id} passes ${passed}.`;
  return `heldline: ${request.id} approved by ${approversOf(request).join(', ')}. Running once.`;
}

function endingWords(request: ApprovalRequest, why: string | null): string {
  const denial = request.votes.find((vote) => vote.verdict === 'deny');
  if (request.state === 'denied' && denial !== undefined) {
    const words = denial.reason === undefined ? '' : `: "${visibleShort(denial.reason, 200)}"`;
    return `denied by ${denial.approver}${words}`;
  }
  if (request.state === 'expired') return 'expired';
  return why === null ? request.state : `${request.state}: ${visibleShort(why, 200)}`;
}
