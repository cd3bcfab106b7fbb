/** A session as scripts read it: `session list --json`, one object. */
import type { Door, SessionKind, SessionState } from '../model/session.ts';
import type { CatalogueEntry } from './catalogue.ts';

export interface SessionView {
  readonly id: string;
  readonly user: string;
  readonly target: string;
  readonly login: string;
  readonly door: Door;
  readonly kind: SessionKind;
  readonly state: SessionState;
  /** RFC 3339, UTC. */
  readonly started_at: string;
  readonly ended_at: string | null;
}

export function sessionView(entry: CatalogueEntry): SessionView {
  const { session, user, target, login, door, kind } = entry.files.meta;
  const times = { started_at: iso(entry.startedAt), ended_at: entry.endedAt === null ? null : iso(entry.endedAt) };
  return { id: session, user, target, login, door, kind, state: entry.state, ...times };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
