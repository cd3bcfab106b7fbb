/**
 * Store and audit log remember each other, so that neither can be rolled back alone: the store keeps the head
 * of the log (the log refuses to open without it), and the log keeps the sequence of the store. What was
 * written after the last mutual note, at most a minute before a crash, is not covered.
 */
import { join } from 'node:path';
import { listAuditFiles, readLines } from '../audit/audit-files.ts';
import { parseLine } from '../audit/audit-line.ts';
import type { AuditHead } from '../audit/audit-log.ts';
import type { Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { AuditSink } from '../model/audit-event.ts';

const TYPE = 'store.witnessed';
const WITNESS_EVERY = 60_000;

/** The half that is the store. */
export interface WitnessedStore {
  readonly sequence: number;
  noteAuditHead(node: string, head: AuditHead): Promise<void>;
}

export interface MutualWitnessParts {
  readonly store: WitnessedStore;
  readonly audit: AuditSink & { readonly head: AuditHead };
  readonly node: string;
  readonly clock: Clock;
}

export class MutualWitness {
  readonly #parts: MutualWitnessParts;
  #witnessed = -1;
  #witnessedAt: number;
  /** Notes since then; they raise the sequence themselves and are no reason for another event. */
  #ownNotes = 0;
  #noted = -1;

  constructor(parts: MutualWitnessParts) {
    this.#parts = parts;
    this.#witnessedAt = parts.clock.monotonic() - WITNESS_EVERY;
  }

  /** For every few seconds: tells the store how far the log is, and once a minute the log how far the store is. */
  async note(): Promise<void> {
    const { store, clock } = this.#parts;
    const isDue = clock.monotonic() - this.#witnessedAt >= WITNESS_EVERY;
    if (isDue && store.sequence > this.#witnessed + this.#ownNotes) await this.witness();
    await this.#noteHead();
  }

  /** Writes the sequence of the store into the log now; for the end of a run. */
  async witness(): Promise<void> {
    const { store, audit, clock } = this.#parts;
    const sequence = store.sequence;
    await audit.append({ type: TYPE, outcome: 'success', detail: { store_seq: sequence } });
    this.#witnessed = sequence;
    this.#witnessedAt = clock.monotonic();
    this.#ownNotes = 0;
  }

  async #noteHead(): Promise<void> {
    const { store, audit, node } = this.#parts;
    const { head } = audit;
    if (head.seq === this.#noted) return;
    await store.noteAuditHead(node, head);
    this.#noted = head.seq;
    this.#ownNotes += 1;
  }
}

/** @throws HeldlineError `store.rolled-back` when the log in `directory` has seen a later store than this one */
export async function refuseRolledBackStore(sequence: number, directory: string): Promise<void> {
  const witnessed = await lastWitnessed(directory);
  if (witnessed === null || sequence >= witnessed) return;
  throw new HeldlineError(
    'store.rolled-back',
    `The audit log knows the store at ${witnessed}, but it is at ${sequence}.`,
    {
      hint: 'Somebody put an older store in place. Restore store and audit log from the same backup.',
    },
  );
}

/** The highest sequence of a store that the log in `directory` has seen; null when it has seen none. */
export async function lastWitnessed(directory: string): Promise<number | null> {
  const files = await listAuditFiles(directory);
  for (const file of [...files].reverse()) {
    const witnessed = await lastWitnessedIn(join(directory, file));
    if (witnessed !== null) return witnessed;
  }
  return null;
}

async function lastWitnessedIn(path: string): Promise<number | null> {
  let last: number | null = null;
  for await (const { bytes, ended } of readLines(path)) {
    const event = ended ? parseLine(bytes)?.event : undefined;
    const sequence = event?.type === TYPE ? event.detail?.['store_seq'] : undefined;
    if (typeof sequence === 'number') last = Math.max(sequence, last ?? 0);
  }
  return last;
}
