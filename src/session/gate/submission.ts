/**
 * One key that may submit a line: read the line, judge it, write it down, and only then let the key pass, refuse
 * it, or hold it until people have decided. Every failure on the way is a refusal.
 */
import { withDeadline } from '../../base/deadline.ts';
import { describeFailure } from '../../base/heldline-error.ts';
import { visibleShort } from '../../base/visible.ts';
import { type ApprovalRequest, asksNobody } from '../../model/approval-request.ts';
import type { AuditDraft, AuditEvent } from '../../model/audit-event.ts';
import type { Decision } from '../../model/decision.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import type { LineReading } from '../../terminal/line-reading.ts';
import { Clearance } from '../clearance.ts';
import { commandBlock, policyBlock } from '../command-blocks.ts';
import { requestUrgency, sessionBlocks } from '../session-facts.ts';
import type { StandingLine } from './clear-line.ts';
import type { GateCollaborators } from './collaborators.ts';
import { HeldLine } from './held-line.ts';
import type { LineWay, ReadyLine } from './line-way.ts';
import { promptBack } from './prompt-back.ts';
import { whenRecording } from './recording-pause.ts';
import { type ApprovedLine, release } from './release.ts';
import type { Step } from './stepper.ts';
import type { UserScreen } from './user-screen.ts';
import {
  approvedWords,
  blockedWords,
  differsWords,
  endedWords,
  failedWords,
  hiddenWords,
  labelOf,
  unapprovableWords,
  voidedWords,
  whyOf,
} from './words.ts';

/** How long reading and judging a line, or opening a request, may take together with their own waits, ms. */
export const STEP_DEADLINE = 10_000;
/** A panel that cannot show the phrase in time is shown without it: people are to distrust that, ms. */
const PHRASE_DEADLINE = 1000;
const MARKER_LENGTH = 200;

export type SubmissionStage =
  | { readonly kind: 'checking' | 'releasing' | 'discarding' }
  | { readonly kind: 'held'; readonly line: HeldLine };

/**
 * `passed`: the key went to the target. `released`: it did, with an approval. `refused`: it did not, and what was typed after it is void.
 * `interrupted`: the user gave the line up. `line-by-line`: a paste whose lines have to be judged one at a time.
 */
export type SubmissionOutcome = 'passed' | 'released' | 'refused' | 'interrupted' | 'line-by-line';

export interface SubmissionParts extends GateCollaborators {
  readonly screen: UserScreen;
  readonly way: LineWay;
  /** Runs one step within its deadline and while the line is still wanted. */
  readonly step: Step;
  /** Aborted when the line is given up: Ctrl-C, lockdown, the end of the session. */
  readonly signal: AbortSignal;
  /** Aborted when the session has ended. */
  readonly ended: AbortSignal;
  readonly enter: (stage: SubmissionStage) => void;
  /** Writes to the target, with back-pressure. */
  readonly forward: (clearance: Clearance) => void;
  /** For what nobody waits for; told when it failed. */
  readonly background: (work: Promise<unknown>) => void;
}

/** A line that was judged and written down. */
interface Judged extends ReadyLine {
  /** `id` of its `command.submitted`. */
  readonly submitted: string;
}

/** What an event about a line is made of; a paste is not submitted yet. */
type LineFacts = Pick<Judged, 'reading' | 'decision'> & Partial<Pick<Judged, 'submitted'>>;

export class Submission {
  readonly #parts: SubmissionParts;
  readonly #step: Step;

  constructor(parts: SubmissionParts) {
    this.#parts = parts;
    this.#step = parts.step;
  }

