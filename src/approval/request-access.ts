/** Which requests somebody may see, and which one they mean. The same on every door. */
import { AUDITOR } from '../model/roles.ts';
import { isAsked } from './eligibility.ts';
import type { HeldRequest } from './ports.ts';

/** Who looks. */
export interface Reader {
  readonly user: string;
  readonly roles: readonly string[];
}

const DAY = 86_400_000;

/** Their own, those that they are asked to decide, all for auditors. */
export function maySeeRequest(request: HeldRequest, { user, roles }: Reader): boolean {
  if (request.statement.user === user || roles.includes(AUDITOR)) return true;
  return request.requirement.stages.some((stage) => isAsked(stage, { name: user, roles }, request));
}

/** The open ones and those of the last 24 hours. @param now ms since the epoch */
export function recentOf(requests: readonly HeldRequest[], now: number): readonly HeldRequest[] {
  return requests.filter((request) => request.state === 'pending' || request.createdAt >= now - DAY);
}

/** The one that `name` means: short id or uid, in any case; of several an open one, or the latest. */
export function requestNamed(requests: readonly HeldRequest[], name: string): HeldRequest | undefined {
  const named = requests.filter(
    ({ id, statement }) => id === name.toUpperCase() || statement.uid === name.toLowerCase(),
  );
  return named.find(({ state }) => state === 'pending') ?? named.at(-1);
}
