/** The sessions that are open now, and how to end them. */
import type { Unsubscribe } from '../base/signal.ts';
import type { SessionRecord } from '../model/session.ts';
import type { LiveListener } from '../recording/live-feed.ts';
import type { Presence } from './ports.ts';

export interface LiveSession {
  readonly record: SessionRecord;
  /** Whether its user is there; without a Mosh client a session may go on alone. */
  readonly presence: Presence;
  /** Shows `why` to the user, denies what is held and ends both legs. Idempotent. */
  end(why: string): void;
  /** Drops what is held now, with `why` shown to the user. */
  dropHold(why: string): void;
  /** Lets nothing of the user's input pass, denies what is held, and shows `why` to the user. False: it was frozen already. */
  freeze(why: string): boolean;
  /** Ends that, and tells the user. False: it was not frozen. */
  resume(): boolean;
  /** Words for the user, on a line of their own where there is a terminal. */
  tell(words: string): void;
  /** Live output for a watcher, from now on. */
  watch(listener: LiveListener): Unsubscribe;
}

export class LiveSessions {
  readonly #sessions = new Map<string, LiveSession>();
  #waiting: (() => void)[] = [];

  /** Adds a session; the result takes it out again. */
  add(session: LiveSession): Unsubscribe {
    this.#sessions.set(session.record.id, session);
    return () => {
      this.#sessions.delete(session.record.id);
      if (this.#sessions.size === 0) this.#wakeAll();
    };
  }

  list(): SessionRecord[] {
    return [...this.#sessions.values()].map((session) => session.record);
  }

  find(id: string): LiveSession | undefined {
    return this.#sessions.get(id);
  }

  countOf(user: string): number {
    return this.list().filter((record) => record.user === user).length;
  }

  /** Ends every session that `concerns` selects; returns how many. */
  endWhere(concerns: (record: SessionRecord, presence: Presence) => boolean, why: string): number {
    const chosen = this.#select(concerns);
    for (const session of chosen) session.end(why);
    return chosen.length;
  }

  /** Drops the held commands of every session that `concerns` selects. */
  dropHoldsWhere(concerns: (record: SessionRecord) => boolean, why: string): void {
    for (const session of this.#select(concerns)) session.dropHold(why);
  }

  /** Shows words to everybody who sits at a terminal. */
  tellAll(words: string): void {
    this.tellWhere(() => true, words);
  }

  /** The same to those whose sessions `concerns` selects. */
  tellWhere(concerns: (record: SessionRecord) => boolean, words: string): void {
    for (const session of this.#select(concerns)) if (session.record.kind === 'shell') session.tell(words);
  }

  /** Resolves once no session is open. */
  whenEmpty(): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #select(concerns: (record: SessionRecord, presence: Presence) => boolean): LiveSession[] {
    return [...this.#sessions.values()].filter(({ record, presence }) => concerns(record, presence));
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
