/** Sessions over Mosh that are open, so that a person who comes back finds the one that lost its client. */
import type { Principal } from '../model/principal.ts';
import type { MoshRoute } from './bootstrap/mosh-command.ts';
import type { MoshUserLeg } from './mosh-user-leg.ts';
import type { MoshPlace } from './ports.ts';

export interface LiveMoshSession {
  /** Who opened it, and with which key. */
  readonly principal: Principal;
  /** Where it is; null in the console. */
  readonly place: () => MoshPlace | null;
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

  countOf(user: string): number {
    return [...this.#live].filter(({ principal }) => principal.user === user).length;
  }

  /** The newest session of this person that nobody is surely at: a new sign-in may go on with it. @param route where to; null: wherever it is */
  openTo(user: string, route: MoshRoute | null): LiveMoshSession | undefined {
    const lost = [...this.#live].filter(({ leg }) => leg.open && leg.presence !== 'attached');
    return lost.findLast(({ principal, place }) => principal.user === user && fits(place(), route));
  }

  /** Ends windows of this person's console that lost their client: no sign-in leads to them. */
  closeLeftBehind(user: string): void {
    for (const { principal, place, leg } of [...this.#live]) {
      if (principal.user === user && place() === null && leg.presence === 'detached') leg.close();
    }
  }

  /** Tells why, and ends at once. */
  closeWhere(concerns: (principal: Principal) => boolean, why: string): void {
    for (const { principal, leg } of [...this.#live]) {
      if (!concerns(principal)) continue;
      leg.write(Buffer.from(`\r\nheldline: this session was ended: ${why}\r\n`));
      leg.close();
    }
  }

  closeAll(): void {
    for (const { leg } of [...this.#live]) leg.close();
  }
}

/** Who names no login means any that they are under. */
function fits(place: MoshRoute | null, route: MoshRoute | null): boolean {
  if (place === null) return false;
  if (route === null) return true;
  return place.target === route.target && (route.login === null || route.login === place.login);
}
