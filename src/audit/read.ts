/** Reads events back from the files, oldest first, for people and scripts. Does not verify the chain. */
import { join } from 'node:path';
import type { AuditEvent } from '../model/audit-event.ts';
import { listAuditFiles, readLines } from './audit-files.ts';
import { parseLine } from './audit-line.ts';

/** Which events are wanted; what is absent does not matter. */
export interface AuditFilter {
  /** ms since the epoch, inclusive. */
  readonly since?: number;
  /** ms since the epoch, exclusive. */
  readonly until?: number;
  readonly user?: string;
  readonly target?: string;
  readonly session?: string;
  /** Exact types, or families as `approval.*`. */
  readonly types?: readonly string[];
  /** Only events after this one. */
  readonly afterSeq?: number;
}

/** An event, or a line that is none or was changed: shown, never left out in silence. */
export type AuditEntry =
  | { readonly kind: 'event'; readonly event: AuditEvent }
  | { readonly kind: 'damaged'; readonly file: string; readonly line: number };

const DAY = 86_400_000;

/** The wanted events of one node in order. @throws HeldlineError `audit.unreadable` */
export async function* readAudit(directory: string, filter: AuditFilter = {}): AsyncGenerator<AuditEntry> {
  for (const file of await listAuditFiles(directory)) {
    if (!mayHold(file, filter)) continue;
    for await (const entry of readFileEntries(directory, file)) {
      if (entry.kind === 'damaged' || matchesFilter(entry.event, filter)) yield entry;
    }
  }
}

async function* readFileEntries(directory: string, file: string): AsyncGenerator<AuditEntry> {
  for await (const raw of readLines(join(directory, file))) {
    // A line without its end is still being written.
    if (!raw.ended) continue;
    const parsed = parseLine(raw.bytes);
    if (parsed?.intact === true) yield { kind: 'event', event: parsed.event };
    else yield { kind: 'damaged', file, line: raw.number };
  }
}

/** Whether an event is wanted. */
function matchesFilter(event: AuditEvent, filter: AuditFilter): boolean {
  return (
    matchesTime(event, filter) &&
    (filter.user === undefined || event.actor?.user === filter.user) &&
    (filter.target === undefined || event.target?.name === filter.target) &&
    (filter.session === undefined || event.session?.id === filter.session) &&
    (filter.types === undefined || filter.types.some((type) => matchesType(event.type, type)))
  );
}

function matchesTime(event: AuditEvent, filter: AuditFilter): boolean {
  if (filter.afterSeq !== undefined && event.seq <= filter.afterSeq) return false;
  const time = Date.parse(event.time);
  return time >= (filter.since ?? Number.NEGATIVE_INFINITY) && time < (filter.until ?? Number.POSITIVE_INFINITY);
}

function matchesType(type: string, wanted: string): boolean {
  return wanted.endsWith('.*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

/** A file is skipped by its day only with a day to spare: a clock that jumped back writes old times into it. */
function mayHold(file: string, filter: AuditFilter): boolean {
  const day = Date.parse(file.slice('audit-'.length, 'audit-'.length + 10));
  return filter.until === undefined || day < filter.until + DAY;
}
