/** Writes down that somebody has a request before their eyes: a stall is then nobody's, or somebody's. */
import type { AuditSink } from '../model/audit-event.ts';
import type { Principal } from '../model/principal.ts';
import { approvalEvent } from './approval-events.ts';
import type { HeldRequest } from './ports.ts';

/** @param door where it was shown. @throws when the log does not take it; nothing depends on it */
export async function noteSeen(
  audit: AuditSink,
  request: HeldRequest,
  { user, address }: Principal,
  door: 'console' | 'ssh' | 'web',
): Promise<void> {
  if (request.state !== 'pending') return;
  await audit.append(approvalEvent('approval.seen', request, { actor: { user, address }, approval: { door } }));
}
