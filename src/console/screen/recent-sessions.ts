/** One person's latest sessions, from the recordings. */
import { listDirectories } from '../../recording/catalogue.ts';
import { openRecording, type RecordingFiles } from '../../recording/reader.ts';

const WINDOW = 14 * 86_400_000;
/** Recordings that are looked into at most, the latest ones. */
const MOST = 300;

/** Newest first. @param now ms since the epoch */
export async function recentSessions(root: string, user: string, now: number): Promise<readonly RecordingFiles[]> {
  const directories = await listDirectories(root, { since: now - WINDOW });
  const opened = await Promise.all(directories.slice(-MOST).map(({ directory }) => openRecording(directory)));
  const own = opened.flatMap((one) => (one.kind !== 'unreadable' && one.files.meta.user === user ? [one.files] : []));
  return own.sort((a, b) => Date.parse(b.meta.startedAt) - Date.parse(a.meta.startedAt));
}
