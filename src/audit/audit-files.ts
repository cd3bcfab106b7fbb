/** The files of one node's log: their names, their order, their lines as bytes. Judges nothing. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';

const NAME = /^audit-\d{4}-\d{2}-\d{2}\.ndjson$/;
/** Longer than any event: text of at most 256 KiB, every byte of it escaped. */
const MAX_LINE = 8 << 20;

/** One line of a file, not yet understood. */
export interface RawLine {
  /** One-based. */
  readonly number: number;
  /** Offset of its first byte. */
  readonly offset: number;
  /** Without the newline. */
  readonly bytes: Buffer;
  /** Whether a newline followed; a line without one was being written when the writer died. */
  readonly ended: boolean;
}

/** `audit-2026-11-20.ndjson`. @param now ms since the epoch; days are UTC days */
export function auditFileName(now: number): string {
  return `audit-${new Date(now).toISOString().slice(0, 10)}.ndjson`;
}

/** Names of the log's files, oldest first. */
export async function listAuditFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => NAME.test(name)).sort();
}

/** The lines of a file in order. @throws HeldlineError `audit.damaged` on a line longer than any event */
export async function* readLines(path: string): AsyncGenerator<RawLine> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  let number = 0;
  for await (const chunk of chunksOf(path)) {
    const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = buffer.indexOf(10); end !== -1; end = buffer.indexOf(10, start)) {
      number += 1;
      yield { number, offset: offset + start, bytes: buffer.subarray(start, end), ended: true };
      start = end + 1;
    }
    offset += start;
    rest = buffer.subarray(start);
    if (rest.length > MAX_LINE) throw new HeldlineError('audit.damaged', `${path}: line ${number + 1} has no end.`);
  }
  if (rest.length > 0) yield { number: number + 1, offset, bytes: rest, ended: false };
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) yield chunk as Buffer;
  } catch (failure) {
    throw unreadable(path, failure);
  }
}

function unreadable(path: string, cause: unknown): HeldlineError {
  return new HeldlineError('audit.unreadable', `Could not read ${path}: ${describeFailure(cause)}`, { cause });
}
