/** Sessions over Mosh that are open, so that a person who comes back finds the one that lost its client. */
import type { MoshUserLeg } from './mosh-user-leg.ts';

export interface LiveMoshSession {
  readonly user: string;
  readonly target: string;
  /** As asked for; null is the default login. */
  readonly login: string | null;
  /** ms since the epoch */
  readonly startedAt: number;
  readonly leg: MoshUserLeg;
}

export class MoshSessions {
  readonly #live = new Set<LiveMoshSession>();

  /** Returns what takes it out again. */
  add(session: LiveMoshSession): () => void {
    this.#live.add(session);
    return () => {
      this.#live.delete(session);
    };
  }

  /** The newest session of this person to this place that nobody is at. */
  detachedOf(user: string, target: string, login: string | null): LiveMoshSession | undefined {
    const found = [...this.#live].filter(
      (session) => session.user === user && session.target === target && session.login === login,
    );
    return found.findLast((session) => session.leg.open && session.leg.presence === 'detached');
  }

  closeAll(): void {
    for (const { leg } of [...this.#live]) leg.close();
  }
}
