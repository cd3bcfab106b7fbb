/** Counts break-glasses from the events of the audit log. Pure; knows no files. */
import type { AuditEvent } from '../model/audit-event.ts';

export interface BreakGlassStats {
  readonly started: number;
  /** Commands that passed. */
  readonly passed: number;
  /** Without a review, and those of them whose time for it is over. */
  readonly unreviewed: number;
  readonly overdue: number;
}

export class BreakGlassCounter {
  /** By when a review is due, ms since the epoch, of those without one. */
  readonly #unreviewed = new Map<string, number>();
  #started = 0;
  #passed = 0;

  /** Takes the events in order. */
  take({ type, breakglass }: AuditEvent): void {
    const uid = String(breakglass?.['uid'] ?? '');
    if (type === 'breakglass.started') {
      this.#started += 1;
      this.#unreviewed.set(uid, Date.parse(String(breakglass?.['reviewBy'])));
    }
    if (type === 'breakglass.used') this.#passed += 1;
    if (type === 'breakglass.reviewed') this.#unreviewed.delete(uid);
  }

  /** @param now ms since the epoch */
  result(now: number): BreakGlassStats {
    const due = [...this.#unreviewed.values()];
    const overdue = due.filter((reviewBy) => now >= reviewBy).length;
    return { started: this.#started, passed: this.#passed, unreviewed: due.length, overdue };
  }
}
