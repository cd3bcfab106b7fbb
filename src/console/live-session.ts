/** The live session that the first argument of a verb names. */
import { HeldlineError } from '../base/heldline-error.ts';
import { visible } from '../base/visible.ts';
import type { LiveSession } from '../session/live-sessions.ts';
import { matchesSession } from './session-view.ts';
import type { VerbContext } from './verb.ts';

/**
 * @param may whether the caller may do it to a session of this user
 * @throws HeldlineError `session.unknown`, the same for what is not there and what they may not touch; `session.ambiguous`
 */
export function namedLiveSession(context: VerbContext, may: (user: string) => boolean): LiveSession {
  const { live } = context.services;
  const [id = ''] = context.call.arguments;
  const [record, other] = live.list().filter((one) => matchesSession(one, id) && may(one.user));
  const session = record === undefined ? undefined : live.find(record.id);
  if (session === undefined) {
    throw new HeldlineError('session.unknown', `there is no live session ${visible(id)}`, { kind: 'not-found' });
  }
  if (other !== undefined) {
    throw new HeldlineError('session.ambiguous', `several live sessions have ${id} in their id`, { kind: 'usage' });
  }
  return session;
}
