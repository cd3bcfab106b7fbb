/** What somebody reads who may not open a session: what happened, what to type, and nothing about hidden targets. */
import { visibleShort } from '../base/visible.ts';
import type { AccessOutcome } from '../target/access-control.ts';
import type { SessionRequest } from './session-request.ts';

/** One or two sentences without the leading `heldline:`. @param bastion what people type to reach the console */
export function refusalWords(
  outcome: Exclude<AccessOutcome, { kind: 'granted' }>,
  request: Pick<SessionRequest, 'target' | 'login'>,
  bastion: string,
): string {
  const target = visibleShort(request.target, 40);
  switch (outcome.kind) {
    case 'unknown': {
      const close = outcome.suggestion === null ? '' : ` Close: ${outcome.suggestion}.`;
      return `there is no target "${target}" for you.${close} See all: ssh ${bastion} targets`;
    }
    case 'login-refused':
      return `you may not sign in to ${target} as "${visibleShort(request.login ?? '', 40)}". Possible: ${outcome.logins.join(', ')}`;
    case 'request-needed':
      return `you have no access to ${target} now. Ask for it: ssh ${bastion} access request ${target} --for 1h --reason "..."`;
    case 'no-authority':
      return 'your account is not active any more.';
  }
}
