/** Which requests somebody may see: their own, those they are asked to decide, all for auditors and the local door. */
import type { HeldRequest } from '../approval/ports.ts';
import { maySeeRequest, recentOf, requestNamed } from '../approval/request-access.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { visibleShort } from '../base/visible.ts';
import type { VerbContext } from './verb.ts';

/** Open requests and those of the last 24 hours, oldest first. */
export async function visibleRequests(context: VerbContext): Promise<HeldRequest[]> {
  const recent = recentOf(await context.services.desk.list(), context.services.clock.now());
  return recent.filter((request) => maySee(context, request));
}

/**
 * The request that the first argument names, in any case, by short id or uid.
 * @throws HeldlineError `request.unknown`, the same for what is not there and what is not theirs
 */
export async function namedRequest(context: VerbContext): Promise<HeldRequest> {
  const [id = ''] = context.call.arguments;
  const request = requestNamed(await context.services.desk.list(), id);
  if (request !== undefined && maySee(context, request)) return request;
  throw new HeldlineError('request.unknown', `there is no request ${visibleShort(id, 40)}`, {
    kind: 'not-found',
    hint: 'See: requests',
  });
}

function maySee({ caller }: Pick<VerbContext, 'caller'>, request: HeldRequest): boolean {
  return caller.kind === 'local' || maySeeRequest(request, caller.principal);
}
