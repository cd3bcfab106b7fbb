/** The terminal (or pipes) that the command line runs on. */

import { once } from 'node:events';
import { createWriteStream, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { AdminTerminal } from '../app/admin/admin-client.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import { LinePrompt } from '../console/line-prompt.ts';
import type { TerminalSize } from '../model/session.ts';
import type { SigningRequest } from '../model/signing-request.ts';
import { signWithKey } from './sign-with-key.ts';

type Listen = (bytes: Uint8Array) => void;

/** Bytes; a first line longer than this is nobody's code. */
const FIRST_LINE_LIMIT = 64 * 1024;

/** What a shell says of a program that a closed pipe ended (128 + SIGPIPE). */
const READER_GONE = 141;

export class OwnTerminal implements AdminTerminal {
  readonly #interrupt = new AbortController();
  #listen: Listen | undefined;
  #stopKeys: (() => void) | undefined;
  #data: Writable = process.stdout;
  #signingKey: string | undefined;

  constructor() {
    process.once('SIGINT', () => this.#interrupt.abort());
    // A reader that has seen enough (`| head`) ends the program quietly, as it ends others. What was found is not
    // undone by it: a check that failed has failed.
    process.stdout.on('error', (failure: NodeJS.ErrnoException) => {
      if (failure.code !== 'EPIPE') throw failure;
      process.exit(process.exitCode ?? READER_GONE);
    });
  }

  get interrupted(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** Whether questions can be asked: both ends are a terminal. */
  get interactive(): boolean {
    return process.stdin.isTTY === true && process.stderr.isTTY === true;
  }

  get size(): TerminalSize {
    return { cols: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 };
  }

  out(text: string): void {
    this.#data.write(text);
  }

  /** Resolves when standard output, or the file in its place, can take more. */
  async flushed(): Promise<void> {
    if (this.#data.writableNeedDrain) await once(this.#data, 'drain');
  }

  /** From now on data goes to a new file. @throws HeldlineError `file.exists` when there is one, or it cannot be made */
  saveTo(path: string): void {
    try {
      this.#data = createWriteStream(path, { fd: openSync(path, 'wx', 0o600) });
    } catch (cause) {
      throw new HeldlineError('file.unwritable', `cannot write ${path}: ${describeFailure(cause)}`, { cause });
    }
  }

  /** From now on this key signs, not one of the agent's. */
  signWith(keyFile: string): void {
    this.#signingKey = keyFile;
  }

  /** The armoured signature of the person's key; null after Ctrl-C. @throws HeldlineError as `signWithKey` */
  async sign(request: SigningRequest): Promise<string | null> {
    try {
      return await signWithKey(request, this.#signingKey, this.#interrupt.signal);
    } catch (failure) {
      // Ctrl-C ends the programs that sign, each in its own way; it is no failure of theirs.
      if (this.#interrupt.signal.aborted) return null;
      throw failure;
    }
  }

  err(text: string): void {
    process.stderr.write(text);
  }

  /** Asks on standard error, so that standard output stays data. Null when the person gave up. */
  ask(prompt: string, hidden: boolean): Promise<string | null> {
    const line = new LinePrompt(hidden);
    this.err(prompt);
    return new Promise((resolve) => {
      this.#rawKeys((bytes) => {
        const step = line.push(bytes);
        this.err(step.echo);
        if (step.kind === 'more') return;
        this.#release();
        resolve(step.line);
      });
    });
  }

  async firstLine(): Promise<string | null> {
    let text = '';
    for await (const chunk of process.stdin) {
      text += String(chunk);
      if (text.includes('\n') || text.length > FIRST_LINE_LIMIT) break;
    }
    const line = text.split('\n', 1)[0]?.trimEnd() ?? '';
    return line === '' ? null : line;
  }

  /** All of standard input as text, for `--key-file -` and the like. */
  async wholeInput(): Promise<string> {
    let text = '';
    for await (const chunk of process.stdin) text += String(chunk);
    return text;
  }

  wantKeys(on: boolean, onKeys: Listen, onResize: (size: TerminalSize) => void): void {
    this.#stopKeys?.();
    this.#stopKeys = undefined;
    if (!on) return this.#release();
    const resized = (): void => onResize(this.size);
    process.stdout.on('resize', resized);
    this.#stopKeys = () => process.stdout.off('resize', resized);
    this.#rawKeys(onKeys);
  }

  /** Gives the terminal back as it was; the process can end. */
  close(): void {
    this.#stopKeys?.();
    this.#release();
  }

  #rawKeys(listen: Listen): void {
    this.#listen = listen;
    process.stdin.setRawMode?.(true);
    process.stdin.on('data', this.#onData);
    process.stdin.resume();
  }

  #release(): void {
    this.#listen = undefined;
    process.stdin.off('data', this.#onData);
    if (process.stdin.isTTY === true) process.stdin.setRawMode(false);
    process.stdin.pause();
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#listen?.(bytes);
  };
}
