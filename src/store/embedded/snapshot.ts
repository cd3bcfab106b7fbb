/** Between the tables in memory and what stands in the snapshot and the journal. */
import { HeldlineError } from '../../base/heldline-error.ts';
import type { JournalRecord } from './journal.ts';
import {
  SCHEMA,
  type Snapshot,
  TABLE_NAMES,
  type TableMaps,
  type TableName,
  type TableRecords,
  type Tables,
  YOUNGER_TABLES,
} from './tables.ts';

export function emptyMaps(): TableMaps {
  return {
    users: new Map(),
    factors: new Map(),
    enrolments: new Map(),
    words: new Map(),
    tokens: new Map(),
    targets: new Map(),
    requests: new Map(),
    accessGrants: new Map(),
    commandGrants: new Map(),
    breakGlasses: new Map(),
    lockdowns: new Map(),
    outbox: new Map(),
    shortIds: new Map(),
    notes: new Map(),
  };
}

/** The tables as of sequence `seq`. */
export function snapshotOf(maps: TableMaps, seq: number): Snapshot {
  return {
    schema: SCHEMA,
    seq,
    tables: {
      users: Object.fromEntries(maps.users),
      factors: Object.fromEntries(maps.factors),
      enrolments: Object.fromEntries(maps.enrolments),
      words: Object.fromEntries(maps.words),
      tokens: Object.fromEntries(maps.tokens),
      targets: Object.fromEntries(maps.targets),
      requests: Object.fromEntries(maps.requests),
      accessGrants: Object.fromEntries(maps.accessGrants),
      commandGrants: Object.fromEntries(maps.commandGrants),
      breakGlasses: Object.fromEntries(maps.breakGlasses),
      lockdowns: Object.fromEntries(maps.lockdowns),
      outbox: Object.fromEntries(maps.outbox),
      shortIds: Object.fromEntries(maps.shortIds),
      notes: Object.fromEntries(maps.notes),
    },
  };
}

export function mapsOf(snapshot: Snapshot): TableMaps {
  const maps = emptyMaps();
  for (const table of TABLE_NAMES) fill(table, maps, snapshot.tables);
  return maps;
}

/** @throws HeldlineError `store.schema` for another version's, `store.damaged` for anything else */
export function checkSnapshot(value: unknown): Snapshot {
  if (typeof value !== 'object' || value === null || !('schema' in value)) throw damaged('the snapshot');
  if (value.schema !== SCHEMA) {
    throw new HeldlineError(
      'store.schema',
      `The store has schema ${String(value.schema)}; this version reads ${SCHEMA}.`,
      {
        hint: 'Use the version of Heldline that wrote it, or restore a matching backup.',
      },
    );
  }
  if (!isSnapshot(value)) throw damaged('the snapshot');
  return value;
}

/**
 * Applies the records after `from` and returns the last sequence.
 * @throws HeldlineError `store.damaged` when one is missing or speaks of an unknown table
 */
export function replay(maps: TableMaps, from: number, records: readonly JournalRecord[]): number {
  let seq = from;
  for (const record of records) {
    // A crash between snapshot and new journal leaves records that the snapshot already contains.
    if (record.s <= from) continue;
    if (record.s !== seq + 1) throw damaged(`the journal (record ${seq + 1} is missing)`);
    for (const [table, id, value] of record.p) {
      if (!isTableName(table)) throw damaged(`the journal (unknown table in record ${record.s})`);
      replayOne(maps, table, id, value);
    }
    seq = record.s;
  }
  return seq;
}

/** The checksum vouches that `value` is what this program wrote under the same schema. */
function replayOne<K extends TableName>(maps: TableMaps, table: K, id: string, value: unknown): void {
  const map: Map<string, Tables[K]> = maps[table];
  if (value === null) map.delete(id);
  else map.set(id, value as Tables[K]);
}

function fill<K extends TableName>(table: K, maps: TableMaps, records: TableRecords): void {
  const map: Map<string, Tables[K]> = maps[table];
  for (const [id, value] of Object.entries<Tables[K]>(records[table] ?? {})) map.set(id, value);
}

function isTableName(text: string): text is TableName {
  return TABLE_NAMES.some((name) => name === text);
}

function isSnapshot(value: object): value is Snapshot {
  if (!('seq' in value && Number.isSafeInteger(value.seq) && 'tables' in value)) return false;
  const { tables } = value;
  if (typeof tables !== 'object' || tables === null) return false;
  return TABLE_NAMES.every((name) => {
    const table: unknown = Reflect.get(tables, name);
    return typeof table === 'object' || (table === undefined && YOUNGER_TABLES.has(name));
  });
}

function damaged(what: string): HeldlineError {
  return new HeldlineError('store.damaged', `The store is damaged: ${what}.`, {
    hint: 'Nothing was changed. Restore a backup.',
  });
}
