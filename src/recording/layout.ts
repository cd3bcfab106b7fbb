/** Where the files of a recording lie, and how they are created so that they are never overwritten. */
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HeldlineError } from '../base/heldline-error.ts';
import { syncDirectory } from '../base/sync-directory.ts';

export const META_FILE = 'meta.json';
export const SEAL_FILE = 'seal.json';

const SEGMENT_NAME = /^\d{6}\.cast\.gz$/;
const SESSION_ID = /^[0-9a-zA-Z-]{8,64}$/;

/** `<root>/2026/11/20/<session>`. @param startedAt ms since the epoch; days are UTC days */
export function recordingDirectory(root: string, session: string, startedAt: number): string {
  if (!SESSION_ID.test(session)) throw new TypeError('A session id is letters, digits and hyphens.');
  return join(root, ...new Date(startedAt).toISOString().slice(0, 10).split('-'), session);
}

/** `000000.cast.gz` */
export function segmentName(index: number): string {
  return `${String(index).padStart(6, '0')}.cast.gz`;
}

/** Whether a file of a recording's directory is a segment. */
export function isSegmentName(name: string): boolean {
  return SEGMENT_NAME.test(name);
}

/** Makes a recording's directory (0700), which must be new, and makes its name durable. */
export async function makeRecordingDirectory(path: string): Promise<void> {
  const day = dirname(path);
  await mkdir(day, { recursive: true, mode: 0o700 });
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (failure) {
    throw cannotMake(path, failure);
  }
  await syncDirectory(day);
}

/** Writes a new file (0600) durably; fails if it exists. */
export async function writeOnce(path: string, text: string): Promise<void> {
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(dirname(path));
}

function cannotMake(path: string, cause: unknown): HeldlineError {
  return new HeldlineError('recording.directory', `Could not make the new directory ${path}.`, { cause });
}
