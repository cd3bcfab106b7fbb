import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { Unsubscribe } from '../base/signal.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { CommandOutcome } from '../model/command-outcome.ts';
import type { ExitStatus, SessionRecord } from '../model/session.ts';
import { saidUrgency, URGENCIES, URGENCY_VARIABLE } from '../model/urgency.ts';
import type { LiveListener } from '../recording/live-feed.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { Access } from '../target/access.ts';
import { type Admitted, admit } from './admission.ts';
import { Channel } from './channel.ts';
import { chooseGate } from './choose-gate.ts';
import { Judge } from './judge.ts';
import type { LiveSession } from './live-sessions.ts';
import { RunningCommands } from './outcome/running-commands.ts';
import { type OutputRecord, recordUpTo, recordWhole } from './output-record.ts';
import type { Presence, TargetLeg } from './ports.ts';
import { type SessionFacts, sessionBlocks } from './session-facts.ts';
import type { SessionRequest } from './session-request.ts';
import type { SessionServices } from './session-services.ts';
import { REFUSED, Submissions, UNREACHABLE } from './submissions.ts';
import { UnattendedHold } from './unattended-hold.ts';
import { UserSwitch } from './user-switch.ts';
import { WaitingUser } from './waiting-user.ts';

export interface SessionRunParts {
  readonly request: SessionRequest;
  readonly access: Access;
  readonly record: SessionRecord;
  readonly services: SessionServices;
}

export class SessionRun implements LiveSession {
  readonly #parts: SessionRunParts;
  readonly #facts: SessionFacts;
  readonly #gone = new AbortController();
  readonly #waiting = new WaitingUser(() => this.#gone.abort());
  readonly #switch = new UserSwitch(this.#waiting);
  readonly #judge: Judge;
  readonly #commands: RunningCommands;
  #recorder: Recorder | undefined;
  #submissions: Submissions | undefined;
  #target: TargetLeg | undefined;
  #channel: Channel | undefined;
  /** Why the input is frozen; null while it is not. */
  #frozenBecause: string | null = null;
  #dropHold: (why: string) => void = () => {};
  #endedBecause: string | null = null;
  #endCode: number | null = null;

  constructor(parts: SessionRunParts) {
    const { access, record, request, services } = parts;
    this.#parts = parts;
    const urgency = saidUrgency(request.request.environment[URGENCY_VARIABLE]);
    this.#facts = { record, access, channel: 0, client: request.client, urgency };
    this.#judge = new Judge(services.judge, access, urgency);
    const { clock, onFinished } = services;
    this.#commands = new RunningCommands({ facts: this.#facts, clock, note: (draft) => this.#note(draft), onFinished });
  }

  get record(): SessionRecord {
    return this.#parts.record;
  }

  get presence(): Presence {
    return this.#parts.request.leg.presence;
  }

