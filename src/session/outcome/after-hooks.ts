/**
 * Runs what rules want done after a released command: once, after its end, never on the way of a release. Each run
 * is in the log before it begins, a hook that needs an approval waits for one of its own, and those of one target run
 * one after the other. Nothing runs during a lockdown. A daemon that dies runs nothing afterwards.
 */
import type { ApprovalDesk } from '../../approval/desk.ts';
import type { HoldDraft } from '../../approval/hold-draft.ts';
import type { LockdownState } from '../../approval/lockdown.ts';
import type { Clock } from '../../base/clock.ts';
import { describeFailure } from '../../base/heldline-error.ts';
import type { Logger } from '../../base/logger.ts';
import { SerialByKey } from '../../base/serial.ts';
import type { AfterHook } from '../../model/after-hook.ts';
import type { ApprovalRequest } from '../../model/approval-request.ts';
import type { AuditDraft, AuditOutcome, AuditSink } from '../../model/audit-event.ts';
import { outcomeInWords } from '../../model/command-outcome.ts';
import type { SessionId } from '../../model/names.ts';
import { sessionBlocks } from '../session-facts.ts';
import { type HookRun, hookRun, hooksAfter } from './hook-run.ts';
import type { FinishedCommand } from './running-commands.ts';

/** How a hook's program ended. */
export interface HookResult {
  readonly kind: 'exited' | 'signalled' | 'timed-out' | 'flooded' | 'not-started' | 'stopped';
  /** null unless it exited by itself. */
  readonly code: number | null;
  /** The beginning of what it wrote, both streams. */
  readonly output: string;
  /** Bytes that it wrote, as far as they were read. */
  readonly bytes: number;
}

/** Starts programs of the bastion. */
export interface HookRunner {
  /** Ends the program, and all that it started, at its time-out, at too much output or when `signal` aborts. Never rejects. */
  run(hook: HookRun, signal: AbortSignal): Promise<HookResult>;
}

export interface AfterHooksParts {
  readonly runner: HookRunner;
  readonly desk: Pick<ApprovalDesk, 'open' | 'watch' | 'cancel' | 'consume'>;
  readonly audit: AuditSink;
  readonly lockdown: LockdownState;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Stands where a held command has its session: no session may ever consume a hook's approval. */
const NO_SESSION = 'hook' as SessionId;

/** A hook that is due. */
interface DueHook {
  readonly hook: AfterHook;
  readonly finished: FinishedCommand;
  readonly run: HookRun;
}

type Ended = { readonly outcome: AuditOutcome; readonly reason?: string; readonly detail?: object };

export class AfterHooks {
  readonly #parts: AfterHooksParts;
  readonly #serial = new SerialByKey();
  /** No approval is waited for any more. */
  readonly #stopping = new AbortController();
  /** Nothing runs any more. */
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: AfterHooksParts) {
    this.#parts = parts;
  }

  /** Begins what the rules want after `finished`. Returns at once. */
  finished(finished: FinishedCommand): void {
    for (const hook of hooksAfter(finished)) {
      const due: DueHook = { hook, finished, run: hookRun(hook, finished) };
      const work = this.#triggered(due)
        .catch((failure: unknown) => {
          this.#parts.logger.error('a hook was not run', { hook: hook.name, failure: describeFailure(failure) });
        })
        .finally(() => this.#running.delete(work));
      this.#running.add(work);
    }
  }

  /** Gives up what waits for an approval, ends what still runs after `grace` ms. Resolves when all is written down. */
  async stop(grace: number): Promise<void> {
    this.#stopping.abort();
    const cancel = this.#parts.clock.after(grace, () => this.#stopped.abort());
    await Promise.all(this.#running);
    cancel();
  }

  async #triggered(due: DueHook): Promise<void> {
    await this.#parts.audit.append(eventOf('rollback.triggered', due, { outcome: 'success' }));
    const ended = await this.#approvedAndRun(due).catch(
      (failure: unknown): Ended => ({ outcome: 'error', reason: describeFailure(failure) }),
    );
    await this.#parts.audit.append(eventOf('rollback.finished', due, ended));
  }

