/**
 * The writer of one node's append-only, hash-chained log. `append` resolves when the event is on the disk;
 * events that wait together are synced together. A new file begins every UTC day, a signed checkpoint follows
 * every 1000 events or 60 seconds. One writer per directory: a second one is noticed and both stop.
 *
 * Does not ship events anywhere and does not judge what is written. A rejected `append` may still turn up in
 * the log when the disk comes back: treat its outcome as unknown.
 */
import { join } from 'node:path';
import type { Cancel, Clock } from '../base/clock.ts';
import { sha256Hex } from '../base/digest.ts';
import { DurableAppender } from '../base/durable-appender.ts';
import type { HeldlineError } from '../base/heldline-error.ts';
import { uuidv7 } from '../base/ids.ts';
import { redactSecrets } from '../base/redact-secrets.ts';
import { rfc3339 } from '../base/rfc3339.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { Signer } from '../base/signing.ts';
import type { AuditDraft, AuditEvent } from '../model/audit-event.ts';
import { auditFileName } from './audit-files.ts';
import { encodeLine, GENESIS } from './audit-line.ts';
import { checkpointText } from './checkpoint.ts';
import { type OpenedLog, prepareDirectory } from './prepare-directory.ts';

const CHECKPOINT_EVENTS = 1000;
const CHECKPOINT_EVERY = 60_000;

/** How far a log goes: what the store keeps a copy of, so that neither can be rolled back alone. */
export interface AuditHead {
  /** 0 when nothing was ever written. */
  readonly seq: number;
  readonly hash: string;
}

export interface AuditLogOptions {
  /** The node's own directory, `<state>/audit/<node>`; made (0700) when missing. */
  readonly directory: string;
  readonly node: AuditEvent['node'];
  readonly clock: Clock;
  readonly signer: Signer;
  /** What the log must contain, as the store remembers it. Opening fails when it does not. */
  readonly expected?: AuditHead;
  /** Asked before a failed write is tried again, e.g. whether the disk has room. */
  readonly mayRetry?: () => Promise<boolean>;
  /** Called with whatever a subscriber threw; the log goes on. */
  readonly onListenerFailure: (failure: unknown) => void;
}

