/**
 * Everything that the audit log says about one request, in order: what was typed, held, seen, voted, spent and
 * released, and what happened around it (policy, lockdown, restarts). Reads the log from its beginning; made for
 * finding out why something stalled, not for every page.
 */
import { readAudit } from '../audit/read.ts';
import type { AuditEvent } from '../model/audit-event.ts';

/** What to look for. */
export interface TracedRequest {
  readonly uid: string;
  readonly session: string;
}

/** Facts about the whole bastion that explain what happened to a request while it was open. */
const AROUND = new Set([
  'policy.changed',
  'lockdown.on',
  'lockdown.off',
  'node.started',
  'node.draining',
  'clock.skew',
]);

/** The events that concern the request, oldest first. @throws HeldlineError `audit.unreadable` */
export async function traceRequest(directory: string, request: TracedRequest): Promise<readonly AuditEvent[]> {
  const own: AuditEvent[] = [];
  const session: AuditEvent[] = [];
  const around: AuditEvent[] = [];
  for await (const entry of readAudit(directory)) {
    if (entry.kind === 'damaged') continue;
    const { event } = entry;
    if (event.approval?.['uid'] === request.uid) own.push(event);
    else if (event.session?.id === request.session) session.push(event);
    else if (AROUND.has(event.type)) around.push(event);
  }
  return inOrder([...own, ...ofTheLine(own, session), ...during(own, around)]);
}

/** The uid and session of the latest request with this short id; null when the log knows none. */
export async function findTraced(directory: string, id: string): Promise<TracedRequest | null> {
  let found: TracedRequest | null = null;
  for await (const entry of readAudit(directory, {
    types: ['approval.requested', 'command.held', 'approval.approved'],
  })) {
    if (entry.kind === 'damaged' || entry.event.approval?.['id'] !== id.toUpperCase()) continue;
    const { approval, session } = entry.event;
    found = { uid: String(approval?.['uid']), session: session?.id ?? '' };
  }
  return found;
}

/** The session's beginning and end, the line as it was typed, and what is said of that line. */
function ofTheLine(own: readonly AuditEvent[], session: readonly AuditEvent[]): readonly AuditEvent[] {
  const held = own[0];
  const isThisLine = (event: AuditEvent): boolean =>
    event.type === 'command.submitted' && event.command?.sha256 === held?.command?.sha256;
  const typed = session.filter((event) => event.seq < (held?.seq ?? 0) && isThisLine(event)).at(-1);
  return session.filter(
    (event) =>
      event === typed ||
      event.type === 'session.started' ||
      event.type === 'session.ended' ||
      (typed !== undefined && event.command?.of === typed.id),
  );
}

function during(own: readonly AuditEvent[], around: readonly AuditEvent[]): readonly AuditEvent[] {
  const from = own[0]?.seq ?? 0;
  const to = own.at(-1)?.seq ?? 0;
  return around.filter(({ seq }) => seq > from && seq < to);
}

function inOrder(events: readonly AuditEvent[]): readonly AuditEvent[] {
  return [...events].sort((a, b) => a.seq - b.seq);
}
