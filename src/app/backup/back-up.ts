/**
 * `heldline backup`: the store, the keys, the configuration, the policy and the audit log in one file. Works beside
 * a running daemon. Recordings stay where they are: they are large, sealed and never change.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { copyStore } from '../../store/embedded/copy-store.ts';
import { stateLayout } from '../open-state.ts';
import { VERSION } from '../version.ts';
import { ArchiveWriter } from './archive.ts';

/** Writes the backup. @returns how many files are in it. @throws HeldlineError `backup.file`, `store.*` */
export async function backUp(config: Config, file: string, now: number): Promise<number> {
  const layout = stateLayout(config.paths.state);
  // The store first: the head of the log that it remembers must be in the log that is read after it.
  const store = await copyStore(layout.store);
  const archive = await ArchiveWriter.create(file, { created_at: new Date(now).toISOString(), version: VERSION });
  await archive.add('store/snapshot.json', Buffer.from(store));
  await archive.add(`config/${basename(config.file)}`, await readFile(config.file));
  let count = 2;
  for (const [folder, directory] of Object.entries({
    policy: config.paths.policy,
    keys: layout.keys,
    policies: layout.policies,
    audit: layout.audit,
  })) {
    for (const name of await plainFiles(directory)) {
      await archive.add(`${folder}/${name}`, wholeLines(folder, await readFile(join(directory, name))));
      count += 1;
    }
  }
  await archive.finish();
  return count;
}

async function plainFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(entry.name));
  return files.map((entry) => entry.name).sort();
}

/** A log that is being written may end in half a line. */
function wholeLines(folder: string, content: Buffer): Buffer {
  return folder === 'audit' ? content.subarray(0, content.lastIndexOf(0x0a) + 1) : content;
}
