/** Doctor's look at the last self-test of hold and release, as the audit log has it. */
import { stateLayout } from '../app/open-state.ts';
import { readAudit } from '../audit/read.ts';
import { formatDuration } from '../base/duration.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { visibleShort } from '../base/visible.ts';
import type { Config } from '../config/config.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import type { DoctorCheck } from './doctor-check.ts';

/** The daemon tries it every hour. */
const STALE = 2 * 3_600_000;

/** @param now ms since the epoch */
export async function selfTestCheck(config: Config, now: number): Promise<DoctorCheck> {
  try {
    return checkOf(await lastTest(stateLayout(config.paths.state).audit, now - STALE), now);
  } catch (failure) {
    if (failure instanceof HeldlineError) return { level: 'warn', text: `self-test: ${failure.message}` };
    throw failure;
  }
}

async function lastTest(directory: string, since: number): Promise<AuditEvent | null> {
  let last: AuditEvent | null = null;
  for await (const entry of readAudit(directory, { since, types: ['selftest.passed', 'selftest.failed'] })) {
    if (entry.kind === 'event') last = entry.event;
  }
  return last;
}

function checkOf(last: AuditEvent | null, now: number): DoctorCheck {
  if (last === null) return { level: 'warn', text: 'hold and release were not tried out in the last two hours' };
  const when = `${formatDuration(Math.max(0, now - Date.parse(last.time)))} ago`;
  if (last.type === 'selftest.passed') return { level: 'ok', text: `hold and release were tried out ${when}` };
  return {
    level: 'fail',
    text: `hold and release failed their self-test ${when}: ${visibleShort(last.reason ?? '', 200)}`,
  };
}
