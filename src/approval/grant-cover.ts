/** Whether a grant covers a line that is about to be held. Pure; everything that is compared must be the same. */
import { isDeepStrictEqual } from 'node:util';
import type { GrantTerms } from '../model/grant-terms.ts';
import type { CommandGrant } from './grant-ports.ts';
import type { HoldDraft } from './hold-draft.ts';

/** Not asked here: whether the grant may still be used at all. */
export function covers(grant: CommandGrant, draft: HoldDraft): boolean {
  const { statement, requirement, unnarrowed = requirement } = grant.given;
  const { decision } = draft;
  if (decision.grant === undefined || draft.subject !== undefined) return false;
  if (!sameTerms(grant.terms, decision.grant) || decision.policyHash !== statement.policyHash) return false;
  if (!isDeepStrictEqual(decision.requirement, unnarrowed)) return false;
  const { user, target, login, context, session } = draft;
  const who = user === statement.user && target === statement.target && login === statement.login;
  const where = context === statement.context && (!grant.terms.inSession || session === statement.session);
  return who && where && (grant.terms.scope !== 'command' || draft.command === statement.command);
}

/** The same rules remember as much of both lines. How many commands a line has may differ within a session. */
function sameTerms(given: GrantTerms, wanted: GrantTerms): boolean {
  const cost = given.scope === 'session' ? given.cost : wanted.cost;
  return isDeepStrictEqual(given, { ...wanted, cost });
}
