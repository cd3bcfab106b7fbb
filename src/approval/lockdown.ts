/**
 * The switch that holds everything for everybody until it is taken back. It is kept in the store, so a restart
 * does not lift it. Switching on acts at once, even if it cannot be written down; switching off acts last.
 */
import type { Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { Lockdown } from '../model/lockdown.ts';

/** Where the switch is kept. */
export interface LockdownStore {
  readonly current: Lockdown | null;
  /** Durable when resolved. */
  set(lockdown: Lockdown | null): Promise<void>;
}

/** What those who let things through may ask. */
export interface LockdownState {
  readonly current: Lockdown | null;
  /** Told after every change. */
  onChange(listener: (lockdown: Lockdown | null) => void): Unsubscribe;
}

export interface LockdownSwitchParts {
  readonly store: LockdownStore;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly onListenerFailure: (failure: unknown) => void;
}

export class LockdownSwitch implements LockdownState {
  readonly #parts: LockdownSwitchParts;
  readonly #changes: Signal<Lockdown | null>;
  #current: Lockdown | null;

  constructor(parts: LockdownSwitchParts) {
    this.#parts = parts;
    this.#changes = new Signal(parts.onListenerFailure);
    this.#current = parts.store.current;
  }

  get current(): Lockdown | null {
    return this.#current;
  }

  onChange(listener: (lockdown: Lockdown | null) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  /** In force when this is called; durable and in the audit log when resolved. @throws HeldlineError when they fail: still in force until a restart */
  async on(by: string, reason: string): Promise<Lockdown> {
    const { store, audit, clock } = this.#parts;
    const lockdown: Lockdown = { since: this.#current?.since ?? clock.now(), by, reason };
    this.#current = lockdown;
    this.#changes.tell(lockdown);
    await store.set(lockdown);
    await audit.append({ type: 'lockdown.on', actor: { user: by }, reason });
    return lockdown;
  }

  /** Lifted when resolved. @throws HeldlineError `lockdown.off` when there is none; what fails leaves it in force */
  async off(by: string): Promise<void> {
    const { store, audit } = this.#parts;
    if (this.#current === null) throw new HeldlineError('lockdown.off', 'there is no lockdown', { kind: 'conflict' });
    const { since, reason } = this.#current;
    await audit.append({ type: 'lockdown.off', actor: { user: by }, reason, detail: { since } });
    await store.set(null);
    this.#current = null;
    this.#changes.tell(null);
  }
}
