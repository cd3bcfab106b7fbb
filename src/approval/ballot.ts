/**
 * One vote on one request, from the checks that need no code to the stored result. Runs alone for its request.
 * The order matters: who may vote is settled before a code is looked at, the code is used up before the vote
 * is written down, and the vote is in the audit log before it is stored. Throws when a step fails; the desk
 * turns that into a refusal.
 */
import type { AuditDraft } from '../model/audit-event.ts';
import type { Stage } from '../model/requirement.ts';
import { approvalEvent, type EventFacts } from './approval-events.ts';
import { lookUp } from './current-votes.ts';
import { countsFor, isAsked, objectionTo } from './eligibility.ts';
import type { OpenHold } from './open-hold.ts';
import type { CastVote, CodeOutcome, CodeVerifier, HeldRequest, People, Person } from './ports.ts';
import { currentStep, isAnswered, openStages, progressAfter, stepsOf } from './requirement-progress.ts';
import { namesDigest } from './statement.ts';
import type { VoteInput, VoteOutcome } from './vote.ts';

/** Wrong codes per approver and request, after which that approver is out of it. */
const CODE_TRIES = 3;

export interface BallotParts {
  readonly codes: CodeVerifier;
  readonly people: People;
  /** ms since the epoch */
  readonly now: () => number;
  readonly log: (draft: AuditDraft) => Promise<void>;
  /** Stores the next version and tells the watchers; throws after ending the request if it cannot. */
  readonly save: (hold: OpenHold, next: HeldRequest) => Promise<void>;
  readonly end: (
    hold: OpenHold,
    state: 'denied' | 'cancelled' | 'expired',
    why: string,
    facts?: EventFacts,
  ) => Promise<HeldRequest>;
  /** Runs one step with a deadline. */
  readonly step: <T>(what: string, work: () => Promise<T>) => Promise<T>;
}

/** A vote with who gives it, looked up now. */
interface Ballot {
  readonly input: VoteInput;
  readonly hold: OpenHold;
  readonly parts: BallotParts;
  readonly people: ReadonlyMap<string, Person>;
  readonly person: Person;
  readonly keyFingerprint: string | null;
}

export async function castBallot(input: VoteInput, hold: OpenHold, parts: BallotParts): Promise<VoteOutcome> {
  const request = hold.latest;
  const refusal = refuseByRequest(input, request);
  if (refusal !== null) return refusal;
  const names = [input.voter.user, ...request.votes.map((vote) => vote.approver)];
  const people = await parts.step('the users', () => lookUp(parts.people, names));
  const person = people.get(input.voter.user);
  if (person === undefined) return { kind: 'not-an-approver' };
  const keyFingerprint = input.voter.address === 'local' ? null : input.voter.proof.keyFingerprint;
  const ballot: Ballot = { input, hold, parts, people, person, keyFingerprint };
  const objection = objectionTo(person, { keyFingerprint }, request.statement.user, parts.now());
  if (objection?.kind === 'too-fresh') return objection;
  if (objection !== null) return { kind: 'not-an-approver' };
  return input.verdict === 'deny' ? deny(ballot) : approve(ballot);
}

function refuseByRequest(input: VoteInput, request: HeldRequest): VoteOutcome | null {
  if (request.state !== 'pending') return { kind: 'already-decided', state: request.state };
  if (!request.listed) return { kind: 'reason-missing' };
  const same = namesDigest(input.digest, request.digest) && input.policyHash === request.statement.policyHash;
  return same ? null : { kind: 'mismatch' };
}

async function deny(ballot: Ballot): Promise<VoteOutcome> {
  const { input, hold, parts, person } = ballot;
  const request = hold.latest;
  const facts = { actor: actorOf(input), ...(input.reason === null ? {} : { reason: input.reason }) };
  if (person.name === request.statement.user) {
    const why = input.reason ?? 'its requester said no';
    return { kind: 'cancelled', request: await parts.end(hold, 'cancelled', why, facts) };
  }
  const asked = stepsOf(request.requirement)
    .flat()
    .some((stage) => isAsked(stage, person, request));
  if (!asked) return { kind: 'not-an-approver' };
  const vote = makeVote(ballot, { verdict: 'deny', factor: null, step: null });
  await parts.log(voteEvent(request, input, vote, {}));
  hold.latest = { ...request, votes: [...request.votes, vote] };
  return {
    kind: 'denied',
    request: await parts.end(hold, 'denied', input.reason ?? `denied by ${person.name}`, facts),
  };
}

async function approve(ballot: Ballot): Promise<VoteOutcome> {
  const { input, hold, parts, person } = ballot;
  const request = hold.latest;
  if (request.votes.some((vote) => vote.approver === person.name)) return { kind: 'already-voted' };
  const stages = stagesFor(ballot);
  if (stages.length === 0) return refuseUnasked(ballot);
  if (wrongCodesOf(request, person.name) >= CODE_TRIES) return { kind: 'out' };
  if (!stages.some((stage) => stage.factors.includes('totp'))) return { kind: 'factor-not-available' };
  const { code } = input;
  if (code === null) return { kind: 'code-needed' };
  const outcome = await parts.step('the one-time codes', () => parts.codes.verify(person.name, code));
  if (outcome.kind !== 'accepted') return refuseCode(ballot, outcome);
  if (hold.isSuspended) return { kind: 'suspended' };
  if (hold.isOverdue) {
    await parts.end(hold, 'expired', 'nobody decided in time');
    return { kind: 'already-decided', state: 'expired' };
  }
  return count(ballot, outcome.step);
}

