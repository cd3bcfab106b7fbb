/** Writes down that somebody has a request before their eyes: a stall is then nobody's, or somebody's. */
import { approvalEvent } from '../approval/approval-events.ts';
import type { HeldRequest } from '../approval/ports.ts';
import type { Principal } from '../model/principal.ts';
import type { ConsoleServices } from './services.ts';

/** @param door where it was shown. @throws HeldlineError when the log does not take it; nothing depends on it */
export async function noteSeen(
  { audit }: Pick<ConsoleServices, 'audit'>,
  request: HeldRequest,
  { user, address }: Principal,
  door: 'console' | 'ssh',
): Promise<void> {
  if (request.state !== 'pending') return;
  await audit.append(approvalEvent('approval.seen', request, { actor: { user, address }, approval: { door } }));
}