  /** Runs to the end. Never rejects. */
  async run(key: KeyToken): Promise<SubmissionOutcome> {
    try {
      return await this.#run(key);
    } catch (failure) {
      if (this.#parts.signal.aborted) return 'interrupted';
      return this.#failed(failure);
    }
  }

  async #run(key: KeyToken): Promise<SubmissionOutcome> {
    const { commands, judge, way } = this.#parts;
    const reading = await way.read(key);
    if (reading.place === 'prompt') commands.atPrompt(reading.prompt.text);
    if (isEmpty(reading)) return this.#passEmpty(key);
    const decision = await this.#step('the policy', () => judge(reading.line, reading.candidates));
    if (key.kind === 'paste' && /[\r\n]/.test(key.text)) return this.#paste(key, reading, decision);
    const line = { reading, decision, key };
    const objection = way.objection(reading);
    if (objection !== null) return this.#differs(line, objection);
    switch (decision.effect) {
      case 'allow':
      case 'auto-approve':
        return this.#allowed(line);
      case 'deny':
        return this.#block(await this.#written(line), blockedWords(decision, this.#target));
      case 'approve':
        return this.#approve(await this.#written(line));
    }
  }

  async #allowed(judged: ReadyLine): Promise<SubmissionOutcome> {
    const { line, differs } = await this.#parts.way.prepare(judged);
    if (differs !== null) return this.#differs(line, differs);
    const written = await this.#written(line);
    if (line.decision.effect === 'auto-approve') {
      await this.#step('the audit log', () => this.#append('command.auto_approved', written));
    }
    const changed = this.#parts.way.recheck(line);
    return changed === null ? this.#pass(written) : this.#stopped(written, changed);
  }

  /** What would run is not the line that was judged: it is written down, refused and taken off the target. */
  async #differs(line: ReadyLine, why: string): Promise<SubmissionOutcome> {
    return this.#stopped(await this.#written(line), why);
  }

  #stopped(judged: Judged, why: string): Promise<SubmissionOutcome> {
    return this.#block(judged, differsWords(why), { outcome: 'error', reason: why });
  }

  async #written(line: ReadyLine): Promise<Judged> {
    const { reading, decision } = line;
    return { ...line, submitted: await this.#step('the audit log', () => this.#writeSubmitted(reading, decision)) };
  }

  get #target(): string {
    return this.#parts.facts.record.target;
  }

  /** One event for each line of the text, in order. @returns the id of the last one */
  async #writeSubmitted(reading: LineReading, decision: Decision): Promise<string> {
    const { audit, facts, recorder } = this.#parts;
    const { line } = reading;
    recorder.marker(line.hidden ? '$ (not shown)' : `$ ${visibleShort(line.text ?? '(unreadable)', MARKER_LENGTH)}`);
    const texts = line.hidden || line.text === null ? [null] : line.text.split('\n');
    const events = await Promise.all(
      texts.map((text) =>
        audit.append({
          type: 'command.submitted',
          ...sessionBlocks(facts),
          command: commandBlock(line, text),
          policy: policyBlock(decision),
        }),
      ),
    );
    return events.at(-1)?.id ?? '';
  }

  #append(type: string, judged: LineFacts, more: Partial<AuditDraft> = {}): Promise<AuditEvent> {
    const { audit, facts } = this.#parts;
    const { submitted } = judged;
    const { line } = judged.reading;
    return audit.append({
      type,
      ...sessionBlocks(facts),
      command: { ...commandBlock(line, line.text), ...(submitted === undefined ? {} : { of: submitted }) },
      policy: policyBlock(judged.decision),
      ...more,
    });
  }

  /** Enter on an empty line runs nothing: it is neither judged nor written down. */
  #passEmpty(key: KeyToken): SubmissionOutcome {
    const { forward, tracker, way } = this.#parts;
    tracker.sent(key);
    forward(Clearance.forEdit(key.bytes));
    way.sent();
    return 'passed';
  }

  #pass(judged: Judged): Promise<SubmissionOutcome> {
    const { background, forward, tracker, way } = this.#parts;
    tracker.sent(judged.key);
    forward(Clearance.forAllowed(judged.key.bytes, judged.decision));
    way.sent();
    background(this.#confirm(judged));
    return this.#promptBack(judged);
  }

  async #promptBack({ key, reading }: Judged): Promise<SubmissionOutcome> {
    if (key.kind === 'submit') await promptBack(reading, this.#parts, this.#parts.signal);
    return 'passed';
  }

  /** The log is never rewritten: a line that the target did not take gets another event. */
  async #confirm(judged: Judged): Promise<void> {
    const { tracker, ended } = this.#parts;
    const result = await tracker.confirm(judged.reading, ended).catch(() => 'executed' as const);
    if (result === 'not-executed') await this.#append('command.unconfirmed', judged);
  }

  /**
   * Several lines at once. The editor may take them as text, so that Enter submits them later; or it may run them
   * right away. All allowed: they pass as they are. Otherwise each is typed and judged by itself.
   */
  async #paste(key: KeyToken, reading: LineReading, decision: Decision): Promise<SubmissionOutcome> {
    if (decision.effect !== 'allow') return 'line-by-line';
    await this.#step('the audit log', () => this.#append('command.pasted', { reading, decision }));
    this.#parts.tracker.sent(key);
    this.#parts.forward(Clearance.forAllowed(key.bytes, decision));
    return 'passed';
  }

  async #block(
    judged: Judged,
    words: string,
    more: Partial<AuditDraft> = { outcome: 'denied' },
  ): Promise<SubmissionOutcome> {
    await this.#step('the audit log', () => this.#append('command.blocked', judged, more));
    this.#parts.recorder.marker(`BLOCKED ${judged.decision.rule ?? 'default'}`);
    return this.#refuse(judged.reading, words, this.#rowsOf(judged));
  }

  /** What the line looks like, for showing it above a refusal. */
  #rowsOf({ reading }: Judged): readonly string[] {
    return reading.line.hidden ? [] : this.#parts.way.rows();
  }

  /**
   * Takes the line off the target and says why, under the line as it looked. Nothing is written to the target or
   * the user while the recording does not work.
   */
  async #refuse(line: StandingLine, words: string, rows: readonly string[]): Promise<SubmissionOutcome> {
    const { end, enter, ended, recorder, screen, way } = this.#parts;
    enter({ kind: 'discarding' });
    await whenRecording(recorder, ended);
    const cleared = await way.clear(line);
    if (ended.aborted) return 'refused';
    screen.say(words, cleared === 'erased' ? rows : []);
    if (cleared === 'dirty') end('a refused line could not be cleared');
    return 'refused';
  }

  async #approve(judged: Judged): Promise<SubmissionOutcome> {
    const { reading, decision } = judged;
    if (reading.line.hidden) return this.#block(judged, hiddenWords(decision, this.#target));
    const obstacle = obstacleOf(reading);
    if (obstacle !== null) {
      return this.#block(judged, unapprovableWords(decision, reading.line, obstacle, this.#target));
    }
    const method = reading.place === 'alternate' ? 'forward' : 'retype';
    const cells = this.#parts.tracker.cellsOfLine();
    const rows = this.#rowsOf(judged);
    const request = await this.#open(judged);
    // It passes without that: nobody is asked, and the line is released like any other that was approved.
    const line = { ...judged, cells, method, untyped: this.#parts.way.kind === 'kept' } as const;
    if (asksNobody(request)) return this.#release({ ...line, request }, rows);
    const end = await this.#hold(judged, request);
    if (end.kind === 'approved') return this.#release({ ...line, request: end.request }, rows);
    this.#parts.recorder.marker(end.request.state.toUpperCase());
    return this.#refuse(reading, endedWords(end.request, this.#target, end.why), rows);
  }

  async #open(judged: Judged): Promise<ApprovalRequest> {
    const { background, desk, facts, recorder, signal } = this.#parts;
    const { target, login, principal } = facts.access;
    const { line, statement = line } = judged.reading;
    const request = await withDeadline(
      desk.open({
        session: facts.record.id,
        channel: facts.channel,
        user: principal.user,
        target: target.name,
        labels: target.labels,
        login,
        context: statement.context,
        command: statement.text ?? '',
        decision: judged.decision,
        reason: null,
        ...requestUrgency(facts),
        address: principal.address,
      }),
      STEP_DEADLINE,
      'the approval desk',
      this.#parts.clock,
    );
    const { uid } = request.statement;
    if (signal.aborted) background(desk.cancel(uid, 'the line was given up'));
    signal.throwIfAborted();
    if (!asksNobody(request)) recorder.marker(`HELD ${request.id}`);
    background(recorder.critical());
    return request;
  }

  async #hold(judged: Judged, request: ApprovalRequest): ReturnType<HeldLine['run']> {
    const { background, desk, enter, facts, phrase, screen, clock, user } = this.#parts;
    const { decision, reading } = judged;
    const why = whyOf(decision, request.requirement);
    const view = {
      id: request.id,
      label: labelOf(decision),
      why:
        reading.place === 'alternate'
          ? `${why} A full-screen program: what runs cannot be checked as at a prompt.`
          : why,
      command: request.statement.command,
      phrase: await withDeadline(phrase(), PHRASE_DEADLINE, 'the phrase', clock).catch(() => null),
    };
    const { principal: voter } = facts.access;
    const line = new HeldLine({ desk, screen, clock, voter, presence: () => user.presence, background }, request, view);
    if (this.#parts.signal.aborted) line.cancel('it was given up');
    enter({ kind: 'held', line });
    const end = await line.run();
    screen.uncover();
    return end;
  }

  async #release(line: ApprovedLine, rows: readonly string[]): Promise<SubmissionOutcome> {
    const { audit, background, commands, enter, facts, recorder, screen, signal, way } = this.#parts;
    enter({ kind: 'releasing' });
    way.typing(line.reading);
    try {
      await release(line, this.#parts, signal);
    } catch (failure) {
      return this.#void(line, voidedWords(failure), rows);
    }
    way.sent();
    const { line: command, prompt } = line.reading;
    commands.lineBegan({ ...line, line: command }, prompt.text);
    background(
      audit.append({
        type: 'command.sent',
        ...sessionBlocks(facts),
        command: { ...commandBlock(command, line.request.statement.command), of: line.submitted },
      }),
    );
    background(recorder.critical());
    await screen.sayBelowLine(approvedWords(line.request, facts.record.user));
    await this.#promptBack(line);
    return 'released';
  }

  async #void(line: ApprovedLine, why: string, rows: readonly string[]): Promise<SubmissionOutcome> {
    const { background, desk, recorder } = this.#parts;
    background(desk.voidRequest(line.request.statement.uid, why));
    recorder.marker('VOIDED');
    return this.#refuse(line.reading, endedWords({ ...line.request, state: 'voided' }, this.#target, why), rows);
  }

  async #failed(failure: unknown): Promise<SubmissionOutcome> {
    const { emulator, facts, logger, screen, tracker } = this.#parts;
    logger.error('a line could not be judged', { session: facts.record.id, failure: describeFailure(failure) });
    screen.uncover();
    const place = emulator.alternate ? 'alternate' : 'prompt';
    const line = { place, prompt: tracker.promptNow() } as const;
    return this.#refuse(line, failedWords(failure, this.#target), []);
  }
}

/** Nothing stands on the line and that is certain. */
function isEmpty({ line, candidates }: LineReading): boolean {
  return candidates.length === 0 && line.confidence !== 'opaque' && line.text === '';
}

/** Why the line cannot be run exactly as it would be approved; null when it can. */
function obstacleOf({ line, place, releasable, statement, why }: LineReading): string | null {
  if (line.confidence === 'opaque' && (line.text === null || place !== 'alternate')) return line.reason;
  if (line.text === null) return 'what it says is not known';
  if (line.text.includes('\n')) return 'it has several lines';
  switch (place) {
    case 'alternate':
      return null;
    case 'prompt':
    case 'hidden':
      return releasable ? null : (why ?? 'it cannot be typed again exactly');
    case 'continuation':
      return statement === undefined ? 'it continues the line above' : null;
    case 'search':
      return "it comes from a search in the shell's history";
  }
}
