/** The command line's end of the admin socket: sends one verb, plays its talk on a terminal, returns its code. */
import { createConnection, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { HeldlineError } from '../../base/heldline-error.ts';
import type { TerminalSize } from '../../model/session.ts';
import type { SigningRequest } from '../../model/signing-request.ts';
import { type CallMessage, type ClientMessage, encodeMessage, MessageReader, type ServerMessage } from './messages.ts';

/** Where a verb's output goes and its questions are answered; the CLI implements it on its own terminal. */
export interface AdminTerminal {
  out(text: string): void;
  err(text: string): void;
  ask(prompt: string, hidden: boolean): Promise<string | null>;
  firstLine(): Promise<string | null>;
  /** The armoured signature; null when the person gave up. @throws HeldlineError when there is no key, or it does not sign */
  sign(request: SigningRequest): Promise<string | null>;
  /** Starts or stops handing over raw keys. */
  wantKeys(on: boolean, onKeys: (bytes: Uint8Array) => void, onResize: (size: TerminalSize) => void): void;
  /** Aborted on Ctrl-C outside of a question. */
  readonly interrupted: AbortSignal;
}

/**
 * Runs one verb in the daemon. Resolves to its exit code.
 * @throws HeldlineError `admin.unreachable` (kind unreachable) when no daemon answers at `socketPath`
 */
export async function runInDaemon(socketPath: string, call: CallMessage, terminal: AdminTerminal): Promise<number> {
  const socket = await connect(socketPath);
  const send = (message: ClientMessage): void => {
    if (!socket.destroyed) socket.write(encodeMessage(message));
  };
  terminal.interrupted.addEventListener('abort', () => send({ kind: 'cancel' }));
  send(call);
  try {
    return await converse(socket, send, terminal);
  } finally {
    socket.destroy();
  }
}

function connect(socketPath: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    socket.once('connect', () => resolve(socket));
    socket.once('error', (cause) => {
      const hint = 'Start it with: heldline serve';
      reject(
        new HeldlineError('admin.unreachable', `no daemon answers at ${socketPath}`, {
          cause,
          kind: 'unreachable',
          hint,
        }),
      );
    });
  });
}

function converse(socket: Socket, send: (message: ClientMessage) => void, terminal: AdminTerminal): Promise<number> {
  const reader = new MessageReader<ServerMessage>();
  const decoder = new StringDecoder('utf8');
  return new Promise((resolve, reject) => {
    const lost = (cause?: unknown): void =>
      reject(new HeldlineError('admin.lost', 'the daemon ended the conversation', { cause, kind: 'unreachable' }));
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of reader.push(decoder.write(chunk))) {
          if (message.kind === 'exit') resolve(message.code);
          else play(message, send, terminal, reject);
        }
      } catch (failure) {
        reject(failure);
      }
    });
    socket.on('error', lost);
    socket.on('close', () => lost());
  });
}

function play(
  message: Exclude<ServerMessage, { kind: 'exit' }>,
  send: (message: ClientMessage) => void,
  terminal: AdminTerminal,
  fail: (failure: unknown) => void,
): void {
  switch (message.kind) {
    case 'out':
      return terminal.out(message.text);
    case 'err':
      return terminal.err(message.text);
    case 'ask':
      terminal.ask(message.prompt, message.hidden).then((line) => send({ kind: 'answer', line }), fail);
      return;
    case 'first-line':
      terminal.firstLine().then((line) => send({ kind: 'answer', line }), fail);
      return;
    case 'sign':
      terminal.sign(message).then((line) => send({ kind: 'answer', line }), fail);
      return;
    case 'want-keys':
      return terminal.wantKeys(
        message.on,
        (bytes) => send({ kind: 'keys', base64: Buffer.from(bytes).toString('base64') }),
        (size) => send({ kind: 'resize', size }),
      );
  }
}
