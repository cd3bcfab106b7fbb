/**
 * The one way from an approved line to the submit key, in one fixed order. Every step is awaited with a deadline;
 * a difference, an exception, a time-out or the end of the session at any step means that the key is not written.
 */
import type { Grant } from '../../approval/grant.ts';
import type { Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import type { ApprovalRequest } from '../../model/approval-request.ts';
import type { CommandLine } from '../../model/command-line.ts';
import type { Decision } from '../../model/decision.ts';
import type { Emulator } from '../../terminal/emulator.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import type { LineCandidate, LineReading } from '../../terminal/line-reading.ts';
import { Clearance } from '../clearance.ts';
import { commandBlock, passBlock, policyBlock } from '../command-blocks.ts';
import type { UserLeg } from '../ports.ts';
import { type SessionFacts, sessionBlocks } from '../session-facts.ts';
import { stillAsked } from '../still-asked.ts';
import { type ClearingParts, clearLine, promptBefore } from './clear-line.ts';
import type { GateAudit, GateDesk, GateRecorder } from './collaborators.ts';
import { ENTER, retype, rowOfCursor } from './retype.ts';
import { stepper } from './stepper.ts';
import { absenceWords, approvedBy, approversOf } from './words.ts';

/** What may take this long each, ms. */
const STEP_DEADLINE = 5000;

/** A line that was held and approved, as it stood when it was held. */
export interface ApprovedLine {
  readonly request: ApprovalRequest;
  readonly reading: LineReading;
  readonly decision: Decision;
  /** The key that asked for submission. */
  readonly key: KeyToken;
  /** What the cells of the line showed. */
  readonly cells: string;
  /** `retype`: cleared and typed again. `forward`: a full-screen program gets the user's own key, if nothing changed. */
  readonly method: 'retype' | 'forward';
  /** It was never typed on the target: the shell may replace a part of it at Enter. */
  readonly untyped: boolean;
  /** `id` of its `command.submitted`. */
  readonly submitted: string;
}

export interface ReleaseParts extends ClearingParts {
  readonly facts: SessionFacts;
  readonly user: UserLeg;
  readonly emulator: Emulator;
  readonly judge: (line: CommandLine, candidates: readonly LineCandidate[]) => Promise<Decision>;
  readonly desk: GateDesk;
  readonly audit: GateAudit;
  readonly recorder: GateRecorder;
  readonly clock: Clock;
}

/** Writes the submit key of `line`. Everything that is thrown means that nothing was submitted.
 * @throws HeldlineError `release.voided` for a difference; the reason of `signal`; whatever else failed */
export async function release(line: ApprovedLine, parts: ReleaseParts, signal: AbortSignal): Promise<void> {
  const step = stepper(parts.clock, signal, STEP_DEADLINE);
  requireAttached(parts);
  requireSameLine(line, parts);
  const reading = await step('the line', () => prepare(line, parts, signal));
  requireSameText(line, reading, parts);
  const row = rowOfCursor(parts.emulator);
  // Of a line that the target never had, whatever was judged then is judged again.
  const candidates = line.untyped ? [...reading.candidates, ...line.reading.candidates] : reading.candidates;
  const again = await step('the policy', () => parts.judge(reading.line, candidates));
  if (!stillAsked(again, line.decision, line.request)) throw changed('the policy decides otherwise now');
  const grant = await step('the approval', () => consume(line, parts));
  try {
    await step('the audit log', () => writeDown(line, parts));
    parts.recorder.marker(`APPROVED ${approvedBy(line.request)}`);
    await step('the recording', () => parts.recorder.critical());
    requireAttached(parts);
    requireSameText(line, reading, parts);
    if (rowOfCursor(parts.emulator) !== row) throw changed('the line changed');
    submit(line, grant, parts);
  } catch (failure) {
    await withDeadline(writeDownUnused(line, parts), STEP_DEADLINE, 'the audit log', parts.clock);
    throw failure;
  }
}

/** Brings the line into the state in which only the submit key is missing, and reads it anew. */
async function prepare(line: ApprovedLine, parts: ReleaseParts, signal: AbortSignal): Promise<LineReading> {
  if (line.method === 'forward') return parts.tracker.resolve(line.key, signal);
  if ((await clearLine(parts, line.reading, signal)) === 'dirty') throw changed('the line could not be cleared');
  if (parts.tracker.promptNow().text !== promptBefore(line.reading)) throw changed('the prompt changed');
  return retype(line.request.statement.command, line.untyped, parts, signal);
}

async function consume({ request }: ApprovedLine, { desk, facts }: ReleaseParts): Promise<Grant> {
  const { uid } = request.statement;
  const outcome = await desk.consume(uid, { session: facts.record.id, channel: facts.channel, digest: request.digest });
  if (outcome.kind === 'refused') throw changed(outcome.why);
  return outcome.grant;
}

async function writeDown(line: ApprovedLine, { audit, facts }: ReleaseParts): Promise<void> {
  const { request, reading, decision, submitted } = line;
  await audit.append({
    type: 'command.released',
    ...sessionBlocks(facts),
    command: { ...commandBlock(reading.line, request.statement.command), of: submitted },
    policy: policyBlock(decision),
    approval: { ...approvalBlock(request), approvers: approversOf(request) },
    ...passBlock(request),
  });
}

async function writeDownUnused({ request }: ApprovedLine, { audit, facts }: ReleaseParts): Promise<void> {
  await audit.append({
    type: 'approval.consumed_not_released',
    outcome: 'error',
    ...sessionBlocks(facts),
    approval: approvalBlock(request),
  });
}

/** The only place that submits an approved line. Synchronous: nothing can come between the checks and the key. */
function submit(line: ApprovedLine, grant: Grant, { tracker, target }: ReleaseParts): void {
  if (!grant.spend()) throw changed('the approval was used already');
  const key = line.method === 'forward' ? line.key : ENTER;
  tracker.sent(key);
  target.write(Clearance.forGrant(key.bytes, grant));
}

function requireAttached({ user }: ReleaseParts): void {
  if (user.presence !== 'attached') throw changed(absenceWords(user.presence));
}

/** Neither the prompt nor the text behind it may have moved while the line was held. */
function requireSameLine({ reading, cells, method }: ApprovedLine, { tracker }: ReleaseParts): void {
  if (method === 'forward') return;
  const now = tracker.promptNow();
  if (now.text !== reading.prompt.text || now.anchor !== reading.prompt.anchor) throw changed('the prompt changed');
  if (tracker.cellsOfLine() !== cells) throw changed('the line changed');
}

/** What is about to be submitted is, cell by cell, what was approved. */
function requireSameText(line: ApprovedLine, reading: LineReading, { tracker }: ReleaseParts): void {
  const approved = line.request.statement.command;
  const same = line.method === 'retype' ? tracker.cellsOfLine() === approved : !reading.line.hidden;
  if (!same || reading.line.text !== approved) throw changed('the line changed');
}

function approvalBlock({ id, statement, digest }: ApprovalRequest): Readonly<Record<string, unknown>> {
  return { id, uid: statement.uid, digest };
}

function changed(why: string): HeldlineError {
  return new HeldlineError('release.voided', why);
}
