/** The port of the outbox without a disk, and the changes of requests that fill it; for tests of notifications. */
import type { BreakGlass } from '../../src/approval/break-glass-ports.ts';
import type { HeldRequest } from '../../src/approval/ports.ts';
import type { RequestUid } from '../../src/model/names.ts';
import type { Announcer, Change, OutboxEntry, OutboxStore } from '../../src/notify/ports.ts';

export class MemoryOutbox implements OutboxStore {
  readonly requests: Map<RequestUid, HeldRequest> = new Map();
  readonly breakGlasses: Map<RequestUid, BreakGlass> = new Map();
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
    const before = this.requests.get(uid) ?? null;
    this.requests.set(uid, after);
    this.#put({ kind: 'request', before, after });
  }

  /** Stores the end of a break-glass, with its news. */
  endBreakGlass(one: BreakGlass): void {
    this.breakGlasses.set(one.uid, one);
    this.#put({ kind: 'break-glass-ended', one });
  }

  #put(change: Change): void {
    const drafts = this.#announcer(change);
    this.announced.push(...drafts.map(({ id }) => id));
    this.entries = [...this.entries, ...drafts.map((draft) => ({ ...draft, number: ++this.#number }))];
  }
}
