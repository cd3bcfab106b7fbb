/**
 * Looks at a log before it is written to: follows the newest file, cuts a torn last line, finds the head.
 * Anything else that is wrong stops it: a log that was tampered with is not continued as if nothing happened.
 */
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { HeldlineError } from '../base/heldline-error.ts';
import { listAuditFiles, type RawLine, readLines } from './audit-files.ts';
import { GENESIS, parseLine } from './audit-line.ts';
import { type ChainLink, ChainWalker } from './chain-walker.ts';

/** What was cut off the end: the beginning of one line that was never acknowledged. */
export interface CutTail {
  readonly cutBytes: number;
  readonly cutSha256: string;
}

/**
 * `new`: the file does not exist yet. `empty`: it exists and has no line (its first one was torn).
 * `continued`: its last line is the head.
 */
export interface OpenedLog {
  readonly kind: 'new' | 'empty' | 'continued';
  readonly file: string;
  /** The file before, which an opening entry names. */
  readonly previous: string | null;
  readonly head: ChainLink;
  readonly cut: CutTail | null;
}

const EMPTY_HEAD: ChainLink = { seq: 0, hash: GENESIS };

/**
 * @param today name of the file to start when there is none
 * @throws HeldlineError `audit.damaged`, `audit.rolled-back`, `audit.unreadable`
 */
export async function prepareDirectory(directory: string, today: string, expected?: ChainLink): Promise<OpenedLog> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const opened = await findEnd(directory, today);
  if (expected !== undefined && expected.seq > 0) await requireLink(directory, opened.head, expected);
  return opened;
}

async function findEnd(directory: string, today: string): Promise<OpenedLog> {
  const files = await listAuditFiles(directory);
  const newest = files.at(-1);
  const previous = files.at(-2) ?? null;
  if (newest === undefined) return { kind: 'new', file: today, previous: null, head: EMPTY_HEAD, cut: null };
  const before = previous === null ? null : await lastLink(join(directory, previous));
  const { last, cut } = await followFile(directory, newest, previous, before);
  const end = { file: newest, previous, cut };
  if (last === null) return { ...end, kind: 'empty', head: before ?? EMPTY_HEAD };
  return { ...end, kind: 'continued', head: last };
}

async function followFile(
  directory: string,
  file: string,
  previous: string | null,
  before: ChainLink | null,
): Promise<{ last: ChainLink | null; cut: CutTail | null }> {
  const path = join(directory, file);
  const walker = new ChainWalker(null, before);
  if (previous !== null) walker.startFile(previous);
  walker.startFile(file);
  let cut: CutTail | null = null;
  let lines = 0;
  for await (const raw of readLines(path)) {
    if (!raw.ended) {
      cut = await cutTail(path, raw);
      break;
    }
    walker.step(raw);
    lines += 1;
    const [problem] = walker.problems;
    if (problem !== undefined) throw damaged(path, problem.line, problem.text);
  }
  return { last: lines === 0 ? null : walker.last, cut };
}

async function cutTail(path: string, raw: RawLine): Promise<CutTail> {
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(raw.offset);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { cutBytes: raw.bytes.length, cutSha256: createHash('sha256').update(raw.bytes).digest('hex') };
}

async function lastLink(path: string): Promise<ChainLink> {
  let last: RawLine | null = null;
  for await (const raw of readLines(path)) last = { ...raw, bytes: raw.bytes };
  const parsed = last?.ended === true ? parseLine(last.bytes) : null;
  if (last === null || parsed === null || !parsed.intact) {
    throw damaged(path, last?.number ?? 0, 'The last entry of an older file is not whole.');
  }
  return { seq: parsed.event.seq, hash: parsed.event.hash };
}

async function requireLink(directory: string, head: ChainLink, expected: ChainLink): Promise<void> {
  if (head.seq === expected.seq && head.hash === expected.hash) return;
  if (head.seq > expected.seq && (await hashAt(directory, expected.seq)) === expected.hash) return;
  throw new HeldlineError(
    'audit.rolled-back',
    `The audit log does not contain entry ${expected.seq} as the store knows it.`,
    {
      hint: 'Store and audit log must come from the same backup.',
    },
  );
}

/** The hash of entry `seq`; null when no file has it. */
async function hashAt(directory: string, seq: number): Promise<string | null> {
  for (const file of (await listAuditFiles(directory)).reverse()) {
    for await (const raw of readLines(join(directory, file))) {
      const event = parseLine(raw.bytes)?.event;
      if (event?.seq === seq) return event.hash;
      // Files hold rising entries: when the first one is newer, look in the file before.
      if (event !== undefined && event.seq > seq) break;
    }
  }
  return null;
}

function damaged(path: string, line: number, text: string): HeldlineError {
  return new HeldlineError('audit.damaged', `${path}:${line}: ${text}`, {
    hint: 'Run "heldline audit verify" and keep the files as evidence.',
  });
}
