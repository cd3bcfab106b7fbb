/** Which requests somebody may see: their own, those they are asked to decide, all for auditors and the local door. */
import { isAsked } from '../approval/eligibility.ts';
import type { HeldRequest } from '../approval/ports.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { visibleShort } from '../base/visible.ts';
import { AUDITOR } from './session-view.ts';
import type { VerbContext } from './verb.ts';

const DAY = 86_400_000;

/** Open requests and those of the last 24 hours, oldest first. */
export async function visibleRequests(context: VerbContext): Promise<HeldRequest[]> {
  const since = context.services.clock.now() - DAY;
  const all = await context.services.desk.list();
  const recent = all.filter((request) => request.state === 'pending' || request.createdAt >= since);
  return recent.filter((request) => maySee(context, request));
}

/**
 * The request that the first argument names, in any case, by short id or uid.
 * @throws HeldlineError `request.unknown`, the same for what is not there and what is not theirs
 */
export async function namedRequest(context: VerbContext): Promise<HeldRequest> {
  const [id = ''] = context.call.arguments;
  const all = await context.services.desk.list();
  const named = all.filter((request) => request.id === id.toUpperCase() || request.statement.uid === id.toLowerCase());
  const request = named.find(({ state }) => state === 'pending') ?? named.at(-1);
  if (request !== undefined && maySee(context, request)) return request;
  throw new HeldlineError('request.unknown', `there is no request ${visibleShort(id, 40)}`, {
    kind: 'not-found',
    hint: 'See: requests',
  });
}

function maySee({ caller }: Pick<VerbContext, 'caller'>, request: HeldRequest): boolean {
  if (caller.kind === 'local') return true;
  const { user, roles } = caller.principal;
  if (request.statement.user === user || roles.includes(AUDITOR)) return true;
  return request.requirement.stages.some((stage) => isAsked(stage, { name: user, roles }, request));
}