/** The open stages that ask this person; of a chain only those of the step that is due. */
function stagesFor({ hold, person, people }: Ballot): readonly Stage[] {
  const request = hold.latest;
  const { requirement, steps, votes } = request;
  const due = currentStep(requirement, steps, votes, countsFor(request, people));
  const indexes = due === null && requirement.mode === 'parallel' ? steps.map((_step, index) => index) : [due ?? -1];
  const stages = indexes.flatMap((index) => openStages(requirement, steps, index));
  return stages.filter((stage) => isAsked(stage, person, request));
}

async function refuseUnasked({ input, hold, parts, person }: Ballot): Promise<VoteOutcome> {
  const request = hold.latest;
  if (person.name !== request.statement.user) return { kind: 'not-an-approver' };
  await parts.log(approvalEvent('approval.self_refused', request, { actor: actorOf(input), outcome: 'denied' }));
  return { kind: 'self-refused' };
}

async function refuseCode(ballot: Ballot, outcome: Exclude<CodeOutcome, { kind: 'accepted' }>): Promise<VoteOutcome> {
  const { input, hold, parts } = ballot;
  const type = outcome.kind === 'replayed' ? 'approval.code_replayed' : 'approval.code_rejected';
  await parts.log(
    approvalEvent(type, hold.latest, {
      actor: actorOf(input),
      outcome: 'denied',
      reason: outcome.kind,
      approval: { door: input.door },
    }),
  );
  switch (outcome.kind) {
    case 'wrong':
      return countWrongCode(ballot, outcome.clockOffset);
    case 'replayed':
      return { kind: 'used-code', waitMs: outcome.waitMs };
    case 'paused':
      return { kind: 'codes-paused', until: outcome.until };
    case 'locked':
      return { kind: 'codes-locked' };
    case 'not-enrolled':
    case 'clock-went-back':
      return { kind: outcome.kind };
  }
}

async function countWrongCode({ hold, parts, person }: Ballot, clockOffset?: number): Promise<VoteOutcome> {
  const request = hold.latest;
  const wrong = wrongCodesOf(request, person.name) + 1;
  const wrongCodes = { ...request.wrongCodes, [person.name]: wrong };
  await parts.save(hold, { ...request, wrongCodes, version: request.version + 1 });
  const triesLeft = Math.max(0, CODE_TRIES - wrong);
  if (triesLeft === 0 && person.name === request.statement.user) {
    await parts.end(hold, 'denied', 'three wrong codes of its requester');
  }
  return { kind: 'wrong-code', triesLeft, ...(clockOffset === undefined ? {} : { clockOffset }) };
}

/** Own members only: somebody may be called `constructor`. */
function wrongCodesOf({ wrongCodes }: HeldRequest, name: string): number {
  return Object.hasOwn(wrongCodes, name) ? (wrongCodes[name] ?? 0) : 0;
}

async function count(ballot: Ballot, totpStep: number): Promise<VoteOutcome> {
  const { input, hold, parts, people } = ballot;
  const request = hold.latest;
  const { requirement, steps } = request;
  const mayCount = countsFor(request, people);
  const step = currentStep(requirement, steps, request.votes, mayCount);
  const vote = makeVote(ballot, { verdict: 'approve', factor: 'totp', step });
  const votes = [...request.votes, vote];
  const now = parts.now();
  const progress = progressAfter(requirement, steps, votes, now, mayCount);
  const done = isAnswered(requirement, progress, votes, mayCount);
  const version = request.version + 1;
  const next: HeldRequest = done
    ? { ...request, votes, steps: progress, state: 'approved', decidedAt: now, version }
    : { ...request, votes, steps: progress, version };
  await parts.log(voteEvent(request, input, vote, { totpStep }));
  if (done) await parts.log(approvalEvent('approval.approved', next, { approval: { approvers: approversOf(next) } }));
  await parts.save(hold, next);
  return { kind: done ? 'approved' : 'counted', request: next };
}

function makeVote(
  { input, hold, person, parts, keyFingerprint }: Ballot,
  more: Pick<CastVote, 'verdict' | 'factor' | 'step'>,
): CastVote {
  const said = input.reason === null ? {} : { reason: input.reason };
  const { digest, statement } = hold.latest;
  const grant = input.grant === true && more.verdict === 'approve' && statement.grant !== undefined;
  const remember = grant ? { grant: true as const } : {};
  return {
    ...more,
    ...said,
    ...remember,
    approver: person.name,
    digest,
    door: input.door,
    at: parts.now(),
    keyFingerprint,
  };
}

function voteEvent(
  request: HeldRequest,
  input: VoteInput,
  vote: CastVote,
  more: Readonly<Record<string, unknown>>,
): AuditDraft {
  const own = vote.approver === request.statement.user;
  return approvalEvent('approval.vote', request, {
    actor: actorOf(input),
    ...(input.reason === null ? {} : { reason: input.reason }),
    approval: {
      verdict: vote.verdict,
      door: vote.door,
      ...(vote.verdict === 'approve' ? { code: own ? 'own' : 'second' } : {}),
      ...(vote.grant === true ? { grant: true } : {}),
      ...more,
    },
  });
}

function actorOf({ voter }: VoteInput): { user: string; address: string } {
  return { user: voter.user, address: voter.address };
}

function approversOf(request: HeldRequest): readonly string[] {
  return request.votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.approver);
}
