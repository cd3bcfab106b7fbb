/**
 * The snapshot file behind lowdb's `Low`: written whole, and either the old or the new content survives a
 * crash or a power cut. lowdb's own adapter neither syncs nor keeps the mode of the file, and takes a missing
 * file for an empty one; this one refuses. It does not guard against a second process: see OwnershipLock.
 */
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Adapter } from 'lowdb';
import { HeldlineError } from '../../base/heldline-error.ts';
import { syncDirectory } from '../../base/sync-directory.ts';

/** Reads and replaces one JSON file of mode 0600; the content before the last write stays as `.prev.json`. */
export class DurableJSONFile<T> implements Adapter<T> {
  readonly #path: string;
  readonly #check: (value: unknown) => T;

  /** @param check returns the value as `T` or throws a HeldlineError that says what is wrong with it */
  constructor(path: string, check: (value: unknown) => T) {
    this.#path = path;
    this.#check = check;
  }

  /** @throws HeldlineError `store.missing` without a file, `store.damaged` when it is not what was written */
  async read(): Promise<T> {
    return this.#check(parse(this.#path, await readText(this.#path)));
  }

  /** Durable when resolved. @throws the file system's error; the old content is then still in place */
  async write(data: T): Promise<void> {
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      await writeDurably(temporary, JSON.stringify(data));
      await this.#keepPrevious();
      await rename(temporary, this.#path);
    } catch (failure) {
      await rm(temporary, { force: true });
      throw failure;
    }
    await syncDirectory(dirname(this.#path));
  }

  async #keepPrevious(): Promise<void> {
    const previous = previousOf(this.#path);
    await rm(previous, { force: true });
    try {
      await link(this.#path, previous);
    } catch (failure) {
      if (!isMissing(failure)) throw failure;
    }
  }
}

/** Writes a new file of mode 0600 and syncs it. @throws the file system's error */
export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function previousOf(path: string): string {
  return join(dirname(path), 'snapshot.prev.json');
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new HeldlineError('store.missing', `There is no store at ${path}.`, {
      cause,
      hint: 'Run "heldline init", or restore a backup.',
    });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HeldlineError('store.damaged', `${path} cannot be read as JSON.`, {
      cause,
      hint: 'Restore a backup; the content before the last write is in snapshot.prev.json.',
    });
  }
}

/** Whether a file system error says that there is no such file. */
export function isMissing(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'ENOENT';
}
