/** After a restart every request that an earlier run left open is expired: nobody holds its line any more. */
import type { AuditDraft } from '../model/audit-event.ts';
import { approvalEvent } from './approval-events.ts';
import { type ApprovalStore, isEnded } from './ports.ts';

const WHY = 'Heldline was restarted';

/** Returns how many there were. @param now ms since the epoch. @throws when store or log fail: do not start */
export async function expireLeftOpen(
  store: ApprovalStore,
  boot: string,
  now: number,
  log: (draft: AuditDraft) => Promise<void>,
): Promise<number> {
  const left = (await store.list()).filter((one) => !isEnded(one.state) && one.boot !== boot);
  for (const one of left) {
    await log(approvalEvent('approval.expired', one, { outcome: 'expired', reason: WHY }));
    await store.advance({ ...one, state: 'expired', ending: WHY, decidedAt: now, version: one.version + 1 });
  }
  return left.length;
}
