/** Changes that are not stored yet, over what is: a transaction's over its group's, a group's over the tables. */
import type { Put } from './journal.ts';
import { TABLE_NAMES, type TableMaps, type TableName, type Tables } from './tables.ts';

/** null stands for a removal. */
type Changes = { readonly [K in TableName]: Map<string, Tables[K] | null> };

export class Overlay {
  readonly #below: Overlay | TableMaps;
  readonly #changes: Changes = {
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

  constructor(below: Overlay | TableMaps) {
    this.#below = below;
  }

  get<K extends TableName>(table: K, id: string): Tables[K] | undefined {
    const changed: Tables[K] | null | undefined = this.#changes[table].get(id);
    if (changed !== undefined) return changed ?? undefined;
    return this.#below instanceof Overlay ? this.#below.get(table, id) : this.#below[table].get(id);
  }

  all<K extends TableName>(table: K): readonly Tables[K][] {
    return [...this.#merged(table).values()];
  }

  put<K extends TableName>(table: K, id: string, value: Tables[K]): void {
    this.#changes[table].set(id, value);
  }

  remove(table: TableName, id: string): void {
    this.#changes[table].set(id, null);
  }

  /** Hands the changes to the overlay below. */
  putInto(group: Overlay): void {
    for (const table of TABLE_NAMES) copyChanges(table, this.#changes, group.#changes);
  }

  /** The changes as a journal record keeps them. */
  puts(): readonly Put[] {
    return TABLE_NAMES.flatMap((table) => [...this.#changes[table]].map(([id, value]): Put => [table, id, value]));
  }

  /** Makes the changes visible in the tables. */
  applyTo(maps: TableMaps): void {
    for (const table of TABLE_NAMES) applyChanges(table, this.#changes, maps);
  }

  #merged<K extends TableName>(table: K): Map<string, Tables[K]> {
    const merged: Map<string, Tables[K]> =
      this.#below instanceof Overlay ? this.#below.#merged(table) : new Map(this.#below[table]);
    applyTo(merged, this.#changes[table]);
    return merged;
  }
}

function copyChanges<K extends TableName>(table: K, from: Changes, to: Changes): void {
  const target: Map<string, Tables[K] | null> = to[table];
  for (const [id, value] of from[table]) target.set(id, value);
}

function applyChanges<K extends TableName>(table: K, changes: Changes, maps: TableMaps): void {
  applyTo(maps[table], changes[table]);
}

function applyTo<T>(to: Map<string, T>, changes: ReadonlyMap<string, T | null>): void {
  for (const [id, value] of changes) {
    if (value === null) to.delete(id);
    else to.set(id, value);
  }
}
