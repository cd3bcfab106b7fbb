/**
 * Takes what a door hands over and makes a session of it, or says no. It knows who may reach what and how many
 * sessions there are; what happens inside a session is `session-run.ts`.
 */
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import { uuidv7 } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { AuditDraft, AuditEvent } from '../model/audit-event.ts';
import type { SessionId } from '../model/names.ts';
import type { SessionKind, SessionRecord } from '../model/session.ts';
import type { Access } from '../target/access.ts';
import type { AccessControl } from '../target/access-control.ts';
import type { LiveSessions } from './live-sessions.ts';
import { refusalWords } from './refusal-words.ts';
import type { SessionRequest } from './session-request.ts';
import { SessionRun } from './session-run.ts';
import type { SessionServices } from './session-services.ts';
import { REFUSED } from './submissions.ts';

export interface BrokerParts {
  readonly accessControl: AccessControl;
  readonly audit: { append(draft: AuditDraft): Promise<AuditEvent> };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly live: LiveSessions;
  readonly services: SessionServices;
  /** Sessions of one person at a time. */
  readonly sessionsPerUser: () => number;
  /** Why no new session may open at this moment, e.g. a full disk; null when it may. */
  readonly closedBecause: () => string | null;
}

/** What was decided about a request before anything is opened. */
type Admission =
  | { readonly kind: 'admitted'; readonly access: Access }
  | { readonly kind: 'refused'; readonly words: string };

export class Broker {
  readonly #parts: BrokerParts;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
  }

  /** Runs one session from open to close. Never rejects; `request.leg` is ended in every case. */
  async open(request: SessionRequest): Promise<void> {
    try {
      const admission = await this.#admit(request);
      if (admission.kind === 'refused') await this.#refuse(request, admission.words);
      else await this.#run(request, admission.access);
    } catch (failure) {
      this.#parts.logger.error('a session failed', { user: request.principal.user, failure: describeFailure(failure) });
      request.leg.close();
    }
  }

  async #admit(request: SessionRequest): Promise<Admission> {
    const closed = this.#parts.closedBecause();
    if (closed !== null) return { kind: 'refused', words: closed };
    const outcome = await this.#parts.accessControl.decide(request.principal, request.target, request.login);
    if (outcome.kind !== 'granted')
      return { kind: 'refused', words: refusalWords(outcome, request, this.#parts.services.bastion) };
    if (this.#parts.live.countOf(request.principal.user) >= this.#parts.sessionsPerUser()) {
      return { kind: 'refused', words: 'you have too many sessions open; end one of them first' };
    }
    return { kind: 'admitted', access: outcome.access };
  }

  async #refuse(request: SessionRequest, words: string): Promise<void> {
    const { principal, target, login, leg, door, request: channel } = request;
    leg.writeError(Buffer.from(`heldline: ${words}\r\n`));
    await this.#parts.audit.append({
      type: 'session.refused',
      outcome: 'denied',
      actor: { user: principal.user, address: principal.address, roles: principal.roles, client: request.client },
      target: { name: target, ...(login === null ? {} : { login }) },
      reason: words,
      detail: { door, kind: channel.kind },
    });
    await leg.finish({ kind: 'code', code: REFUSED });
  }

  async #run(request: SessionRequest, access: Access): Promise<void> {
    const record = this.#record(request, access);
    const run = new SessionRun({ request, access, record, services: this.#parts.services });
    const remove = this.#parts.live.add(run);
    try {
      await run.run();
    } finally {
      remove();
    }
  }

  #record(request: SessionRequest, access: Access): SessionRecord {
    const now = this.#parts.clock.now();
    return {
      id: uuidv7(now) as SessionId,
      user: request.principal.user,
      target: access.target.name,
      login: access.login,
      door: request.door,
      kind: kindOf(request),
      state: 'live',
      startedAt: now,
      endedAt: null,
      address: request.principal.address,
    };
  }
}

function kindOf(request: SessionRequest): SessionKind {
  return request.request.kind;
}
