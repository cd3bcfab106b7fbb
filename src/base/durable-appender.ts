/**
 * Appends bytes to a file, or to a row of files one after the other, and says when they are on the disk.
 * Everything that waits is written together and synced once (group commit). One writer: bytes that somebody
 * else appended can be noticed. After a failed write nothing is lost or written twice: the rest is kept and
 * written by `resume`. After a failed sync nothing is promised any more, so that is final.
 */
import { constants, fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Cancel, Clock } from './clock.ts';
import { describeFailure, HeldlineError } from './heldline-error.ts';
import { syncDirectory } from './sync-directory.ts';

const MODE = 0o600;
const BATCH_BYTES = 1 << 20;
const RETRY_EVERY = 1000;

/** Hears what happens to the appended bytes; called outside of `append`, in order. */
export interface AppenderListener {
  /** All bytes up to `position`, counted from the opening of the appender, are on the disk. */
  onDurable?(position: number): void;
  /** Called at once when the disk refuses, once until `onRecovered`; nothing more becomes durable meanwhile. */
  onFailure?(failure: HeldlineError): void;
  onRecovered?(): void;
}

export interface AppenderOptions {
  readonly clock: Clock;
  /** Fail when the file is not as long as this writer left it. Costs one `fstat` a batch. */
  readonly soleWriter?: boolean;
  /** Asked before each retry (once a second after a failed write). Absent: retry always. */
  readonly mayRetry?: () => Promise<boolean>;
}

type Step = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | { readonly kind: 'file'; readonly path: string };

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (failure: HeldlineError) => void;
}

type Health =
  | { readonly kind: 'sound' }
  | { readonly kind: 'stalled'; readonly failure: HeldlineError }
  | { readonly kind: 'dead'; readonly failure: HeldlineError };

export class DurableAppender {
  readonly #clock: Clock;
  #listener: AppenderListener = {};
  readonly #soleWriter: boolean;
  readonly #mayRetry: () => Promise<boolean>;
  readonly #queue: Step[] = [];
  #waiters: Waiter[] = [];
  #handle: FileHandle;
  #size: number;
  #unwritten: Uint8Array = new Uint8Array(0);
  #unsynced = 0;
  #appended = 0;
  #durable = 0;
  #health: Health = { kind: 'sound' };
  #worker: Promise<void> | null = null;
  #cancelRetry: Cancel = () => {};
  #madeByUs: string | null = null;
  /** The listener knows of a failure and has not heard of its end. */
  #told = false;

  private constructor(handle: FileHandle, size: number, options: AppenderOptions) {
    this.#handle = handle;
    this.#size = size;
    this.#clock = options.clock;
    this.#soleWriter = options.soleWriter ?? false;
    this.#mayRetry = options.mayRetry ?? (() => Promise.resolve(true));
  }

  /** Creates `path` (0600); fails if it exists. Its name is durable when this resolves. */
  static async create(path: string, options: AppenderOptions): Promise<DurableAppender> {
    const handle = await openNew(path);
    return new DurableAppender(handle, 0, options);
  }

  /** Continues the file at `path`. */
  static async continue(path: string, options: AppenderOptions): Promise<DurableAppender> {
    const handle = await open(path, constants.O_WRONLY | constants.O_APPEND);
    return new DurableAppender(handle, (await handle.stat()).size, options);
  }

  /** Sets who hears; once, before the first `append`. */
  listen(listener: AppenderListener): void {
    this.#listener = listener;
  }

  /** Bytes taken and not yet on the disk. */
  get pendingBytes(): number {
    return this.#appended - this.#durable;
  }

  /** Bytes taken since the opening. */
  get position(): number {
    return this.#appended;
  }

  /** Why nothing becomes durable at the moment; null when all is well. */
  get failure(): HeldlineError | null {
    return this.#health.kind === 'sound' ? null : this.#health.failure;
  }

  /** Takes bytes; never blocks, never drops. They must not be changed afterwards. */
  append(bytes: Uint8Array): void {
    this.#appended += bytes.length;
    this.#queue.push({ kind: 'bytes', bytes });
    this.#wake();
  }

  /** What is appended from now on goes to a new file at `path`. */
  startFile(path: string): void {
    this.#queue.push({ kind: 'file', path });
    this.#wake();
  }

