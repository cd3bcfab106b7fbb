/**
 * What only this run of the daemon knows of one open request: its clocks, its listeners, and whether its fate
 * became uncertain. A request without one cannot be voted on or consumed, so a restart re-arms nothing.
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { Signal } from '../base/signal.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { Lifetime } from './lifetime.ts';
import type { HeldRequest } from './ports.ts';

export class OpenHold {
  readonly changes: Signal<ApprovalRequest>;
  readonly #clock: Clock;
  readonly #lifetime: Lifetime;
  #latest: HeldRequest;
  #doom: string | null = null;
  #cancelTimer: Cancel = () => undefined;

  constructor(request: HeldRequest, clock: Clock, onListenerFailure: (failure: unknown) => void) {
    this.changes = new Signal(onListenerFailure);
    this.#clock = clock;
    this.#latest = request;
    this.#lifetime = new Lifetime(clock, request.requirement.expires, request.statement.expiresAt);
  }

  get latest(): HeldRequest {
    return this.#latest;
  }

  set latest(request: HeldRequest) {
    this.#latest = request;
  }

  /** Why this request must never be consumed any more, or null. */
  get doom(): string | null {
    return this.#doom;
  }

  /** For an outcome that is not known: whatever the store says later, nothing is released. */
  condemn(why: string): void {
    this.#doom ??= why;
  }

  /** Expired when either clock says so. */
  get isOverdue(): boolean {
    return this.#lifetime.isOver;
  }

  /** While the wall clock is behind where it was, nothing may be decided. */
  get isSuspended(): boolean {
    return this.#lifetime.isSuspended;
  }

  /** Calls `action` when the request, or the stage that waits shortest, falls due. */
  arm(stageDue: number | null, action: () => void): void {
    this.#cancelTimer();
    const total = this.#lifetime.left;
    const stage = stageDue === null ? total : stageDue - this.#clock.now();
    this.#cancelTimer = this.#clock.after(Math.max(0, Math.min(total, stage)), action, { unref: true });
  }

  disarm(): void {
    this.#cancelTimer();
  }
}
