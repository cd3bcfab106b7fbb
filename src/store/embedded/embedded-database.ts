/**
 * Tables in memory, a snapshot (lowdb `Low`) and a journal on disk, and serial transactions with group commit:
 * up to 256 waiting ones run one after the other on an overlay, reach the disk with one write and one sync,
 * and only then become visible and are acknowledged. So nobody ever reads what is not stored.
 *
 * Fails closed: after the first failed write every further transaction is refused until a restart. Knows
 * nothing of what the tables mean; the stores beside it do.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Low } from 'lowdb';
import { HeldlineError } from '../../base/heldline-error.ts';
import { Signal, type Unsubscribe } from '../../base/signal.ts';
import { DurableJSONFile } from './durable-json-file.ts';
import { type AppendDurably, appendAndSync, Journal } from './journal.ts';
import { Overlay } from './overlay.ts';
import { OwnershipLock } from './ownership-lock.ts';
import { checkSnapshot, emptyMaps, mapsOf, replay, snapshotOf } from './snapshot.ts';
import type { Snapshot, TableMaps, TableName, Tables } from './tables.ts';

const GROUP = 256;

export interface EmbeddedOptions {
  /** `<state>/store`; made with mode 0700 by `initialise`. */
  readonly directory: string;
  /** How records reach the disk; only tests give another. */
  readonly append?: AppendDurably;
  /** Bytes of journal after which the snapshot is written anew. */
  readonly compactAfterBytes?: number;
  /** Records of journal after which the snapshot is written anew. */
  readonly compactAfterRecords?: number;
}

/** What a transaction may do. Reads see what it and earlier ones have put. */
export interface Transaction {
  get<K extends TableName>(table: K, id: string): Tables[K] | undefined;
  all<K extends TableName>(table: K): readonly Tables[K][];
  put<K extends TableName>(table: K, id: string, value: Tables[K]): void;
  remove(table: TableName, id: string): void;
}

interface Waiting {
  /** Runs the body on the overlay of the group; returns what to tell the caller once it is durable. */
  readonly run: (group: Overlay) => () => void;
  readonly reject: (failure: unknown) => void;
}

export class EmbeddedDatabase {
  readonly #lock: OwnershipLock;
  readonly #snapshot: Low<Snapshot>;
  readonly #journal: Journal;
  readonly #maps: TableMaps;
  readonly #compactAfterBytes: number;
  readonly #compactAfterRecords: number;
  readonly #failures = new Signal<HeldlineError>(() => undefined);
  #seq: number;
  #records: number;
  #queue: Waiting[] = [];
  #working: Promise<void> | null = null;
  #dead: HeldlineError | null = null;

  private constructor(parts: Parts, options: EmbeddedOptions) {
    this.#lock = parts.lock;
    this.#snapshot = parts.snapshot;
    this.#journal = parts.journal;
    this.#maps = parts.maps;
    this.#seq = parts.seq;
    this.#records = parts.records;
    this.#compactAfterBytes = options.compactAfterBytes ?? 10_000_000;
    this.#compactAfterRecords = options.compactAfterRecords ?? 10_000;
  }

  /** Makes an empty store. @throws HeldlineError `store.exists` when there is one */
  static async initialise(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const names = await readdir(directory);
    if (names.some((name) => name === 'snapshot.json' || name === 'journal.ndjson')) {
      throw new HeldlineError('store.exists', `There is a store in ${directory} already.`, { kind: 'conflict' });
    }
    await Journal.create(journalPath(directory));
    await snapshotFile(directory).write(snapshotOf(emptyMaps(), 0));
  }

  /**
   * Takes ownership and recovers.
   * @throws HeldlineError `store.owned`, `store.missing`, `store.damaged`, `store.schema`, `store.mode`
   */
  static async open(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
    await refuseOpenModes(options.directory);
    const lock = await OwnershipLock.acquire(options.directory);
    try {
      await removeUnfinished(options.directory);
      return new EmbeddedDatabase(await recover(options, lock), options);
    } catch (failure) {
      await lock.release();
      throw failure;
    }
  }

  /** Raised with every group that reached the disk. */
  get sequence(): number {
    return this.#seq;
  }

  /** Why transactions are refused, or null while all is well. */
  get failure(): HeldlineError | null {
    return this.#dead;
  }

  /** Told once, when a write has failed and the store has closed itself. */
  onFailure(listener: (failure: HeldlineError) => void): Unsubscribe {
    return this.#failures.subscribe(listener);
  }

  /** Stored values only. */
  get<K extends TableName>(table: K, id: string): Tables[K] | undefined {
    return this.#maps[table].get(id);
  }

