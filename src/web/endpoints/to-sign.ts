/** What somebody signs to approve a request, made for them from the request as it is now. It decides nothing. */
import { stagesAsking, takesSignatures } from '../../approval/eligibility.ts';
import type { HeldRequest } from '../../approval/ports.ts';
import { approvalNamespace, approvalStatement, type BastionIdentity } from '../../approval/signed-statement.ts';
import type { Principal } from '../../model/principal.ts';
import type { ReadingEndpoint } from '../endpoint.ts';
import type { Refusal } from '../refusal.ts';
import { type ToSignView, toSignSchema } from '../schemas.ts';
import { voteRefusal } from '../vote-refusal.ts';
import { noSuchRequest, type RequestsParts, readRequest } from './requests.ts';

export interface ToSignParts extends RequestsParts {
  /** What signatures are made for. */
  readonly bastionIdentity: BastionIdentity;
}

export function textToSign(parts: ToSignParts): ReadingEndpoint {
  return {
    kind: 'reading',
    path: '/v1/requests/{id}/to-sign',
    summary: 'What you sign with your own SSH key to approve it, where the policy takes signatures',
    answer: toSignSchema,
    refusals: [403, 404, 409, 410, 422],
    async run({ principal }, id) {
      const request = await readRequest(parts, principal, id);
      if (request === null) return noSuchRequest();
      const refusal = objectionTo(request, principal, parts.clock.now());
      return refusal ?? { kind: 'done', body: viewOf(request, principal, parts.bastionIdentity) };
    },
  };
}

/** Before somebody signs in vain; whether a signature counts is the desk's business. */
function objectionTo(request: HeldRequest, { user, roles }: Principal, now: number): Refusal | null {
  const { state } = request;
  if (state !== 'pending') return voteRefusal({ kind: 'already-decided', state }, request, now);
  const stages = stagesAsking(request, { name: user, roles });
  if (stages.length === 0) return voteRefusal({ kind: 'not-an-approver' }, request, now);
  return stages.some(takesSignatures) ? null : voteRefusal({ kind: 'factor-not-available', stages }, request, now);
}

function viewOf(request: HeldRequest, { user }: Principal, bastion: BastionIdentity): ToSignView {
  const { id, digest, statement } = request;
  const offersGrant = statement.grant !== undefined;
  return {
    v: 1,
    id,
    uid: statement.uid,
    digest,
    namespace: approvalNamespace(bastion),
    statement: approvalStatement(request, user, bastion),
    statement_with_grant: offersGrant ? approvalStatement(request, user, bastion, { grant: true }) : null,
  };
}
