/**
 * After a restart every request that an earlier run left open is expired: nobody holds its line any more. So is
 * one that was consumed but whose command was never released, for the run ended in between.
 */
import type { AuditDraft } from '../model/audit-event.ts';
import { approvalEvent } from './approval-events.ts';
import { type ApprovalStore, type HeldRequest, isEnded } from './ports.ts';

const RESTARTED = 'Heldline was restarted';
const BEFORE_RELEASE = 'Heldline ended before the command was released';

export interface LeftOpenParts {
  readonly store: ApprovalStore;
  /** This run. */
  readonly boot: string;
  readonly log: (draft: AuditDraft) => Promise<void>;
  /** The requests whose commands were released since then, ms since the epoch, as the audit log has them. */
  readonly releasedSince?: (since: number) => Promise<ReadonlySet<string>>;
}

/** Returns how many there were. @param now ms since the epoch. @throws when store or log fail: do not start */
export async function expireLeftOpen({ store, boot, log, releasedSince }: LeftOpenParts, now: number): Promise<number> {
  const earlier = (await store.list()).filter((one) => one.boot !== boot);
  const left = earlier.filter((one) => !isEnded(one.state));
  for (const one of left) {
    await log(approvalEvent('approval.expired', one, { outcome: 'expired', reason: RESTARTED }));
    await store.advance({ ...one, state: 'expired', ending: RESTARTED, decidedAt: now, version: one.version + 1 });
  }
  const unused = releasedSince === undefined ? [] : await unusedOf(earlier, releasedSince);
  for (const one of unused) {
    await log(approvalEvent('approval.expired', one, { outcome: 'expired', reason: BEFORE_RELEASE }));
    await store.expireUnused(one.statement.uid, BEFORE_RELEASE, now);
  }
  return left.length + unused.length;
}

/** Those of the last run that were consumed for a command that the log does not know as released. */
async function unusedOf(
  earlier: readonly HeldRequest[],
  releasedSince: NonNullable<LeftOpenParts['releasedSince']>,
): Promise<readonly HeldRequest[]> {
  const lastRun = earlier.at(-1)?.boot;
  const consumed = earlier.filter(
    (one) => one.boot === lastRun && one.state === 'released' && one.subject === undefined,
  );
  const [first] = consumed;
  if (first === undefined) return [];
  const released = await releasedSince(first.createdAt);
  return consumed.filter((one) => !released.has(one.statement.uid));
}