  all<K extends TableName>(table: K): readonly Tables[K][] {
    return [...this.#maps[table].values()];
  }

  /**
   * Runs `body` once, alone; what it puts is stored or not at all. Resolves when durable.
   * A body that throws changes nothing and rejects with what it threw.
   * @throws HeldlineError `store.unavailable`: the outcome is unknown if it had begun
   */
  transact<T>(body: (transaction: Transaction) => T): Promise<T> {
    if (this.#dead !== null) return Promise.reject(this.#dead);
    return new Promise<T>((resolve, reject) => {
      const run = (group: Overlay): (() => void) => {
        const own = new Overlay(group);
        const result = body(own);
        own.putInto(group);
        return () => resolve(result);
      };
      this.#queue.push({ run, reject });
      this.#working ??= this.#work();
    });
  }

  /** Waits for what was begun and gives the directory up. */
  async close(): Promise<void> {
    await this.#working;
    this.#dead ??= new HeldlineError('store.unavailable', 'The store is closed.');
    await this.#journal.close();
    await this.#lock.release();
  }

  async #work(): Promise<void> {
    // Lets transactions of the same turn join the first group.
    await Promise.resolve();
    while (this.#queue.length > 0 && this.#dead === null) {
      const group = this.#queue.slice(0, GROUP);
      this.#queue = this.#queue.slice(GROUP);
      await this.#commit(group);
    }
    this.#working = null;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const overlay = new Overlay(this.#maps);
    const acknowledge = group.map((waiting) => runOrReject(waiting, overlay));
    try {
      await this.#store(overlay);
    } catch (cause) {
      this.#die(cause, group);
      return;
    }
    for (const tell of acknowledge) tell();
    await this.#compactWhenDue();
  }

  async #store(overlay: Overlay): Promise<void> {
    const puts = overlay.puts();
    if (puts.length === 0) return;
    await this.#journal.append({ s: this.#seq + 1, p: puts });
    this.#seq += 1;
    this.#records += 1;
    overlay.applyTo(this.#maps);
  }

  async #compactWhenDue(): Promise<void> {
    const due = this.#journal.bytes >= this.#compactAfterBytes || this.#records >= this.#compactAfterRecords;
    if (!due) return;
    try {
      this.#snapshot.data = snapshotOf(this.#maps, this.#seq);
      await this.#snapshot.write();
      await this.#journal.restart();
      this.#records = 0;
    } catch (cause) {
      this.#die(cause, []);
    }
  }

  #die(cause: unknown, group: readonly Waiting[]): void {
    const failure = new HeldlineError('store.unavailable', 'The store could not write and has closed itself.', {
      cause,
      hint: 'Free space or repair the disk, then restart Heldline.',
    });
    this.#dead = failure;
    const refused = [...group, ...this.#queue];
    this.#queue = [];
    for (const waiting of refused) waiting.reject(failure);
    this.#failures.tell(failure);
  }
}

interface Parts {
  readonly lock: OwnershipLock;
  readonly snapshot: Low<Snapshot>;
  readonly journal: Journal;
  readonly maps: TableMaps;
  readonly seq: number;
  readonly records: number;
}

function runOrReject(waiting: Waiting, overlay: Overlay): () => void {
  try {
    return waiting.run(overlay);
  } catch (failure) {
    waiting.reject(failure);
    return () => undefined;
  }
}

async function recover(options: EmbeddedOptions, lock: OwnershipLock): Promise<Parts> {
  const snapshot = new Low<Snapshot>(snapshotFile(options.directory), snapshotOf(emptyMaps(), 0));
  await snapshot.read();
  const maps = mapsOf(snapshot.data);
  const append = options.append ?? appendAndSync;
  const { journal, records } = await Journal.open(journalPath(options.directory), append);
  try {
    const seq = replay(maps, snapshot.data.seq, records);
    return { lock, snapshot, journal, maps, seq, records: records.length };
  } catch (failure) {
    await journal.close();
    throw failure;
  }
}

/** What an earlier owner was writing when it died; never renamed into place, so never part of the store. */
async function removeUnfinished(directory: string): Promise<void> {
  const names = await readdir(directory);
  const unfinished = names.filter((name) => /^(?:snapshot\.json|journal\.ndjson)\.\d+\.tmp$/.test(name));
  await Promise.all(unfinished.map((name) => rm(join(directory, name))));
}

function snapshotFile(directory: string): DurableJSONFile<Snapshot> {
  return new DurableJSONFile(join(directory, 'snapshot.json'), checkSnapshot);
}

function journalPath(directory: string): string {
  return join(directory, 'journal.ndjson');
}

/** Secrets lie here: nobody else may look, and what somebody else may write is not evidence. */
async function refuseOpenModes(directory: string): Promise<void> {
  const paths = [directory, join(directory, 'snapshot.json'), journalPath(directory)];
  for (const path of paths) {
    const found = await stat(path).catch((cause: unknown) => {
      throw new HeldlineError('store.missing', `There is no store at ${path}.`, {
        cause,
        hint: 'Run "heldline init", or restore a backup.',
      });
    });
    if ((found.mode & 0o077) !== 0) {
      throw new HeldlineError('store.mode', `${path} is open to other accounts.`, {
        hint: `Find out who had access, then run: chmod go= ${path}`,
      });
    }
  }
}
