/** What the recordings directory says about a session that the audit log speaks of. */
import type { RecordingWitness } from '../audit/verify.ts';
import { findRecording } from '../recording/catalogue.ts';

/** @param root directory of all recordings  @param session a session's full id */
export async function recordingWitness(root: string, session: string): Promise<RecordingWitness> {
  const found = await findRecording(root, session);
  if (found.kind !== 'found') return { kind: 'missing' };
  const { seal } = found.entry.files;
  return seal === null ? { kind: 'unsealed' } : { kind: 'sealed', head: seal.head };
}
