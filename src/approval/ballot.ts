/**
 * One vote on one request, from the checks that need no proof to the stored result. Runs alone for its request.
 * The order matters: who may vote is settled before a code or a signature is looked at, a code is used up before
 * the vote is written down, and the vote is in the audit log before it is stored. Throws when a step fails; the
 * desk turns that into a refusal.
 */
import type { AuditDraft } from '../model/audit-event.ts';
import type { Stage } from '../model/requirement.ts';
import { approvalEvent } from './approval-events.ts';
import { actorOf, type Ballot, type BallotParts, type ProofOutcome, refusedWith } from './ballot-parts.ts';
import { isOut, proveByCode } from './code-proof.ts';
import { lookUp } from './current-votes.ts';
import { countsFor, isAsked, objectionTo, stageTakes } from './eligibility.ts';
import type { OpenHold } from './open-hold.ts';
import type { CastVote, HeldRequest } from './ports.ts';
import { currentStep, isAnswered, openStages, progressAfter, stepsOf } from './requirement-progress.ts';
import { proveBySignature } from './signature-proof.ts';
import { namesDigest } from './statement.ts';
import type { VoteInput, VoteOutcome } from './vote.ts';

type Proof = Extract<ProofOutcome, { kind: 'proven' }>;

export async function castBallot(input: VoteInput, hold: OpenHold, parts: BallotParts): Promise<VoteOutcome> {
  if (hold.isSuspended) return suspended(input, hold, parts);
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

/** Nothing is decided while the clock is behind where it was; the log says who tried. */
async function suspended(input: VoteInput, { latest }: OpenHold, parts: BallotParts): Promise<VoteOutcome> {
  const facts = { actor: actorOf(input), outcome: 'denied', reason: 'the clock went back' } as const;
  await parts.log(approvalEvent('approval.suspended', latest, facts));
  return { kind: 'suspended' };
}

function refuseByRequest(input: VoteInput, request: HeldRequest): VoteOutcome | null {
  if (request.state !== 'pending') return { kind: 'already-decided', state: request.state };
  if (!request.listed) return { kind: 'reason-missing' };
  const same = namesDigest(input.digest, request.digest) && input.policyHash === request.statement.policyHash;
  if (!same) return { kind: 'mismatch' };
  const asksTooMuch = input.verdict === 'approve' && input.grant === true && request.statement.grant === undefined;
  return asksTooMuch ? { kind: 'grant-not-offered' } : null;
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
  const { hold, parts, person } = ballot;
  const request = hold.latest;
  if (request.votes.some((vote) => vote.approver === person.name)) return { kind: 'already-voted' };
  const stages = stagesFor(ballot);
  if (stages.length === 0) return refuseUnasked(ballot);
  if (isOut(request, person.name)) return { kind: 'out' };
  const proof = await prove(ballot, stages);
  if (proof.kind === 'refused') return proof.outcome;
  if (hold.isSuspended) return suspended(ballot.input, hold, parts);
  if (hold.isOverdue) {
    await parts.end(hold, 'expired', 'nobody decided in time');
    return { kind: 'already-decided', state: 'expired' };
  }
  return count(ballot, proof);
}

async function prove(ballot: Ballot, stages: readonly Stage[]): Promise<ProofOutcome> {
  const { signature } = ballot.input;
  if (signature !== undefined) return proveBySignature(ballot, signature, stages);
  const takesCodes = stages.some((stage) => stageTakes(stage, { factor: 'totp' }));
  return takesCodes ? proveByCode(ballot) : refusedWith({ kind: 'factor-not-available', stages });
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

async function count(ballot: Ballot, { by, facts }: Proof): Promise<VoteOutcome> {
  const { input, hold, parts, people } = ballot;
  const request = hold.latest;
  const { requirement, steps } = request;
  const mayCount = countsFor(request, people);
  const step = currentStep(requirement, steps, request.votes, mayCount);
  const vote = makeVote(ballot, { verdict: 'approve', step, ...by });
  const votes = [...request.votes, vote];
  const now = parts.now();
  const progress = progressAfter(requirement, steps, votes, now, mayCount);
  const done = isAnswered(requirement, progress, votes, mayCount);
  const version = request.version + 1;
  const signers = vote.signature === undefined ? {} : { signers: [...(request.signers ?? []), vote.approver] };
  const counted: HeldRequest = { ...request, ...signers, votes, steps: progress, version };
  const next: HeldRequest = done ? { ...counted, state: 'approved', decidedAt: now } : counted;
  await parts.log(voteEvent(request, input, vote, facts));
  if (done) await parts.log(approvalEvent('approval.approved', next, { approval: { approvers: approversOf(next) } }));
  await parts.save(hold, next);
  return { kind: done ? 'approved' : 'counted', request: next };
}

function makeVote(
  { input, hold, person, parts, keyFingerprint }: Ballot,
  more: Pick<CastVote, 'verdict' | 'factor' | 'step' | 'signature'>,
): CastVote {
  const said = input.reason === null ? {} : { reason: input.reason };
  const { digest } = hold.latest;
  const remember = more.verdict === 'approve' && input.grant === true ? { grant: true as const } : {};
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
      ...(vote.verdict === 'approve' ? { factor: vote.factor, code: own ? 'own' : 'second' } : {}),
      ...(vote.grant === true ? { grant: true } : {}),
      ...more,
    },
  });
}

function approversOf(request: HeldRequest): readonly string[] {
  return request.votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.approver);
}
