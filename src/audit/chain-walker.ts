/**
 * Follows the chain line by line and names what is wrong with it: edited, removed, reordered lines, broken
 * hand-over between files, checkpoints that do not fit. What was cut off at the end it cannot see.
 */
import type { SignatureChecker } from '../base/signing.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import type { RawLine } from './audit-files.ts';
import { GENESIS, parseLine } from './audit-line.ts';
import { checkpointText, parseCheckpoint } from './checkpoint.ts';

export type AuditProblemKind =
  | 'edited'
  | 'removed'
  | 'reordered'
  | 'relinked'
  | 'torn'
  | 'bad-signature'
  | 'unknown-key'
  | 'unsigned'
  | 'missing-file'
  | 'truncated'
  | 'other-history'
  | 'missing-recording'
  | 'other-recording';

/** One thing wrong, and where. */
export interface AuditProblem {
  readonly kind: AuditProblemKind;
  readonly file: string;
  /** One-based; 0 when it is about the whole file or log. */
  readonly line: number;
  /** A sentence for people. */
  readonly text: string;
}

/** A log writes a checkpoint every 1000 events; this leaves room for those that wait in one batch. */
const UNSIGNED_LIMIT = 2000;

export interface ChainLink {
  readonly seq: number;
  readonly hash: string;
}

/** One walk over a node's log, from its first line or from a known link. */
export class ChainWalker {
  readonly #checker: SignatureChecker | null;
  readonly #problems: AuditProblem[] = [];
  #last: ChainLink | null;
  #file = '';
  #previousFile: string | null = null;
  #sinceCheckpoint = 0;
  #keyId: string | null = null;

  /** @param checker null: checkpoints are followed but their signatures are not checked */
  constructor(checker: SignatureChecker | null, from: ChainLink | null) {
    this.#checker = checker;
    this.#last = from;
  }

  get problems(): readonly AuditProblem[] {
    return this.#problems;
  }

  /** The newest line walked over; null before the first. */
  get last(): ChainLink | null {
    return this.#last;
  }

  /** Events after the newest good checkpoint: not yet vouched for by a signature. */
  get unsigned(): number {
    return this.#sinceCheckpoint;
  }

  /** The key of the newest good checkpoint. */
  get keyId(): string | null {
    return this.#keyId;
  }

  startFile(name: string): void {
    this.#previousFile = this.#file === '' ? null : this.#file;
    this.#file = name;
  }

  /** Takes the next line; returns its event unless it is not one. */
  step(raw: RawLine): AuditEvent | null {
    if (!raw.ended) {
      this.#report('torn', raw, 'The last line was not written to its end.');
      return null;
    }
    const parsed = parseLine(raw.bytes);
    if (parsed === null) {
      this.#report('edited', raw, 'This line is not an event.');
      return null;
    }
    const { event } = parsed;
    if (!parsed.intact) this.#report('edited', raw, `Entry ${event.seq} was changed after it was written.`);
    this.#checkLink(event, raw);
    this.#checkOpening(event, raw);
    this.#checkCheckpoint(event, raw);
    this.#last = { seq: event.seq, hash: event.hash };
    return event;
  }

  #checkLink(event: AuditEvent, raw: RawLine): void {
    const seq = this.#last?.seq ?? 0;
    const prev = this.#last?.hash ?? GENESIS;
    if (event.seq > seq + 1) {
      this.#report('removed', raw, `Entries ${seq + 1} to ${event.seq - 1} are missing before this line.`);
    } else if (event.seq <= seq) {
      this.#report('reordered', raw, `Entry ${event.seq} stands after entry ${seq}.`);
    } else if (event.prev !== prev) {
      this.#report('relinked', raw, `Entry ${event.seq} does not continue the entry before it.`);
    }
  }

  #checkOpening(event: AuditEvent, raw: RawLine): void {
    if (raw.number !== 1) return;
    const named = event.type === 'audit.opened' ? event.detail?.['prevFile'] : undefined;
    if (named === undefined) {
      this.#report('removed', raw, 'The file does not begin with its opening entry.');
    } else if (this.#previousFile !== null && named !== this.#previousFile) {
      this.#report('missing-file', raw, `The file before this one was ${String(named)}.`);
    }
  }

  #checkCheckpoint(event: AuditEvent, raw: RawLine): void {
    if (event.type !== 'audit.checkpoint') {
      this.#sinceCheckpoint += 1;
      if (this.#sinceCheckpoint === UNSIGNED_LIMIT) {
        this.#report('unsigned', raw, `${UNSIGNED_LIMIT} entries in a row without a signature.`);
      }
      return;
    }
    const checkpoint = parseCheckpoint(event);
    const matches = checkpoint?.seq === this.#last?.seq && checkpoint?.head === this.#last?.hash;
    if (checkpoint === null || !matches) {
      this.#report('bad-signature', raw, 'The checkpoint does not speak of the line before it.');
      return;
    }
    const check = this.#checker?.(checkpointText(checkpoint), checkpoint.sig, checkpoint.key_id) ?? 'valid';
    if (check === 'invalid') this.#report('bad-signature', raw, 'The signature of the checkpoint is wrong.');
    if (check === 'unknown-key') this.#report('unknown-key', raw, `Signed by the unknown key ${checkpoint.key_id}.`);
    if (check !== 'valid') return;
    this.#sinceCheckpoint = 0;
    this.#keyId = checkpoint.key_id;
  }

  #report(kind: AuditProblemKind, raw: RawLine, text: string): void {
    this.#problems.push({ kind, file: this.#file, line: raw.number, text });
  }
}
