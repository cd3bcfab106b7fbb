/** Reading requests. What somebody may see here is what they may see in the console. */
import type { ApprovalDesk } from '../../approval/desk.ts';
import { type HeldRequest, isEnded } from '../../approval/ports.ts';
import { maySeeRequest, recentOf, requestNamed } from '../../approval/request-access.ts';
import { requestView } from '../../approval/request-view.ts';
import type { Clock } from '../../base/clock.ts';
import type { Principal } from '../../model/principal.ts';
import type { ReadingEndpoint } from '../endpoint.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { requestSchema, requestsSchema } from '../schemas.ts';
import type { SeenRequests } from '../seen-requests.ts';

export interface RequestsParts {
  readonly desk: Pick<ApprovalDesk, 'list'>;
  readonly clock: Clock;
  readonly seen: Pick<SeenRequests, 'note'>;
}

const MOST_ENDED = 200;

export function listRequests({ desk, clock }: RequestsParts): ReadingEndpoint {
  return {
    kind: 'reading',
    path: '/v1/requests',
    summary: 'What you may see: open requests, and the newest 200 of the last 24 hours that have ended',
    answer: requestsSchema,
    refusals: [],
    async run({ principal }) {
      const seen = recentOf(await desk.list(), clock.now()).filter((request) => maySeeRequest(request, principal));
      return { kind: 'done', body: { v: 1, requests: newest(seen).map(requestView) } };
    },
  };
}

export function showRequest(parts: RequestsParts): ReadingEndpoint {
  return {
    kind: 'reading',
    path: '/v1/requests/{id}',
    summary: 'One request, by its short id or its uid',
    answer: requestSchema,
    refusals: [404],
    async run({ principal }, id) {
      const request = await readRequest(parts, principal, id);
      return request === null ? noSuchRequest() : { kind: 'done', body: requestView(request) };
    },
  };
}

/** All that are open: nobody may hide them behind many others. */
function newest(requests: readonly HeldRequest[]): readonly HeldRequest[] {
  const ended = requests.filter(({ state }) => isEnded(state));
  const tooOld = new Set(ended.slice(0, Math.max(0, ended.length - MOST_ENDED)));
  return requests.filter((request) => !tooOld.has(request));
}

/** `findRequest`, for somebody who is shown what it finds. */
export async function readRequest(
  parts: Pick<RequestsParts, 'desk' | 'seen'>,
  principal: Principal,
  id: string,
): Promise<HeldRequest | null> {
  const request = await findRequest(parts, principal, id);
  if (request !== null) parts.seen.note(request, principal);
  return request;
}

/** null for what is not there and for what is not theirs alike. */
export async function findRequest(
  { desk }: Pick<RequestsParts, 'desk'>,
  principal: Principal,
  id: string,
): Promise<HeldRequest | null> {
  const request = requestNamed(await desk.list(), id);
  return request !== undefined && maySeeRequest(request, principal) ? request : null;
}

export function noSuchRequest(): Refusal {
  return refuse(404, 'request.unknown', 'there is no such request');
}
