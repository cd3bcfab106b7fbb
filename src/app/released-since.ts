/** Which held commands were let through, as the audit log has it: the log is written before the key is. */
import { readAudit } from '../audit/read.ts';

/** The requests with a `command.released` event since then, ms since the epoch. @throws HeldlineError `audit.unreadable` */
export async function releasedSince(directory: string, since: number): Promise<ReadonlySet<string>> {
  const released = new Set<string>();
  for await (const entry of readAudit(directory, { since, types: ['command.released'] })) {
    const uid = entry.kind === 'event' ? entry.event.approval?.['uid'] : undefined;
    if (typeof uid === 'string') released.add(uid);
  }
  return released;
}
