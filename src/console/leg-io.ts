/** A person's end of an ssh channel as the place where a verb talks: raw terminal or pipe. */
import { StringDecoder } from 'node:string_decoder';
import type { ExitStatus, TerminalSize } from '../model/session.ts';
import type { TerminalRequest, UserLeg, UserLegListener } from '../session/ports.ts';
import { UserSwitch } from '../session/user-switch.ts';
import { LinePrompt } from './line-prompt.ts';
import type { VerbIo } from './verb.ts';

type Listener = (bytes: Uint8Array) => void;

/** Bytes of input kept while no question is open. */
const WAITING_LIMIT = 64 * 1024;

export class LegIo implements VerbIo {
  readonly interactive: boolean;
  readonly json: boolean;
  readonly fullScreen: boolean;
  readonly #leg: UserLeg;
  readonly #terminal: TerminalRequest | null;
  readonly #cancel = new AbortController();
  #size: TerminalSize;
  #waiting = Buffer.alloc(0);
  #listener: Listener | undefined;
  #onResize: ((size: TerminalSize) => void) | undefined;
  #ended = false;
  #full = false;
  #waitingForRoom: (() => void)[] = [];
  #onEnd: (() => void) | undefined;
  readonly #switch: UserSwitch;
  #handedOver = false;
  #closed = false;

  constructor(
    leg: UserLeg,
    terminal: TerminalRequest | null,
    options: { readonly json: boolean; readonly noInput: boolean },
  ) {
    this.#leg = leg;
    this.#terminal = terminal;
    this.#size = terminal?.size ?? { cols: 80, rows: 24 };
    this.json = options.json;
    this.interactive = terminal !== null && !options.noInput;
    this.fullScreen = this.interactive && terminal?.term !== 'dumb';
    this.#switch = new UserSwitch({
      onInput: (bytes) => this.#hear(bytes),
      onInputEnd: () => this.#end(),
      onResize: (size) => this.#resized(size),
      onSignal: (name) => {
        if (name === 'INT') this.#cancel.abort();
      },
      onDrain: () => this.#drained(),
      onPresence: () => {},
      onClose: () => {
        this.#closed = true;
        this.#cancel.abort();
        this.#drained();
        this.#end();
      },
    });
    leg.attach(this.#switch);
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  out(text: string): void {
    if (!this.#leg.write(this.#encode(text))) this.#full = true;
  }

  flushed(): Promise<void> {
    if (!this.#full || this.#cancel.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => this.#waitingForRoom.push(resolve));
  }

  err(text: string): void {
    this.#leg.writeError(this.#encode(text));
  }

  ask(prompt: string, options?: { readonly hidden?: boolean }): Promise<string | null> {
    const line = new LinePrompt(options?.hidden === true);
    this.out(prompt);
    return this.#listen<string | null>((bytes, done) => {
      const step = line.push(bytes);
      this.#leg.write(Buffer.from(step.echo));
      if (step.kind === 'done') done(step.line, Buffer.from(step.rest));
    }, null);
  }

  firstLine(): Promise<string | null> {
    const decoder = new StringDecoder('utf8');
    let text = '';
    return this.#listen<string | null>((bytes, done) => {
      text += decoder.write(Buffer.from(bytes));
      if (text.includes('\n') || text.length > WAITING_LIMIT) done(firstLineOf(text), Buffer.alloc(0));
    }, null).then((line) => line ?? firstLineOf(text));
  }

  allInput(): Promise<string> {
    const decoder = new StringDecoder('utf8');
    let text = '';
    return this.#listen<string | null>((bytes, done) => {
      text += decoder.write(Buffer.from(bytes));
      if (text.length > WAITING_LIMIT) done(text, Buffer.alloc(0));
    }, null).then(() => text);
  }

  get keys(): VerbIo['keys'] {
    if (this.#terminal === null) return undefined;
    return (listener, onResize) => {
      this.#listener = listener;
      this.#onResize = onResize;
      this.#flushWaiting();
      return () => {
        this.#listener = undefined;
        this.#onResize = undefined;
      };
    };
  }

  /** The terminal as it is now, for a session that takes its place; null without one. */
  get terminal(): TerminalRequest | null {
    return this.#terminal === null ? null : { ...this.#terminal, size: this.#size };
  }

  /** The leg for somebody else, with what was typed ahead; nothing can be said here any more. */
  handOver(): UserLeg {
    this.#handedOver = true;
    const leg = this.#leg;
    return {
      door: leg.door,
      get presence() {
        return leg.presence;
      },
      attach: (listener) => this.#attachNext(listener),
      write: (bytes) => leg.write(bytes),
      writeError: (bytes) => leg.writeError(bytes),
      pauseInput: () => leg.pauseInput(),
      resumeInput: () => leg.resumeInput(),
      get roundTrip() {
        return leg.roundTrip;
      },
      finish: (status) => leg.finish(status),
      close: () => leg.close(),
    };
  }

  async finish(status: ExitStatus): Promise<void> {
    if (this.#handedOver) return;
    return this.#leg.finish(status);
  }

  /** Hands input to `take` until it is done or the input ends, which yields `atEnd`. */
  #listen<T>(take: (bytes: Uint8Array, done: (value: T, rest: Buffer) => void) => void, atEnd: T): Promise<T> {
    return new Promise((resolve) => {
      const stop = (value: T, rest: Buffer): void => {
        this.#listener = undefined;
        this.#onEnd = undefined;
        this.#waiting = Buffer.concat([rest, this.#waiting]);
        resolve(value);
      };
      this.#listener = (bytes) => take(bytes, stop);
      this.#onEnd = () => stop(atEnd, Buffer.alloc(0));
      this.#flushWaiting();
      if (this.#ended) this.#onEnd?.();
    });
  }

  #attachNext(listener: UserLegListener): void {
    const typed = this.#waiting;
    this.#waiting = Buffer.alloc(0);
    this.#switch.turnTo(listener);
    if (typed.length > 0) listener.onInput(typed);
    if (this.#closed) listener.onClose();
  }

  #flushWaiting(): void {
    const bytes = this.#waiting;
    this.#waiting = Buffer.alloc(0);
    if (bytes.length > 0) this.#listener?.(bytes);
  }

  #hear(bytes: Uint8Array): void {
    if (this.#listener !== undefined) return this.#listener(bytes);
    if (this.#terminal !== null && bytes.includes(0x03)) return this.#cancel.abort();
    if (this.#waiting.length < WAITING_LIMIT) this.#waiting = Buffer.concat([this.#waiting, bytes]);
  }

  #drained(): void {
    this.#full = false;
    for (const go of this.#waitingForRoom.splice(0)) go();
  }

  #end(): void {
    this.#ended = true;
    this.#onEnd?.();
  }

  #resized(size: TerminalSize): void {
    this.#size = size;
    this.#onResize?.(size);
  }

  /** A client's terminal is in raw mode and wants CR LF; a pipe wants what was written. */
  #encode(text: string): Buffer {
    return Buffer.from(this.#terminal === null ? text : text.replace(/\r?\n/g, '\r\n'));
  }
}

function firstLineOf(text: string): string | null {
  const line = text.split('\n', 1)[0]?.trimEnd() ?? '';
  return line === '' ? null : line;
}