  end(why: string, code?: number): void {
    if (this.#endedBecause !== null) return;
    this.#endedBecause = why;
    this.#endCode = code ?? null;
    this.#say(`heldline: this session was ended: ${why}\n`);
    this.#dropHold(why);
    this.#gone.abort();
    this.#target?.close();
  }

  dropHold(why: string): void {
    this.#dropHold(why);
  }

  freeze(why: string): boolean {
    if (this.#frozenBecause !== null) return false;
    this.#frozenBecause = why;
    if (this.#channel === undefined) this.#dropHold(why);
    else this.#channel.halt(why);
    this.tell(`the input of this session is frozen: ${why}. Nothing that you type is sent.`);
    return true;
  }

  resume(): boolean {
    if (this.#frozenBecause === null) return false;
    this.#frozenBecause = null;
    this.#channel?.resume();
    this.tell('the input of this session is not frozen any more.');
    return true;
  }

  tell(words: string): void {
    this.#say(`\nheldline: ${words}\n`);
  }

  watch(listener: LiveListener): Unsubscribe {
    return this.#recorder?.subscribe(listener) ?? (() => {});
  }

  /** Runs to the end. @throws HeldlineError only when nothing could be recorded or audited at all */
  async run(): Promise<void> {
    const { request, services } = this.#parts;
    // A pipe waits; what is typed at a terminal is for the program that is about to start, or for a prompt of ours.
    if (!this.#hasTerminal) request.leg.pauseInput();
    request.leg.attach(this.#switch);
    const recorder = await services.openRecorder(this.#facts, request);
    this.#recorder = recorder;
    await services.audit.append({
      type: 'session.started',
      ...sessionBlocks(this.#facts),
      detail: { kind: this.record.kind, ...(this.#facts.urgency === 'normal' ? {} : { urgency: this.#facts.urgency }) },
    });
    const status = await this.#serve(recorder).catch((failure: unknown) => this.#failed(failure));
    await this.#finish(recorder, this.#endCode === null ? status : { kind: 'code', code: this.#endCode });
  }

  async #serve(recorder: Recorder): Promise<ExitStatus | null> {
    this.#submissions = this.#makeSubmissions(recorder);
    this.#warnOfUrgency();
    const admission = await admit(this.#parts.request.request, this.#judge, this.#submissions, this.#gone.signal);
    if (admission.kind === 'refused') return { kind: 'code', code: admission.code };
    // From here on it may have reached the target, whatever becomes of the connection.
    if (admission.released !== null) this.#commands.commandBegan(admission.released);
    if (this.#frozenBecause !== null && admission.opening.kind !== 'shell') return { kind: 'code', code: REFUSED };
    const target = await this.#dial(admission);
    return this.#flow(target, admission, recorder);
  }

  #makeSubmissions(recorder: Recorder): Submissions {
    const { services } = this.#parts;
    const { audit, desk, clock, logger, bastion } = services;
    const say = (text: string): void => this.#say(text);
    const keyboard = this.#hasTerminal ? this.#waiting.lend : null;
    const shared = { facts: this.#facts, desk, audit, recorder, clock, say, bastion, keyboard };
    const hold = new UnattendedHold({ ...shared, presence: () => this.presence });
    const submissions = new Submissions({ facts: this.#facts, audit, recorder, hold, say, logger, clock });
    this.#dropHold = (why) => submissions.dropHold(why);
    return submissions;
  }

  async #dial(admission: Admitted): Promise<TargetLeg> {
    const { access, request, services } = this.#parts;
    const signal = AbortSignal.any([this.#gone.signal, AbortSignal.timeout(services.limits.dial)]);
    const target = await services.dialerFor(access.target).dial(access, admission.opening, request.route, signal);
    this.#target = target;
    if (this.#gone.signal.aborted) target.close();
    return target;
  }

  async #flow(target: TargetLeg, admission: Admitted, recorder: Recorder): Promise<ExitStatus | null> {
    const { request, services } = this.#parts;
    const record = this.#outputRecord(recorder);
    this.#greet();
    const channel = new Channel({ user: request.leg, target, recorder, record, logger: services.logger });
    const gate = chooseGate({
      request,
      admission,
      target,
      recorder,
      services,
      facts: this.#facts,
      judge: this.#judge,
      submissions: this.#submissions ?? this.#makeSubmissions(recorder),
      commands: this.#commands,
      valve: channel.valve,
      end: (why, code) => this.end(why, code),
    });
    this.#dropHold = (why) => gate.drop(why);
    const freezing = this.#endAfterFreeze(recorder);
    try {
      const listener = channel.userListener();
      const running = channel.run(gate);
      this.#channel = channel;
      if (this.#frozenBecause !== null) channel.halt(this.#frozenBecause);
      for (const typed of this.#waiting.takeTyped()) listener.onInput(typed);
      this.#switch.turnTo(listener);
      if (!this.#hasTerminal) request.leg.resumeInput();
      const status = await running;
      this.#commands.channelEnded(this.#outcomeOf(status, channel.userGone));
      return status;
    } finally {
      freezing();
      record.finish();
    }
  }

  get #hasTerminal(): boolean {
    const { request } = this.#parts.request;
    return request.kind !== 'sftp' && request.terminal !== null;
  }

  /** One line, and only to somebody with a terminal: scripts and file transfers stay silent. */
  #greet(): void {
    const { request } = this.#parts.request;
    if (request.kind !== 'shell' || request.terminal === null) return;
    const { target, login } = this.#parts.access;
    const zone = target.labels['env'] === undefined ? '' : ` (${target.labels['env']})`;
    const words = `heldline: ${login}@${target.name}${zone}. This session is recorded. Held commands need approval.\r\n`;
    // Not on standard error: a client writes the two streams in its own order, and the prompt has to come last.
    this.#parts.request.leg.write(Buffer.from(words));
  }

  /** What nobody understands counts the strict way, which people should not have to guess. */
  #warnOfUrgency(): void {
    if (this.#facts.urgency !== 'unknown' || this.#parts.request.request.kind === 'sftp') return;
    this.#say(
      `heldline: ${URGENCY_VARIABLE} is none of ${URGENCIES.join(', ')}: how urgent it is counts as unknown.\n`,
    );
  }

  #outputRecord(recorder: Recorder): OutputRecord {
    const { request, services } = this.#parts;
    const { request: channel } = request;
    if (channel.kind === 'sftp') return recordUpTo(recorder, 0);
    return channel.terminal === null ? recordUpTo(recorder, services.limits.plainOutput) : recordWhole(recorder);
  }

  /** A recording that stays broken ends the session; until then the channel is frozen. */
  #endAfterFreeze(recorder: Recorder): () => void {
    const { clock, limits } = this.#parts.services;
    let cancel = (): void => {};
    const stop = recorder.onFailure(() => {
      this.#say('heldline: the recording failed, so this session is frozen until it works again.\n');
      cancel = clock.after(limits.freeze, () => this.end('it could not be recorded any more'));
    });
    const resume = recorder.onRecovered(() => cancel());
    const spent = recorder.onOverQuota(() => this.end('its recording used up the allowance of this hour'));
    return () => {
      stop();
      resume();
      spent();
      cancel();
    };
  }

  #failed(failure: unknown): ExitStatus {
    const { services } = this.#parts;
    const { target } = this.record;
    services.logger.warn('a session could not be served', {
      session: this.record.id,
      failure: describeFailure(failure),
    });
    const known = failure instanceof HeldlineError && failure.kind === 'unreachable';
    const words = failure instanceof HeldlineError ? failure.message : `${target} could not be opened`;
    this.#say(`heldline: ${words}\n`);
    return { kind: 'code', code: known ? UNREACHABLE : REFUSED };
  }

  /** What the target said of its program, unless somebody left or was sent away before. */
  #outcomeOf(status: ExitStatus | null, userGone: boolean): CommandOutcome {
    return status === null || userGone || this.#endedBecause !== null ? { kind: 'disconnect' } : status;
  }

  /** For what nobody waits for. */
  #note(draft: AuditDraft): void {
    const { audit, logger } = this.#parts.services;
    audit.append(draft).catch((failure: unknown) => {
      logger.error('an outcome was not written down', { session: this.record.id, failure: describeFailure(failure) });
    });
  }

  async #finish(recorder: Recorder, status: ExitStatus | null): Promise<void> {
    const { request, services } = this.#parts;
    this.#commands.channelEnded({ kind: 'unknown' });
    if (status !== null) recorder.exit(status);
    await request.leg.finish(status);
    const { state, frames, head } = await recorder.close('complete');
    await services.audit.append({
      type: 'recording.sealed',
      ...sessionBlocks(this.#facts),
      recording: { state, frames, head },
    });
    const reason = this.#endedBecause === null ? {} : { reason: this.#endedBecause };
    const detail = { status: status === null ? null : { ...status } };
    await services.audit.append({ type: 'session.ended', ...sessionBlocks(this.#facts), ...reason, detail });
  }

  #say(text: string): void {
    const { leg } = this.#parts.request;
    leg.writeError(Buffer.from(this.#hasTerminal ? text.replaceAll('\n', '\r\n') : text));
  }
}
