/** The requests that one person may decide now, with what an approver wants to know about each. */
import { isAsked } from '../../approval/eligibility.ts';
import type { HeldRequest } from '../../approval/ports.ts';
import type { Principal } from '../../model/principal.ts';
import { urgencyRank } from '../../model/urgency.ts';
import { visibleRequests } from '../request-lookup.ts';
import type { VerbContext } from '../verb.ts';

/** A request and where it comes from. */
export interface WaitingRequest {
  readonly request: HeldRequest;
  /** `shell on root@db1, from 10.0.3.7, session since 13:52, 3 held before, 3 approved` */
  readonly where: string;
}

/** The most urgent first, then the oldest. */
export async function waitingRequests(context: VerbContext, principal: Principal): Promise<readonly WaitingRequest[]> {
  const all = await context.services.desk.list();
  const open = (await visibleRequests(context)).filter((request) => request.state === 'pending');
  return open
    .filter((request) => mayDecide(request, principal))
    .toSorted((a, b) => urgencyRank(a) - urgencyRank(b) || a.createdAt - b.createdAt)
    .map((request) => ({ request, where: whereWords(context, request, all) }));
}

function mayDecide(request: HeldRequest, { user, roles }: Principal): boolean {
  return request.listed && request.requirement.stages.some((stage) => isAsked(stage, { name: user, roles }, request));
}

function whereWords({ services }: VerbContext, request: HeldRequest, all: readonly HeldRequest[]): string {
  const { context, login, target, session } = request.statement;
  if (request.subject !== undefined) return `${login}@${target}`;
  const record = services.live.find(session)?.record;
  const from = record === undefined ? [] : [`from ${record.address}`, `session since ${clockTime(record.startedAt)}`];
  const before = all.filter((one) => one.statement.session === session && one.createdAt < request.createdAt);
  const approved = before.filter(({ state }) => state === 'released' || state === 'approved');
  const counts = [`${before.length} held before`, `${approved.length} approved`];
  return [`${context} on ${login}@${target}`, ...from, ...counts].join(', ');
}

/** `13:52 UTC` */
function clockTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}
