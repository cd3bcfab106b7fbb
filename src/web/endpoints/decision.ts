/**
 * Deciding a request: the same ballot as on every other door, with the person's own code or signature. The digest
 * says that the decision is for exactly what was read. What the desk does not count, counts here for nothing.
 */
import type { ApprovalDesk } from '../../approval/desk.ts';
import type { HeldRequest } from '../../approval/ports.ts';
import { requestView } from '../../approval/request-view.ts';
import type { VoteInput, VoteOutcome } from '../../approval/vote.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiTokens } from '../../identity/api-tokens.ts';
import type { DecidingEndpoint } from '../endpoint.ts';
import type { Outcome } from '../refusal.ts';
import { type DecidedView, type Decision, decidedSchema, decisionSchema } from '../schemas.ts';
import type { Visitor } from '../sign-in.ts';
import { voteRefusal } from '../vote-refusal.ts';
import { findRequest, noSuchRequest } from './requests.ts';

export interface DecisionParts {
  readonly desk: Pick<ApprovalDesk, 'list' | 'vote'>;
  readonly tokens: Pick<ApiTokens, 'codeWas'>;
  readonly clock: Clock;
  readonly onFailure: (what: string, failure: unknown) => void;
}

export function decideRequest(parts: DecisionParts): DecidingEndpoint {
  return {
    kind: 'deciding',
    path: '/v1/requests/{id}/decision',
    summary: 'Approve with your current one-time code or your signature, or deny',
    body: decisionSchema,
    answer: decidedSchema,
    refusals: [404, 409, 410, 422],
    async run(visitor, id, body) {
      const request = await findRequest(parts, visitor.principal, id);
      if (request === null) return noSuchRequest();
      return decide(parts, visitor, request, decisionSchema.parse(body));
    },
  };
}

async function decide(
  { desk, tokens, clock, onFailure }: DecisionParts,
  { principal, token }: Visitor,
  request: HeldRequest,
  decision: Decision,
): Promise<Outcome> {
  const { uid, policyHash } = request.statement;
  const { verdict, digest, reason = null } = decision;
  const proof = proofOf(decision);
  const ballot = { uid, policyHash, voter: principal, verdict, digest, reason, door: 'web' };
  const outcome = await desk.vote({ ...ballot, ...proof });
  if (token !== null && outcome.kind === 'wrong-code') await tokens.codeWas('wrong', token);
  // A vote that counts is told as that, whatever becomes of the count of wrong codes.
  const counts = outcome.kind === 'approved' || outcome.kind === 'counted';
  if (token !== null && counts && proof.code !== null) {
    const told = (failure: unknown): void => onFailure('that a code of a token was right', failure);
    await tokens.codeWas('right', token).catch(told);
  }
  return answerOf(outcome, request, clock.now());
}

/** Without either the desk asks for the code. */
function proofOf(decision: Decision): Pick<VoteInput, 'code' | 'signature' | 'grant'> {
  if (decision.verdict === 'deny') return { code: null };
  const { code = null, signature, grant = false } = decision;
  return signature === undefined ? { code, grant } : { code: null, signature, grant };
}

function answerOf(outcome: VoteOutcome, request: HeldRequest, now: number): Outcome {
  if (!('request' in outcome)) return voteRefusal(outcome, request, now);
  const body: DecidedView = { ...requestView(outcome.request), outcome: outcome.kind };
  return { kind: 'done', body };
}
