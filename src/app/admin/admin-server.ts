/** The daemon's end of the admin socket: runs one verb a connection. */
import { once } from 'node:events';
import { chmod, unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { describeFailure, HeldlineError } from '../../base/heldline-error.ts';
import type { Logger } from '../../base/logger.ts';
import { runVerb } from '../../console/run-verb.ts';
import type { ConsoleServices } from '../../console/services.ts';
import type { Verb, VerbIo } from '../../console/verb.ts';
import type { TerminalSize } from '../../model/session.ts';
import { type CallMessage, type ClientMessage, encodeMessage, MessageReader, type ServerMessage } from './messages.ts';

export interface AdminServerOptions {
  readonly socketPath: string;
  readonly verbs: readonly Verb[];
  readonly services: ConsoleServices;
  readonly logger: Logger;
}

export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: AdminServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#welcome(socket));
  }

  /** Opens the socket, 0600. The state's lock is held already, so a file in the way is a stale one. */
  async start(): Promise<void> {
    const { socketPath } = this.#options;
    await unlink(socketPath).catch(ignoreMissing);
    const previous = process.umask(0o177);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(socketPath, resolve);
      });
    } catch (cause) {
      throw new HeldlineError('admin.listen', `cannot open the admin socket ${socketPath}`, { cause });
    } finally {
      process.umask(previous);
    }
    await chmod(socketPath, 0o600);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    const conversation = new Conversation(socket, this.#options);
    socket.on('error', (failure) => this.#options.logger.warn('admin connection failed', { failure: failure.message }));
    socket.on('close', () => {
      this.#sockets.delete(socket);
      conversation.end();
    });
  }
}

function ignoreMissing(failure: NodeJS.ErrnoException): void {
  if (failure.code !== 'ENOENT') throw failure;
}

/** One connection: the call, its questions and answers, its exit code. */
class Conversation {
  readonly #socket: Socket;
  readonly #options: AdminServerOptions;
  readonly #reader = new MessageReader<ClientMessage>();
  readonly #decoder = new StringDecoder('utf8');
  readonly #cancel = new AbortController();
  #answer: ((line: string | null) => void) | undefined;
  #onKeys: ((bytes: Uint8Array) => void) | undefined;
  #onResize: ((size: TerminalSize) => void) | undefined;

  constructor(socket: Socket, options: AdminServerOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
  }

  end(): void {
    this.#cancel.abort();
    this.#answer?.(null);
  }

  #hear(chunk: Buffer): void {
    try {
      for (const message of this.#reader.push(this.#decoder.write(chunk))) this.#take(message);
    } catch (failure) {
      this.#options.logger.warn('admin message refused', { failure: describeFailure(failure) });
      this.#socket.destroy();
    }
  }

  #take(message: ClientMessage): void {
    switch (message.kind) {
      case 'call':
        this.#run(message).catch((failure: unknown) => {
          this.#options.logger.error('a verb failed', { failure: describeFailure(failure) });
          this.#socket.destroy();
        });
        return;
      case 'answer':
        this.#answer?.(message.line);
        return;
      case 'keys':
        this.#onKeys?.(Buffer.from(message.base64, 'base64'));
        return;
      case 'resize':
        this.#onResize?.(message.size);
        return;
      case 'cancel':
        this.end();
        return;
    }
  }

  async #run(message: CallMessage): Promise<void> {
    const verb = this.#options.verbs.find(({ spec }) => spec.path.join(' ') === message.path.join(' '));
    if (verb === undefined)
      throw new HeldlineError('admin.verb', 'the command line asked for a verb that this daemon does not know');
    const { services } = this.#options;
    const caller = { kind: 'local', account: message.account } as const;
    const code = await runVerb(verb, { call: message.call, caller, io: this.#io(message), services });
    this.#send({ kind: 'exit', code });
    this.#socket.end();
  }

  #io(message: CallMessage): VerbIo {
    return {
      out: (text) => this.#send({ kind: 'out', text }),
      err: (text) => this.#send({ kind: 'err', text }),
      flushed: () => this.#flushed(),
      interactive: message.interactive,
      json: message.json,
      size: message.size,
      ask: (prompt, options) => this.#ask({ kind: 'ask', prompt, hidden: options?.hidden === true }),
      firstLine: () => this.#ask({ kind: 'first-line' }),
      sign: (request) => this.#ask({ kind: 'sign', ...request }),
      keys: message.interactive ? (listener, onResize) => this.#keys(listener, onResize) : undefined,
      cancelled: this.#cancel.signal,
    };
  }

  /** A client that reads slowly slows the verb down, or goes away. */
  async #flushed(): Promise<void> {
    if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return;
    await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')]);
  }

  #ask(question: ServerMessage): Promise<string | null> {
    if (this.#cancel.signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#answer = (line) => {
        this.#answer = undefined;
        resolve(line);
      };
      this.#send(question);
    });
  }

  #keys(listener: (bytes: Uint8Array) => void, onResize: (size: TerminalSize) => void): () => void {
    this.#onKeys = listener;
    this.#onResize = onResize;
    this.#send({ kind: 'want-keys', on: true });
    return () => {
      this.#onKeys = undefined;
      this.#onResize = undefined;
      this.#send({ kind: 'want-keys', on: false });
    };
  }

  #send(message: ServerMessage): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeMessage(message));
  }
}