  /** Resolves when everything appended so far is on the disk. @throws HeldlineError when the disk refuses */
  durable(): Promise<void> {
    const { failure } = this;
    if (failure !== null) return Promise.reject(failure);
    if (this.#durable >= this.#appended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ position: this.#appended, resolve, reject });
    });
  }

  /** Tries again after a failed write. Returns whether everything is on the disk now. */
  async resume(): Promise<boolean> {
    if (this.#health.kind === 'dead') return false;
    this.#cancelRetry();
    await this.#idle();
    const wasStalled = this.#health.kind === 'stalled';
    if (wasStalled) this.#health = { kind: 'sound' };
    this.#wake();
    await this.#idle();
    if (this.failure !== null) return false;
    if (wasStalled) this.#tellRecovered();
    return true;
  }

  /** Writes what waits and closes. @throws HeldlineError when something could not be written */
  async close(): Promise<void> {
    await this.resume();
    this.#cancelRetry();
    const { failure } = this;
    this.#health = { kind: 'dead', failure: new HeldlineError('append.closed', 'This file is closed.') };
    await this.#handle.close();
    if (failure !== null) throw failure;
  }

  #wake(): void {
    if (this.#worker !== null || this.failure !== null) return;
    this.#worker = this.#work().finally(() => {
      this.#worker = null;
      if (this.#hasWork()) this.#wake();
    });
  }

  async #idle(): Promise<void> {
    while (this.#worker !== null) await this.#worker;
  }

  #hasWork(): boolean {
    return this.#queue.length > 0 || this.#unwritten.length > 0;
  }

  async #work(): Promise<void> {
    // Lets everything that is appended in this tick join the first batch.
    await Promise.resolve();
    try {
      while (this.failure === null && this.#hasWork()) await this.#step();
    } catch (failure) {
      this.#stall(failure);
    }
  }

  async #step(): Promise<void> {
    const next = this.#queue[0];
    if (this.#unwritten.length === 0 && next?.kind === 'file') {
      await this.#switchTo(next.path);
      this.#queue.shift();
      return;
    }
    if (this.#unwritten.length === 0) this.#unwritten = this.#takeBatch();
    if (this.#soleWriter) this.#refuseForeignBytes();
    await this.#write();
    await this.#sync();
  }

  #takeBatch(): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let next = this.#queue[0]; next?.kind === 'bytes' && length < BATCH_BYTES; next = this.#queue[0]) {
      parts.push(next.bytes);
      length += next.bytes.length;
      this.#queue.shift();
    }
    return Buffer.concat(parts, length);
  }

  async #write(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const { bytesWritten } = await this.#handle.write(this.#unwritten);
      this.#size += bytesWritten;
      this.#unsynced += bytesWritten;
      this.#unwritten = this.#unwritten.subarray(bytesWritten);
    }
  }

  async #sync(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (failure) {
      // The kernel may have dropped the pages and will not report it twice: no retry can be trusted.
      this.#fail({ kind: 'dead', failure: wrap('append.sync', failure) });
      return;
    }
    this.#durable += this.#unsynced;
    this.#unsynced = 0;
    this.#settle();
  }

  async #switchTo(path: string): Promise<void> {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
    const exclusive = this.#madeByUs === path ? 0 : constants.O_EXCL;
    const handle = await open(path, flags | exclusive, MODE);
    this.#madeByUs = path;
    try {
      await syncDirectory(dirname(path));
    } catch (failure) {
      await handle.close();
      throw failure;
    }
    await this.#handle.close();
    this.#handle = handle;
    this.#size = 0;
  }

  /** The kernel knows the size of an open file without the disk: asking at once costs less than a thread's answer. */
  #refuseForeignBytes(): void {
    const { size } = fstatSync(this.#handle.fd);
    if (size === this.#size) return;
    const failure = new HeldlineError(
      'append.second-writer',
      'Somebody else changed a file that only this process may write.',
    );
    this.#fail({ kind: 'dead', failure });
    throw failure;
  }

  #settle(): void {
    const done = this.#waiters.filter((waiter) => waiter.position <= this.#durable);
    this.#waiters = this.#waiters.filter((waiter) => waiter.position > this.#durable);
    this.#listener.onDurable?.(this.#durable);
    for (const waiter of done) waiter.resolve();
  }

  #stall(failure: unknown): void {
    if (this.failure !== null) return;
    this.#fail({ kind: 'stalled', failure: wrap('append.write', failure) });
    this.#retryLater();
  }

  #fail(health: Exclude<Health, { kind: 'sound' }>): void {
    this.#health = health;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(health.failure);
    if (this.#told) return;
    this.#told = true;
    this.#listener.onFailure?.(health.failure);
  }

  #tellRecovered(): void {
    this.#told = false;
    this.#listener.onRecovered?.();
  }

  #retryLater(): void {
    this.#cancelRetry = this.#clock.after(RETRY_EVERY, () => void this.#retry(), { unref: true });
  }

  async #retry(): Promise<void> {
    if (this.#health.kind !== 'stalled') return;
    // A disk that cannot even be asked has no room either.
    const allowed = await this.#mayRetry().catch(() => false);
    if (allowed) await this.resume();
    else this.#retryLater();
  }
}

async function openNew(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL, MODE);
  try {
    await syncDirectory(dirname(path));
  } catch (failure) {
    await handle.close();
    throw failure;
  }
  return handle;
}

function wrap(code: string, failure: unknown): HeldlineError {
  return new HeldlineError(code, `Could not write to the disk: ${describeFailure(failure)}`, { cause: failure });
}
