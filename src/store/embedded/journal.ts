/**
 * The write-ahead journal: one record a line, appended and synced before anybody is told that it happened.
 *
 *     <first 8 hex digits of SHA-256(body)> <body>\n       body = {"s":sequence,"p":[[table,id,value|null],...]}
 *
 * One record holds a whole group of transactions, so that a torn write loses the group or nothing. Recovery
 * cuts a last record that does not end in its newline: it was never acknowledged. Any other damage refuses to
 * start, because what follows it was acknowledged. A last record that is complete but does not match its
 * checksum is damage too.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sha256Hex } from '../../base/digest.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { syncDirectory } from '../../base/sync-directory.ts';
import { isMissing, writeDurably } from './durable-json-file.ts';

/** Table, id and the new value; null removes. */
export type Put = readonly [table: string, id: string, value: unknown];

export interface JournalRecord {
  readonly s: number;
  readonly p: readonly Put[];
}

/** How bytes reach the disk; tests put one here that fails. */
export type AppendDurably = (file: FileHandle, bytes: Uint8Array) => Promise<void>;

/** Writes everything and syncs the data. */
export const appendAndSync: AppendDurably = async (file, bytes) => {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, null);
    done += bytesWritten;
  }
  await file.datasync();
};

export class Journal {
  readonly #path: string;
  readonly #append: AppendDurably;
  #file: FileHandle;
  #bytes: number;

  private constructor(path: string, append: AppendDurably, file: FileHandle, bytes: number) {
    this.#path = path;
    this.#append = append;
    this.#file = file;
    this.#bytes = bytes;
  }

  /** An empty journal in place of whatever is there. Durable when resolved. */
  static async create(path: string): Promise<void> {
    const temporary = `${path}.${process.pid}.tmp`;
    await writeDurably(temporary, '');
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  }

  /**
   * Opens, cuts a torn last record, and returns the records in order.
   * @throws HeldlineError `store.missing` without a file, `store.damaged` for damage before the end
   */
  static async open(
    path: string,
    append: AppendDurably,
  ): Promise<{ journal: Journal; records: readonly JournalRecord[] }> {
    const file = await openExisting(path);
    try {
      const content = await file.readFile();
      const whole = content.lastIndexOf(0x0a) + 1;
      const records = parseRecords(path, content.subarray(0, whole).toString('utf8'));
      if (whole < content.length) {
        await file.truncate(whole);
        await file.sync();
      }
      return { journal: new Journal(path, append, file, whole), records };
    } catch (failure) {
      await file.close();
      throw failure;
    }
  }

  /** Bytes since the last `restart`. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Durable when resolved. After a rejection nothing is known about the end of the file: do not go on. */
  async append(record: JournalRecord): Promise<void> {
    const body = JSON.stringify(record);
    const bytes = Buffer.from(`${sha256Hex(body).slice(0, 8)} ${body}\n`);
    await this.#append(this.#file, bytes);
    this.#bytes += bytes.length;
  }

  /** Begins an empty journal; everything so far must be in the snapshot. */
  async restart(): Promise<void> {
    await Journal.create(this.#path);
    const file = await openExisting(this.#path);
    await this.#file.close();
    this.#file = file;
    this.#bytes = 0;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_APPEND);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new HeldlineError('store.missing', `There is no journal at ${path}.`, { cause });
  }
}

/** The records of a journal's whole lines. @throws HeldlineError `store.damaged` */
export function parseRecords(path: string, text: string): readonly JournalRecord[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const record = parseRecord(line);
    if (record !== null) return record;
    throw new HeldlineError('store.damaged', `${path}: record ${index + 1} is damaged.`, {
      hint: 'Nothing was changed. Restore a backup, or ask for help before you edit the file.',
    });
  });
}

function parseRecord(line: string): JournalRecord | null {
  const body = line.slice(9);
  if (line.charAt(8) !== ' ' || sha256Hex(body).slice(0, 8) !== line.slice(0, 8)) return null;
  const record: unknown = JSON.parse(body);
  return isRecord(record) ? record : null;
}

function isRecord(value: unknown): value is JournalRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    's' in value &&
    Number.isSafeInteger(value.s) &&
    'p' in value &&
    Array.isArray(value.p)
  );
}
