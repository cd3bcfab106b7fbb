/** Who may break the glass, and who may review it, with the authority of this moment. Pure. */
import { AUDITOR } from '../model/roles.ts';
import type { BreakGlass } from './break-glass-ports.ts';
import { objectionTo } from './eligibility.ts';
import type { Person } from './ports.ts';

const FRESH = 24 * 3_600_000;

/** Who reviews, and the key that they signed in with. */
export interface Reviewer {
  readonly name: string;
  readonly keyFingerprint: string;
}

/**
 * Why somebody may not hold it, in words, or null. What was made anew since `from` is not what proved them; a role
 * that they gave to themselves within a day is none.
 */
export function holderObjection(
  person: Person | null,
  { user, roles, from }: Pick<BreakGlass, 'user' | 'roles' | 'from'>,
): string | null {
  if (person === null || person.disabled) return `${user} is disabled or was removed`;
  if (!person.roles.some((role) => roles.includes(role))) return `${user} does not have the role ${roles.join(' or ')}`;
  const isOwn = ({ what, by, at }: Person['touches'][number]): boolean =>
    what === 'roles' && by === user && from - at < FRESH;
  if (person.touches.some(isOwn)) return `${user} changed the roles of ${user} less than 24 hours before`;
  const anew = person.touches.find(({ what, at }) => what !== 'roles' && at > from);
  return anew === undefined ? null : `the ${anew.what} of ${user} was made anew`;
}

/** Why somebody may not review it, in words, or null. @param now ms since the epoch */
export function reviewerObjection(
  person: Person | null,
  { name, keyFingerprint }: Reviewer,
  one: BreakGlass,
  now: number,
): string | null {
  if (name === one.user) return 'somebody else has to review it';
  const objection = objectionTo(person, { keyFingerprint }, one.user, now);
  if (objection?.kind === 'too-fresh')
    return `your ${objection.what} was made or changed by ${one.user} less than 24 hours ago`;
  if (person === null || objection !== null) return 'you may not review it';
  if (!mayReview(person, one)) return `a review takes the role ${[AUDITOR, ...one.roles].join(' or ')}`;
  return one.state === 'open' ? 'it is still open' : null;
}

/** Whether somebody's roles let them look at it and review it. */
export function mayReview({ roles }: Pick<Person, 'roles'>, one: BreakGlass): boolean {
  return roles.some((role) => role === AUDITOR || one.roles.includes(role));
}
