/**
 * Who waits how long for a decision, and at which hours, from the events of the audit log. A person's teams are the
 * roles that they had when they opened a session last. Pure; knows no files.
 */
import type { AuditEvent } from '../model/audit-event.ts';
import { type Spread, spreadOf } from './spread.ts';

export interface WaitingGroup {
  readonly held: number;
  /** From being asked to somebody's yes or no, ms; null when nobody decided anything. */
  readonly wait: Spread | null;
}

export interface WaitingStats {
  /** Most held first; people of several roles count in each, those of none as `-`. */
  readonly roles: readonly (WaitingGroup & { readonly role: string })[];
  /** Hours of the day in UTC at which something was held. */
  readonly hours: readonly (WaitingGroup & { readonly hour: number })[];
}

interface Asked {
  readonly at: number;
  readonly requester: string;
  decided: number | null;
}

const NO_ROLE = '-';

export class WaitingCounter {
  readonly #roles = new Map<string, readonly string[]>();
  readonly #asked = new Map<string, Asked>();

  /** Takes the events in order. */
  take(event: AuditEvent): void {
    const { type, actor, approval } = event;
    if (type === 'session.started' && actor !== undefined) this.#roles.set(actor.user, actor.roles ?? []);
    const uid = String(approval?.['uid'] ?? '');
    if (type === 'approval.requested') {
      const requester = String(approval?.['requester'] ?? '');
      this.#asked.set(uid, { at: Date.parse(event.time), requester, decided: null });
    }
    const asked = this.#asked.get(uid);
    const isDecision = type === 'approval.approved' || type === 'approval.denied';
    if (asked !== undefined && isDecision) asked.decided ??= Date.parse(event.time);
  }

  result(): WaitingStats {
    const all = [...this.#asked.values()];
    const byRole = grouped(all, (one) => this.#rolesOf(one.requester));
    const byHour = grouped(all, ({ at }) => [new Date(at).getUTCHours()]);
    const roles = [...byRole].map(([role, asked]) => ({ role, ...groupOf(asked) }));
    const hours = [...byHour].map(([hour, asked]) => ({ hour, ...groupOf(asked) }));
    return { roles: roles.sort((a, b) => b.held - a.held), hours: hours.sort((a, b) => a.hour - b.hour) };
  }

  #rolesOf(user: string): readonly string[] {
    const roles = this.#roles.get(user) ?? [];
    return roles.length === 0 ? [NO_ROLE] : roles;
  }
}

function grouped<Key>(all: readonly Asked[], keysOf: (one: Asked) => readonly Key[]): Map<Key, Asked[]> {
  const groups = new Map<Key, Asked[]>();
  for (const one of all) {
    for (const key of keysOf(one)) groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

function groupOf(asked: readonly Asked[]): WaitingGroup {
  const waits = asked.flatMap(({ at, decided }) => (decided === null ? [] : [decided - at]));
  return { held: asked.length, wait: spreadOf(waits) };
}
