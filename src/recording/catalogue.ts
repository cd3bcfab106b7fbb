/**
 * Finds recordings by id, by time, by who and where. Reads `meta.json` and `seal.json` only; the directories
 * are the index, so there is nothing to rebuild or to get out of step.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionState } from '../model/session.ts';
import { openRecording, type RecordingFiles } from './reader.ts';

export interface RecordingDirectory {
  readonly session: string;
  readonly directory: string;
}

/** Which recordings are wanted; what is absent does not matter. Times in ms since the epoch. */
export interface RecordingFilter {
  /** Started at or after. */
  readonly since?: number;
  /** Started before. */
  readonly until?: number;
  readonly user?: string;
  readonly target?: string;
  readonly login?: string;
}

export interface CatalogueEntry {
  readonly files: RecordingFiles;
  readonly state: SessionState;
  readonly startedAt: number;
  /** null while running. */
  readonly endedAt: number | null;
}

export type FoundRecording =
  | { readonly kind: 'found'; readonly entry: CatalogueEntry }
  | { readonly kind: 'none' }
  /** A prefix that fits several. */
  | { readonly kind: 'several'; readonly sessions: readonly string[] }
  | { readonly kind: 'unreadable'; readonly session: string; readonly why: string };

const DAY = 86_400_000;
const MIN_PREFIX = 4;

/** Directories of all recordings, oldest day first, ids in order within a day. */
export async function listDirectories(root: string, filter: RecordingFilter = {}): Promise<RecordingDirectory[]> {
  const found: RecordingDirectory[] = [];
  for (const day of await listDays(root)) {
    if (!dayMatches(day, filter)) continue;
    const directory = join(root, ...day.split('-'));
    for (const session of await names(directory)) found.push({ session, directory: join(directory, session) });
  }
  return found;
}

/** The wanted recordings, oldest first. Directories that are no recordings are left out; `audit verify` misses them. */
export async function listRecordings(root: string, filter: RecordingFilter = {}): Promise<CatalogueEntry[]> {
  const entries: CatalogueEntry[] = [];
  for (const { directory } of await listDirectories(root, filter)) {
    const opened = await openRecording(directory);
    if (opened.kind === 'unreadable') continue;
    const entry = entryOf(opened.files);
    if (entryMatches(entry, filter)) entries.push(entry);
  }
  return entries.sort((a, b) => a.startedAt - b.startedAt);
}

/** The recording with this id, or with the only id that begins or ends so. @param id at least 4 characters */
export async function findRecording(root: string, id: string): Promise<FoundRecording> {
  if (id.length < MIN_PREFIX) return { kind: 'none' };
  const all = await listDirectories(root);
  const exact = all.filter(({ session }) => session === id);
  const matches =
    exact.length > 0 ? exact : all.filter(({ session }) => session.startsWith(id) || session.endsWith(id));
  const [match, second] = matches;
  if (match === undefined) return { kind: 'none' };
  if (second !== undefined) return { kind: 'several', sessions: matches.map(({ session }) => session) };
  const opened = await openRecording(match.directory);
  if (opened.kind === 'unreadable') return { kind: 'unreadable', session: match.session, why: opened.why };
  return { kind: 'found', entry: entryOf(opened.files) };
}

function entryOf(files: RecordingFiles): CatalogueEntry {
  const { meta, seal } = files;
  return {
    files,
    state: stateOf(files),
    startedAt: Date.parse(meta.startedAt),
    endedAt: seal === null ? null : Date.parse(seal.endedAt),
  };
}

function stateOf({ seal, sealDamaged }: RecordingFiles): SessionState {
  if (sealDamaged) return 'failed';
  if (seal === null) return 'live';
  return seal.state === 'complete' ? 'ended' : seal.state;
}

function entryMatches(entry: CatalogueEntry, filter: RecordingFilter): boolean {
  const { user, target, login } = entry.files.meta;
  return (
    entry.startedAt >= (filter.since ?? Number.NEGATIVE_INFINITY) &&
    entry.startedAt < (filter.until ?? Number.POSITIVE_INFINITY) &&
    (filter.user ?? user) === user &&
    (filter.target ?? target) === target &&
    (filter.login ?? login) === login
  );
}

function dayMatches(day: string, filter: RecordingFilter): boolean {
  const start = Date.parse(day);
  return start + DAY > (filter.since ?? Number.NEGATIVE_INFINITY) && start < (filter.until ?? Number.POSITIVE_INFINITY);
}

async function listDays(root: string): Promise<string[]> {
  const days: string[] = [];
  for (const year of await names(root, /^\d{4}$/)) {
    for (const month of await names(join(root, year), /^\d{2}$/)) {
      for (const day of await names(join(root, year, month), /^\d{2}$/)) days.push(`${year}-${month}-${day}`);
    }
  }
  return days;
}

/** Directory names in order; none when the directory does not exist. */
async function names(directory: string, pattern: RegExp = /^[0-9a-zA-Z-]+$/): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && pattern.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'ENOENT') return [];
    throw failure;
  }
}
