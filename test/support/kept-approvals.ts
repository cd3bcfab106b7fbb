/** The approvals of a bed on the real store and in the real audit log, for tests that end a process. */
import type { ConsumeBinding, HeldRequest } from '../../src/approval/ports.ts';
import type { AuditLog } from '../../src/audit/audit-log.ts';
import { HeldlineError } from '../../src/base/heldline-error.ts';
import type { AuditDraft, AuditEvent } from '../../src/model/audit-event.ts';
import type { RequestUid } from '../../src/model/names.ts';
import type { EmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { MemoryApprovalStore, MemoryAudit } from './memory-approvals.ts';

export class KeptAudit extends MemoryAudit {
  readonly #log: AuditLog;

  constructor(log: AuditLog) {
    super();
    this.#log = log;
  }

  override async append(draft: AuditDraft): Promise<AuditEvent> {
    await this.before(draft);
    const event = await this.#log.append(draft);
    this.events.push(event);
    return event;
  }
}

export class KeptApprovalStore extends MemoryApprovalStore {
  readonly #kept: EmbeddedStore['approvals'];

  constructor(store: EmbeddedStore) {
    super();
    this.#kept = store.approvals;
  }

  override async open(request: HeldRequest): Promise<'opened'> {
    await this.before('open');
    const outcome = await this.#kept.open(request, { quota: 10, reuseAfter: 0 });
    if (outcome !== 'opened') throw new HeldlineError('test.not-opened', outcome);
    return outcome;
  }

  override find(uid: RequestUid): Promise<HeldRequest | null> {
    return this.#kept.find(uid);
  }

  override list(): Promise<readonly HeldRequest[]> {
    return this.#kept.list();
  }

  override async advance(next: HeldRequest): ReturnType<EmbeddedStore['approvals']['advance']> {
    await this.before('advance');
    return this.#kept.advance(next);
  }

  override async consume(uid: RequestUid, binding: ConsumeBinding, now: number): Promise<boolean> {
    await this.before('consume');
    return this.#kept.consume(uid, binding, now);
  }
}
