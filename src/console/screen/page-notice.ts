/** One line above the pages: a lockdown, one's own open break-glass, or reviews that wait for the person. */
import { mayReview } from '../../approval/break-glass-people.ts';
import type { Principal } from '../../model/principal.ts';
import { standing } from '../break-glass-view.ts';
import type { ConsoleServices } from '../services.ts';
import { lockdownNotice } from './lockdown-notice.ts';

type Services = Pick<ConsoleServices, 'lockdown' | 'breakGlasses' | 'clock'>;

/** null: nothing has to be said. */
export async function pageNotice(
  { lockdown, breakGlasses, clock }: Services,
  { user, roles }: Principal,
): Promise<string | null> {
  if (lockdown.current !== null) return lockdownNotice(lockdown.current);
  const now = clock.now();
  const unsettled = (await breakGlasses.list()).filter((one) => one.review === null);
  const own = unsettled.find((one) => one.user === user && one.state === 'open');
  if (own !== undefined)
    return `BREAK-GLASS ${own.id} is ${standing(own, now)}. What is held passes. End it: break-glass end`;
  const theirs = unsettled.filter((one) => one.user !== user && mayReview({ roles }, one));
  const [first] = theirs.toSorted((a, b) => a.reviewBy - b.reviewBy);
  if (first === undefined) return null;
  return `BREAK-GLASS ${first.id} of ${first.user}: ${standing(first, now)}${theirs.length > 1 ? `; ${theirs.length} in all` : ''}. See: break-glass list`;
}
