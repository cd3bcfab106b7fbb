/**
 * Checks a node's whole log: every hash and link, every signature, the head that somebody else remembers, and
 * that every recording it speaks of is still there. Never throws on what it reads; a problem is a value.
 *
 * What it cannot see: entries cut off the end after the last head that was kept elsewhere.
 */
import { join } from 'node:path';
import { describeFailure } from '../base/heldline-error.ts';
import type { SignatureChecker } from '../base/signing.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import { listAuditFiles, readLines } from './audit-files.ts';
import { type AuditProblem, type ChainLink, ChainWalker } from './chain-walker.ts';

/** What is known of a recording outside of the log. */
export type RecordingWitness =
  | { readonly kind: 'missing' }
  | { readonly kind: 'unsealed' }
  | { readonly kind: 'sealed'; readonly head: string };

export interface AuditVerifyOptions {
  /** Directory of one node's log. */
  readonly directory: string;
  readonly checker: SignatureChecker;
  /** The head as the store or a shipped copy knows it. */
  readonly expected?: ChainLink;
  /** Looks a recording up by its session's id. Absent: recordings are only counted. */
  readonly recordings?: (session: string) => Promise<RecordingWitness>;
}

export interface AuditVerification {
  /** `incomplete`: only a torn last line or a missing tail; `tampered`: anything else. */
  readonly kind: 'ok' | 'incomplete' | 'tampered';
  readonly entries: number;
  readonly recordings: number;
  /** RFC 3339; null in an empty log. */
  readonly from: string | null;
  readonly to: string | null;
  /** Key of the newest good checkpoint. */
  readonly keyId: string | null;
  /** Entries after it. */
  readonly unsigned: number;
  readonly head: ChainLink | null;
  readonly problems: readonly AuditProblem[];
}

interface Sealed {
  readonly file: string;
  readonly line: number;
  readonly head: string | null;
}

/** Walks the log once. @returns what was found; a log that cannot be read is a problem, not an exception */
export async function verifyAudit(options: AuditVerifyOptions): Promise<AuditVerification> {
  const walk = new AuditWalk(options);
  await walk.run();
  return walk.result();
}

class AuditWalk {
  readonly #options: AuditVerifyOptions;
  readonly #walker: ChainWalker;
  readonly #recordings = new Map<string, Sealed>();
  readonly #problems: AuditProblem[] = [];
  #entries = 0;
  #from: string | null = null;
  #to: string | null = null;
  #expectedSeen: string | null = null;

  constructor(options: AuditVerifyOptions) {
    this.#options = options;
    this.#walker = new ChainWalker(options.checker, null);
  }

  async run(): Promise<void> {
    await this.#walkFiles();
    this.#compareHead();
    await this.#findRecordings();
  }

  result(): AuditVerification {
    const problems = [...this.#walker.problems, ...this.#problems];
    return {
      kind: verdict(problems),
      entries: this.#entries,
      recordings: this.#recordings.size,
      from: this.#from,
      to: this.#to,
      keyId: this.#walker.keyId,
      unsigned: this.#walker.unsigned,
      head: this.#walker.last,
      problems,
    };
  }

  async #walkFiles(): Promise<void> {
    let file = '';
    try {
      for (file of await listAuditFiles(this.#options.directory)) {
        this.#walker.startFile(file);
        for await (const raw of readLines(join(this.#options.directory, file))) {
          const event = this.#walker.step(raw);
          if (event !== null) this.#note(event, file, raw.number);
        }
      }
    } catch (failure) {
      this.#report('missing-file', file, 0, `Could not be read: ${describeFailure(failure)}`);
    }
  }

  #note(event: AuditEvent, file: string, line: number): void {
    this.#entries += 1;
    this.#from ??= event.time;
    this.#to = event.time;
    if (event.seq === this.#options.expected?.seq) this.#expectedSeen = event.hash;
    this.#noteRecording(event, file, line);
  }

  #noteRecording(event: AuditEvent, file: string, line: number): void {
    const id = event.session?.id;
    if (id === undefined) return;
    const head = event.recording?.['head'];
    const sealed = event.type === 'recording.sealed' || event.type === 'recording.recovered';
    if (event.type === 'recording.started') this.#recordings.set(id, { file, line, head: null });
    if (sealed) this.#recordings.set(id, { file, line, head: typeof head === 'string' ? head : null });
    // Deletion by retention is written down before it happens.
    if (event.type === 'recording.deleted') this.#recordings.delete(id);
  }

  #compareHead(): void {
    const { expected } = this.#options;
    if (expected === undefined || expected.seq === 0) return;
    const lastSeq = this.#walker.last?.seq ?? 0;
    if (lastSeq < expected.seq) {
      this.#report('truncated', '', 0, `The log ends with entry ${lastSeq}; entry ${expected.seq} is known to exist.`);
    } else if (this.#expectedSeen !== expected.hash) {
      this.#report('other-history', '', 0, `Entry ${expected.seq} is not the one that is known to exist.`);
    }
  }

  async #findRecordings(): Promise<void> {
    const { recordings } = this.#options;
    if (recordings === undefined) return;
    for (const [session, { file, line, head }] of this.#recordings) {
      const witness = await recordings(session);
      if (witness.kind === 'missing' || (witness.kind === 'unsealed' && head !== null)) {
        this.#report('missing-recording', file, line, `The recording of session ${session} or its seal is gone.`);
      } else if (witness.kind === 'sealed' && head !== null && witness.head !== head) {
        this.#report(
          'other-recording',
          file,
          line,
          `The recording of session ${session} is not the one that was sealed.`,
        );
      }
    }
  }

  #report(kind: AuditProblem['kind'], file: string, line: number, text: string): void {
    this.#problems.push({ kind, file, line, text });
  }
}

function verdict(problems: readonly AuditProblem[]): AuditVerification['kind'] {
  if (problems.length === 0) return 'ok';
  return problems.every((problem) => problem.kind === 'torn') ? 'incomplete' : 'tampered';
}

/** The result as lines for people; the first one says it all. */
export function describeVerification(result: AuditVerification): string {
  const count = new Intl.NumberFormat('en-US');
  const what = `${count.format(result.entries)} entries, ${count.format(result.recordings)} recordings`;
  if (result.kind === 'ok') {
    const span =
      result.from === null ? 'empty' : `chain unbroken from ${result.from.slice(0, 10)} to ${result.to?.slice(0, 10)}`;
    const key = result.keyId === null ? 'not signed yet' : `signed by key ${result.keyId.slice(0, 4)}`;
    const tail = result.unsigned === 0 ? '' : `; the last ${result.unsigned} wait for the next signature`;
    return `ok: ${what}, ${span}, ${key}${tail}.`;
  }
  const problems = result.problems.map(({ file, line, text }) => (file === '' ? text : `${file}:${line}: ${text}`));
  return [`${result.kind}: ${what}, ${problems.length} problem${problems.length === 1 ? '' : 's'}.`, ...problems].join(
    '\n',
  );
}
