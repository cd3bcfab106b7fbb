/**
 * Reads the store's files without owning them: for commands that work while no daemon runs, or beside one. What
 * it returns may be a moment old; nothing that permits anything may be built on it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './durable-json-file.ts';
import { parseRecords } from './journal.ts';
import { checkSnapshot, emptyMaps, mapsOf, replay } from './snapshot.ts';
import type { TableMaps } from './tables.ts';

/** The tables as the files have them; empty ones when there is no store. @throws HeldlineError `store.damaged`, `store.schema` */
export async function peekStore(directory: string): Promise<TableMaps> {
  try {
    const snapshot = checkSnapshot(JSON.parse(await readFile(join(directory, 'snapshot.json'), 'utf8')));
    const maps = mapsOf(snapshot);
    const journal = join(directory, 'journal.ndjson');
    const content = await readFile(journal, 'utf8');
    replay(maps, snapshot.seq, parseRecords(journal, content.slice(0, content.lastIndexOf('\n') + 1)));
    return maps;
  } catch (failure) {
    if (isMissing(failure)) return emptyMaps();
    throw failure;
  }
}