interface Staged {
  readonly end: number;
  readonly event: AuditEvent;
}

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #appender: DurableAppender;
  readonly #staged: Staged[] = [];
  readonly #written: Signal<AuditEvent>;
  readonly #failed: Signal<HeldlineError>;
  readonly #recovered: Signal<void>;
  #file: string;
  #last: AuditHead;
  #head: AuditHead;
  #sinceCheckpoint = 0;
  #cancelCheckpoint: Cancel = () => {};

  private constructor(options: AuditLogOptions, opened: OpenedLog, appender: DurableAppender) {
    this.#options = options;
    this.#file = opened.file;
    this.#last = opened.head;
    this.#head = opened.head;
    this.#written = new Signal(options.onListenerFailure);
    this.#failed = new Signal(options.onListenerFailure);
    this.#recovered = new Signal(options.onListenerFailure);
    this.#appender = appender;
    appender.listen({
      onDurable: (position) => this.#onDurable(position),
      onFailure: (failure) => this.#failed.tell(failure),
      onRecovered: () => this.#recovered.tell(),
    });
  }

  /**
   * Opens or starts the log. A torn last line, which was never acknowledged, is cut and told in an event.
   * @throws HeldlineError `audit.damaged` when anything else is wrong, `audit.rolled-back` when the expected head is missing
   */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const opened = await prepareDirectory(options.directory, auditFileName(options.clock.now()), options.expected);
    const log = new AuditLog(options, opened, await openFile(opened, options));
    await log.#begin(opened);
    return log;
  }

  /** The newest event that is on the disk. */
  get head(): AuditHead {
    return this.#head;
  }

  /** Why nothing can be appended at the moment; null when all is well. */
  get failure(): HeldlineError | null {
    return this.#appender.failure;
  }

  /** Hears every event once it is on the disk, in order. */
  subscribe(listener: (event: AuditEvent) => void): Unsubscribe {
    return this.#written.subscribe(listener);
  }

  /** Hears at once when the disk refuses. */
  onFailure(listener: (failure: HeldlineError) => void): Unsubscribe {
    return this.#failed.subscribe(listener);
  }

  onRecovered(listener: () => void): Unsubscribe {
    return this.#recovered.subscribe(listener);
  }

  /** Adds one event; on the disk when this resolves. Events stand in the order of the calls. @throws HeldlineError */
  async append(draft: AuditDraft): Promise<AuditEvent> {
    if (this.#appender.failure !== null) throw this.#appender.failure;
    this.#rotateIfDue();
    const event = this.#stage(draft);
    this.#afterEvent();
    await this.#appender.durable();
    return event;
  }

  /** Signs the head, writes what waits and closes. */
  async close(): Promise<void> {
    this.#checkpoint();
    this.#cancelCheckpoint();
    await this.#appender.close();
  }

  async #begin(opened: OpenedLog): Promise<void> {
    if (opened.kind !== 'continued') this.#stage(openingDraft(opened.previous, this.#last));
    if (opened.cut !== null) {
      this.#stage({ type: 'audit.recovered', outcome: 'success', detail: { file: opened.file, ...opened.cut } });
    }
    await this.#appender.durable();
  }

  #rotateIfDue(): void {
    const file = auditFileName(this.#options.clock.now());
    // A clock that jumped back does not reopen an older file.
    if (file <= this.#file) return;
    this.#checkpoint();
    const previous = this.#file;
    this.#file = file;
    this.#appender.startFile(join(this.#options.directory, file));
    this.#stage(openingDraft(previous, this.#last));
  }

  #stage(draft: AuditDraft): AuditEvent {
    const { clock, node } = this.#options;
    const now = clock.now();
    const { event, line } = encodeLine(withoutSecrets(draft), {
      seq: this.#last.seq + 1,
      time: rfc3339(now),
      id: uuidv7(now),
      node,
      prev: this.#last.hash,
    });
    this.#last = { seq: event.seq, hash: event.hash };
    this.#staged.push({ end: this.#appender.position + line.length, event });
    this.#appender.append(line);
    return event;
  }

  #afterEvent(): void {
    this.#sinceCheckpoint += 1;
    if (this.#sinceCheckpoint >= CHECKPOINT_EVENTS) this.#checkpoint();
    else if (this.#sinceCheckpoint === 1) this.#checkpointLater();
  }

  #checkpointLater(): void {
    const { clock } = this.#options;
    this.#cancelCheckpoint = clock.after(CHECKPOINT_EVERY, () => this.#checkpoint(), { unref: true });
  }

  #checkpoint(): void {
    this.#cancelCheckpoint();
    if (this.#sinceCheckpoint === 0 || this.#appender.failure !== null) return;
    this.#sinceCheckpoint = 0;
    const { clock, node, signer } = this.#options;
    const claims = {
      node: node.id,
      file: this.#file,
      seq: this.#last.seq,
      head: this.#last.hash,
      time: rfc3339(clock.now()),
    };
    const sig = signer.sign(checkpointText(claims));
    this.#stage({ type: 'audit.checkpoint', detail: { ...claims, key_id: signer.keyId, sig } });
  }

  #onDurable(position: number): void {
    for (let next = this.#staged[0]; next !== undefined && next.end <= position; next = this.#staged[0]) {
      this.#staged.shift();
      this.#head = { seq: next.event.seq, hash: next.event.hash };
      this.#written.tell(next.event);
    }
  }
}

function openFile(opened: OpenedLog, options: AuditLogOptions): Promise<DurableAppender> {
  const path = join(options.directory, opened.file);
  const { clock, mayRetry } = options;
  const how = { clock, soleWriter: true, ...(mayRetry === undefined ? {} : { mayRetry }) };
  return opened.kind === 'new' ? DurableAppender.create(path, how) : DurableAppender.continue(path, how);
}

function openingDraft(previous: string | null, head: AuditHead): AuditDraft {
  return {
    type: 'audit.opened',
    detail: { prevFile: previous, prevHead: previous === null ? GENESIS : head.hash },
  };
}

/** Command text without the passwords that were typed into it; its hash stays that of the original. */
function withoutSecrets(draft: AuditDraft): AuditDraft {
  const { command } = draft;
  if (typeof command?.text !== 'string') return draft;
  const text = redactSecrets(command.text);
  if (text === command.text) return draft;
  return { ...draft, command: { sha256: sha256Hex(command.text), ...command, text, redacted: true } };
}
