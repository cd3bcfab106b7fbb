/**
 * The store that needs no server: all ports over one embedded database. Also keeps the last known head of the
 * audit log, and knows its own sequence for the log to keep, so that rolling back either half is noticed.
 */

import type { BreakGlassStore } from '../../approval/break-glass-ports.ts';
import type { CommandGrantStore } from '../../approval/grant-ports.ts';
import type { LockdownStore } from '../../approval/lockdown.ts';
import type { AccessGrantStore, ApprovalStore } from '../../approval/ports.ts';
import type { HeldlineError } from '../../base/heldline-error.ts';
import type { Unsubscribe } from '../../base/signal.ts';
import type { FactorStore, TokenStore, UserStore } from '../../identity/ports.ts';
import type { OutboxStore } from '../../notify/ports.ts';
import type { TargetStore } from '../../target/ports.ts';
import { EmbeddedAccessGrantStore } from './embedded-access-grant-store.ts';
import { EmbeddedApprovalStore } from './embedded-approval-store.ts';
import { EmbeddedBreakGlassStore } from './embedded-break-glass-store.ts';
import { EmbeddedCommandGrantStore } from './embedded-command-grant-store.ts';
import { EmbeddedDatabase, type EmbeddedOptions } from './embedded-database.ts';
import { EmbeddedFactorStore } from './embedded-factor-store.ts';
import { EmbeddedLockdownStore } from './embedded-lockdown-store.ts';
import { EmbeddedOutboxStore } from './embedded-outbox-store.ts';
import { EmbeddedTargetStore } from './embedded-target-store.ts';
import { EmbeddedTokenStore } from './embedded-token-store.ts';
import { EmbeddedUserStore } from './embedded-user-store.ts';

/** Sequence and hash of the last event of an audit log. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

export class EmbeddedStore {
  readonly users: UserStore;
  readonly factors: FactorStore;
  readonly tokens: TokenStore;
  readonly targets: TargetStore;
  readonly approvals: ApprovalStore;
  readonly accessGrants: AccessGrantStore;
  readonly commandGrants: CommandGrantStore;
  readonly breakGlasses: BreakGlassStore;
  readonly lockdown: LockdownStore;
  readonly outbox: OutboxStore;
  readonly #database: EmbeddedDatabase;

  private constructor(database: EmbeddedDatabase) {
    this.#database = database;
    this.users = new EmbeddedUserStore(database);
    this.factors = new EmbeddedFactorStore(database);
    this.tokens = new EmbeddedTokenStore(database);
    this.targets = new EmbeddedTargetStore(database);
    const outbox = new EmbeddedOutboxStore(database);
    this.outbox = outbox;
    this.approvals = new EmbeddedApprovalStore(database, outbox);
    this.accessGrants = new EmbeddedAccessGrantStore(database);
    this.commandGrants = new EmbeddedCommandGrantStore(database);
    this.breakGlasses = new EmbeddedBreakGlassStore(database, outbox);
    this.lockdown = new EmbeddedLockdownStore(database);
  }

  /** Makes an empty store with modes 0700 and 0600. @throws HeldlineError `store.exists` */
  static initialise(directory: string): Promise<void> {
    return EmbeddedDatabase.initialise(directory);
  }

  /** @throws HeldlineError `store.owned`, `store.missing`, `store.damaged`, `store.schema`, `store.mode` */
  static async open(options: EmbeddedOptions): Promise<EmbeddedStore> {
    return new EmbeddedStore(await EmbeddedDatabase.open(options));
  }

  /** Never goes back, unless somebody rolled the files back. */
  get sequence(): number {
    return this.#database.sequence;
  }

  /** Why nothing can be stored any more, or null while all is well. */
  get failure(): HeldlineError | null {
    return this.#database.failure;
  }

  onFailure(listener: (failure: HeldlineError) => void): Unsubscribe {
    return this.#database.onFailure(listener);
  }

  /** The head last noted for a node's audit log; null when there was none. */
  auditHead(node: string): AuditHead | null {
    return this.#database.get('notes', auditNote(node)) ?? null;
  }

  /** Keeps the head; an older one than what is kept is ignored. Durable when resolved. */
  noteAuditHead(node: string, head: AuditHead): Promise<void> {
    return this.#database.transact((transaction) => {
      const kept = transaction.get('notes', auditNote(node));
      if (kept === undefined || kept.seq < head.seq) {
        transaction.put('notes', auditNote(node), { seq: head.seq, hash: head.hash });
      }
    });
  }

  /** Whether sealed secrets are in the store: then it is useless, and dangerous, without the sealing key. */
  holdsSecrets(): boolean {
    if (this.#database.all('factors').length > 0) return true;
    return this.#database.all('targets').some((target) => target.kind === 'ssh' && target.credential.kind !== 'egress');
  }

  /** Waits for what was begun and gives the directory up. */
  close(): Promise<void> {
    return this.#database.close();
  }
}

/** Where the notes keep the head of a node's log. */
export function auditNote(node: string): string {
  return `audit-head/${node}`;
}
