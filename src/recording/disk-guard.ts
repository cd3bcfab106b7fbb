/**
 * Watches the room on the disk of the recordings. Says whether a new session may start, and keeps a ballast
 * file that is given up when the disk is full, so that the last events and seals still fit.
 */
import { rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOnce } from './layout.ts';

const MIB = 1 << 20;
const BALLAST_FILE = 'ballast';
const BALLAST_BYTES = 8 * MIB;
const MIN_FREE_BYTES = 1024 * MIB;
const MIN_FREE_SHARE = 0.05;

export interface DiskGuardOptions {
  /** Directory of the recordings; must exist. */
  readonly directory: string;
  /** Bytes below which no session starts. Default: 1 GiB or 5 % of the disk, whichever is less. */
  readonly minFree?: number;
  /** Default 8 MiB. */
  readonly ballast?: number;
  /** Free bytes of the disk; a function so that tests need no full disk. */
  readonly measure?: (directory: string) => Promise<DiskRoom>;
}

export interface DiskRoom {
  readonly free: number;
  readonly total: number;
}

export type Admission = { readonly kind: 'admitted' } | { readonly kind: 'refused'; readonly why: string };

export class DiskGuard {
  readonly #directory: string;
  readonly #minFree: number | undefined;
  readonly #ballast: number;
  readonly #measure: (directory: string) => Promise<DiskRoom>;

  constructor(options: DiskGuardOptions) {
    this.#directory = options.directory;
    this.#minFree = options.minFree;
    this.#ballast = options.ballast ?? BALLAST_BYTES;
    this.#measure = options.measure ?? measureDisk;
  }

  /** Whether a new session may start. */
  async admit(): Promise<Admission> {
    const room = await this.#measure(this.#directory);
    const least = this.#minFree ?? Math.min(MIN_FREE_BYTES, room.total * MIN_FREE_SHARE);
    if (room.free >= least) return { kind: 'admitted' };
    const left = Math.floor(room.free / MIB);
    return {
      kind: 'refused',
      why: `Only ${left} MiB are left for recordings; ${Math.ceil(least / MIB)} MiB are required.`,
    };
  }

  /** Lays the ballast down if it is not there and there is room for it. @returns whether it is there now */
  async keepBallast(): Promise<boolean> {
    const path = join(this.#directory, BALLAST_FILE);
    if (await exists(path)) return true;
    const room = await this.#measure(this.#directory);
    if (room.free < this.#ballast * 4) return false;
    await writeOnce(path, '\0'.repeat(this.#ballast));
    return true;
  }

  /** Gives the ballast up: a write has failed. */
  async dropBallast(): Promise<void> {
    await rm(join(this.#directory, BALLAST_FILE), { force: true });
  }

  /** Whether a failed recorder may write on: only when there is more room than the ballast gave back. */
  async hasRoom(): Promise<boolean> {
    return (await this.#measure(this.#directory)).free > this.#ballast * 2;
  }
}

async function measureDisk(directory: string): Promise<DiskRoom> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { free: bavail * bsize, total: blocks * bsize };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
