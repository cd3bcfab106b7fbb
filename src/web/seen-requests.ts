/**
 * Notes that somebody who is asked to decide a request has read it here: once a person, for programs ask again and
 * again. Whoever only lists requests has not read one.
 */
import { stagesAsking } from '../approval/eligibility.ts';
import { noteSeen } from '../approval/note-seen.ts';
import type { HeldRequest } from '../approval/ports.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { Principal } from '../model/principal.ts';

export interface SeenRequestsParts {
  readonly audit: AuditSink;
  /** Hears that something could not be written down. */
  readonly onFailure: (what: string, failure: unknown) => void;
}

/** Readings that are remembered; beyond them some are noted twice. */
const MOST = 1000;

export class SeenRequests {
  readonly #parts: SeenRequestsParts;
  readonly #noted = new Set<string>();

  constructor(parts: SeenRequestsParts) {
    this.#parts = parts;
  }

  /** Nobody waits for it, and nothing depends on it. */
  note(request: HeldRequest, reader: Principal): void {
    const { user, roles } = reader;
    if (stagesAsking(request, { name: user, roles }).length === 0) return;
    const key = `${request.statement.uid} ${user}`;
    if (this.#noted.has(key)) return;
    if (this.#noted.size >= MOST) this.#noted.clear();
    this.#noted.add(key);
    const { audit, onFailure } = this.#parts;
    noteSeen(audit, request, reader, 'web').catch((failure: unknown) => {
      this.#noted.delete(key);
      onFailure('that a request was seen', failure);
    });
  }
}
