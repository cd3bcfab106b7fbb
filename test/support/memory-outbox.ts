/** The port of the outbox without a disk, and the changes of requests that fill it; for tests of notifications. */
import type { HeldRequest } from '../../src/approval/ports.ts';
import type { RequestUid } from '../../src/model/names.ts';
import type { Announcer, OutboxEntry, OutboxStore } from '../../src/notify/ports.ts';

export class MemoryOutbox implements OutboxStore {
  readonly requests: Map<RequestUid, HeldRequest> = new Map();
  entries: readonly OutboxEntry[] = [];
  /** The ids of everything that was ever put in, in order. */
  readonly announced: string[] = [];
  /** Set: every further call fails with it. */
  broken: Error | null = null;
  #announcer: Announcer = () => [];
  #number = 0;

  announceWith(announcer: Announcer): void {
    this.#announcer = announcer;
  }

  async list(): Promise<readonly OutboxEntry[]> {
    if (this.broken !== null) throw this.broken;
    return this.entries;
  }

  async remove(ids: readonly string[]): Promise<void> {
    if (this.broken !== null) throw this.broken;
    this.entries = this.entries.filter(({ id }) => !ids.includes(id));
  }

  /** Stores a request as it is now, with its news. */
  change(after: HeldRequest): void {
    const { uid } = after.statement;
    const drafts = this.#announcer(this.requests.get(uid) ?? null, after);
    this.requests.set(uid, after);
    this.announced.push(...drafts.map(({ id }) => id));
    this.entries = [...this.entries, ...drafts.map((draft) => ({ ...draft, number: ++this.#number }))];
  }
}
