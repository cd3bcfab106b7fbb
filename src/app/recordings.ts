/** Opens a recorder for a session, and seals what a crash left open. */
import type { Clock } from '../base/clock.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import { DiskGuard } from '../recording/disk-guard.ts';
import { Recorder } from '../recording/recorder.ts';
import { HourlyQuotas } from '../recording/recording-quota.ts';
import { recoverRecordings } from '../recording/recover.ts';
import type { SessionFacts } from '../session/session-facts.ts';
import { sessionBlocks } from '../session/session-facts.ts';
import type { SessionRequest } from '../session/session-request.ts';
import type { State } from './open-state.ts';

export interface RecordingsParts {
  readonly state: State;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Bytes that must stay free for a new session. */
  readonly minFree: number;
  /** Recorded bytes per user and hour. */
  readonly perUserHour: number;
  readonly policyHash: () => string;
}

export class Recordings {
  readonly #parts: RecordingsParts;
  readonly #guard: DiskGuard;
  readonly #quotas: HourlyQuotas;

  constructor(parts: RecordingsParts) {
    const { state, minFree, perUserHour, clock } = parts;
    this.#parts = parts;
    this.#guard = new DiskGuard({ directory: state.layout.recordings, minFree });
    this.#quotas = new HourlyQuotas(perUserHour, clock);
  }

  /** Seals what earlier runs left open and writes each to the audit log; makes the ballast for a full disk. */
  async prepare(): Promise<void> {
    const { state } = this.#parts;
    const { layout, sealer, node } = state;
    const recovered = await recoverRecordings({ root: layout.recordings, sealer, liveBoots: new Set([node.boot]) });
    for (const { draft } of recovered) await state.audit.append(draft);
    await this.#guard.keepBallast();
  }

  /** @throws HeldlineError `recording.refused` when the disk is too full: no session opens then */
  async open(facts: SessionFacts, request: SessionRequest): Promise<Recorder> {
    const admission = await this.#guard.admit();
    if (admission.kind === 'refused')
      throw new HeldlineError('recording.refused', `nothing can be recorded: ${admission.why}`);
    const { state, clock, logger } = this.#parts;
    const recorder = await Recorder.open({
      root: state.layout.recordings,
      meta: this.#meta(facts, request),
      clock,
      sealer: state.sealer,
      guard: this.#guard,
      quota: this.#quotas.of(facts.record.user),
      onListenerFailure: (failure) => logger.error('a listener failed', { failure: describeFailure(failure) }),
    });
    this.#anchor(recorder, facts);
    return recorder;
  }

  #meta({ record }: SessionFacts, { request }: SessionRequest): Parameters<typeof Recorder.open>[0]['meta'] {
    const terminal = request.kind === 'sftp' ? null : request.terminal;
    const { node } = this.#parts.state;
    return {
      session: record.id,
      node: node.id,
      boot: node.boot,
      user: record.user,
      target: record.target,
      login: record.login,
      door: record.door,
      kind: record.kind,
      address: record.address,
      size: terminal?.size ?? { cols: 80, rows: 24 },
      term: terminal?.term ?? 'dumb',
      ...(request.kind === 'exec' ? { command: Buffer.from(request.command).toString('utf8') } : {}),
      policyHash: this.#parts.policyHash(),
    };
  }

  /** The head of the recording goes into the audit log while it runs, so that cutting it off is noticed. */
  #anchor(recorder: Recorder, facts: SessionFacts): void {
    const { state, logger } = this.#parts;
    const append = (type: string, recording: Readonly<Record<string, unknown>>): void => {
      state.audit.append({ type, ...sessionBlocks(facts), recording }).catch((failure: unknown) => {
        logger.error('a recording could not be anchored', { failure: describeFailure(failure) });
      });
    };
    append('recording.started', anchor(recorder.head));
    recorder.onCheckpoint((head) => append('recording.checkpoint', anchor(head)));
    recorder.onFailure((failure) => append('recording.failed', { code: failure.code, why: failure.message }));
  }
}

function anchor({ frame, hash }: Recorder['head']): Readonly<Record<string, unknown>> {
  return { frame, head: hash };
}