  async #approvedAndRun(due: DueHook): Promise<Ended> {
    const refused = due.hook.needsApproval ? await this.#approval(due) : null;
    if (refused !== null) return refused;
    return this.#serial.run(due.finished.facts.record.target, () => this.#run(due));
  }

  async #run({ run }: DueHook): Promise<Ended> {
    const { lockdown, clock, runner } = this.#parts;
    if (this.#stopped.signal.aborted) return { outcome: 'error', reason: 'the bastion is stopping' };
    if (lockdown.current !== null) return { outcome: 'denied', reason: 'the bastion is locked down' };
    const begun = clock.monotonic();
    const { kind, code, output, bytes } = await runner.run(run, this.#stopped.signal);
    const durationMs = Math.round(clock.monotonic() - begun);
    const outcome = kind === 'exited' ? (code === 0 ? 'success' : 'failure') : 'error';
    return { outcome, detail: { result: kind, code, durationMs, output, outputBytes: bytes } };
  }

  /** Asks the people whom the rule asks, for this run alone. null: they said yes. */
  async #approval(due: DueHook): Promise<Ended | null> {
    const { desk } = this.#parts;
    const request = await desk.open(holdOf(due));
    const decided = await this.#decided(request);
    if (decided.state !== 'approved') {
      return { outcome: decided.state === 'expired' ? 'expired' : 'denied', reason: decided.ending ?? decided.state };
    }
    const { uid, session, channel } = request.statement;
    const consumed = await desk.consume(uid, { session, channel, digest: request.digest });
    if (consumed.kind === 'refused') return { outcome: 'denied', reason: consumed.why };
    return consumed.grant.spend() ? null : { outcome: 'denied', reason: 'the approval was used already' };
  }

  /** The request once it is no longer pending; it always ends, for it expires. */
  #decided(request: ApprovalRequest): Promise<ApprovalRequest> {
    const { desk } = this.#parts;
    const { signal } = this.#stopping;
    const { uid } = request.statement;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        desk.cancel(uid, 'the bastion is stopping').catch(reject);
      };
      const stop = desk.watch(uid, (now) => {
        if (now.state === 'pending') return;
        stop();
        signal.removeEventListener('abort', giveUp);
        resolve(now);
      });
      signal.addEventListener('abort', giveUp);
      if (signal.aborted) giveUp();
    });
  }
}

/** The approval that the rule asks for, without its reason: the outcome is the reason. */
function holdOf({ hook, finished, run }: DueHook): HoldDraft {
  const { facts, decision, request, outcome } = finished;
  const { principal, target, login } = facts.access;
  // People are asked about each run, whatever let the command pass, and nothing of that is remembered.
  const { requirement, breakGlass: _breakGlass, grant: _grant, ...asked } = decision;
  const words = outcomeInWords(outcome);
  const free = { required: false, minLength: 0 } as const;
  return {
    session: NO_SESSION,
    channel: 0,
    user: principal.user,
    address: principal.address,
    target: target.name,
    labels: target.labels,
    login,
    context: 'exec',
    command: `hook ${hook.name} after ${words} of ${request.id}: ${run.argv.join(' ')}`,
    reason: `${request.id} ended with ${words}, reported by the target`,
    subject: 'hook',
    decision: {
      ...asked,
      ids: [],
      rule: hook.rule,
      severity: null,
      why: `Runs on the bastion after "${request.statement.command}".`,
      requirement: requirement === null ? null : { ...requirement, reason: free },
    },
  };
}

function eventOf(type: string, { hook, finished, run }: DueHook, ended: Ended): AuditDraft {
  const { facts, request, decision, outcome } = finished;
  return {
    type,
    outcome: ended.outcome,
    ...sessionBlocks(facts),
    ...(ended.reason === undefined ? {} : { reason: ended.reason }),
    policy: { hash: decision.policyHash, rule: hook.rule },
    approval: { id: request.id, uid: request.statement.uid, digest: request.digest },
    detail: { hook: hook.name, argv: run.argv, after: { ...outcome }, ...ended.detail },
  };
}
