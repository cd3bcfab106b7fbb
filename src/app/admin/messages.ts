/**
 * What the command line and the daemon say to each other over the admin socket: one JSON object a line, both
 * ways, for the length of one verb. The socket's mode (0600 in a 0700 directory) is the kernel's check of who
 * may speak at all.
 */
import { HeldlineError } from '../../base/heldline-error.ts';
import type { VerbCall } from '../../console/verb.ts';
import type { TerminalSize } from '../../model/session.ts';
import type { SigningRequest } from '../../model/signing-request.ts';

/** First message of every connection. */
export interface CallMessage {
  readonly kind: 'call';
  readonly path: readonly string[];
  readonly call: VerbCall;
  readonly json: boolean;
  readonly interactive: boolean;
  readonly size: TerminalSize;
  /** The operating system's name of who typed it; for the log and for `approve`. */
  readonly account: string;
}

export type ClientMessage =
  | CallMessage
  | { readonly kind: 'answer'; readonly line: string | null }
  | { readonly kind: 'keys'; readonly base64: string }
  | { readonly kind: 'resize'; readonly size: TerminalSize }
  | { readonly kind: 'cancel' };

export type ServerMessage =
  | { readonly kind: 'out'; readonly text: string }
  | { readonly kind: 'err'; readonly text: string }
  | { readonly kind: 'ask'; readonly prompt: string; readonly hidden: boolean }
  | { readonly kind: 'first-line' }
  | ({ readonly kind: 'sign' } & SigningRequest)
  | { readonly kind: 'want-keys'; readonly on: boolean }
  | { readonly kind: 'exit'; readonly code: number };

/** Characters of one message; a longer one ends the connection. */
const LIMIT = 8 * 1024 * 1024;

/** Cuts a stream of text into messages. */
export class MessageReader<Message> {
  #rest = '';

  /** The messages completed by `text`. @throws HeldlineError `admin.message` on anything that is not one */
  push(text: string): Message[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LIMIT)
      throw new HeldlineError('admin.message', 'a message on the admin socket is too long');
    return lines.map((line) => parseMessage<Message>(line));
  }
}

export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return `${JSON.stringify(message)}\n`;
}

function parseMessage<Message>(line: string): Message {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'kind' in value) return value as Message;
  } catch (cause) {
    throw new HeldlineError('admin.message', 'a message on the admin socket is not JSON', { cause });
  }
  throw new HeldlineError('admin.message', 'a message on the admin socket has no kind');
}
