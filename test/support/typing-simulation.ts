/**
 * Somebody who types over a simulated path, each key after the echo of the one before: both ends of the transport, a
 * shell that echoes, and time that jumps to what happens next. Thousands of keys take seconds, and the seed decides it all.
 */

import { ClientInput } from '../../src/mosh/client-input.ts';
import { EchoAck } from '../../src/mosh/echo-ack.ts';
import type { Pacing } from '../../src/mosh/transport/sender.ts';
import { Transport, type TransportParts } from '../../src/mosh/transport/transport.ts';
import { decodeHostMessage, encodeHostMessage, type HostInstruction } from '../../src/mosh/wire/host-message.ts';
import { SealedChannel } from '../../src/mosh/wire/sealed-channel.ts';
import { encodeUserMessage, type UserInput } from '../../src/mosh/wire/user-message.ts';
import { randomNumbers } from './random-numbers.ts';

export interface TypingPath {
  readonly seed: number;
  /** 0 to 1, each way */
  readonly loss: number;
  /** ms, each way */
  readonly delay: number;
}

export interface TypedKeys {
  /** ms from each key to its echo */
  readonly times: readonly number[];
  /** Sent, lost or not, from the first key on. */
  readonly bytesDown: number;
  readonly bytesUp: number;
}

/** What Debian's server does, as far as it differs. */
export const USUAL: Pacing = { changeDelay: 8, backsOff: false, copies: false };
/** What Debian's client does. */
const CLIENT: Pacing = { ...USUAL, changeDelay: 1 };

const KEY = Buffer.alloc(16, 7);
const NEVER = Number.POSITIVE_INFINITY;
const SETTLED = 300;
const ECHO = 0.7;
const JITTER = 1;
/** ms until a simulation has gone wrong */
const LIMIT = 3_600_000;

type End = 'client' | 'server';
interface Drawing {
  readonly text: string;
  readonly echoAck: number;
}

/** @throws Error when a key is never echoed */
export function simulateTyping(pacing: Pacing, path: TypingPath, keys: number): TypedKeys {
  return new Typing(pacing, path).run(keys);
}

class Typing {
  readonly #path: TypingPath;
  readonly #random: () => number;
  readonly #channels = { client: new SealedChannel(KEY, 'to-server'), server: new SealedChannel(KEY, 'to-client') };
  readonly #client: Transport<number, string>;
  readonly #server: Transport<Drawing, { readonly length: number }>;
  readonly #echo = new EchoAck();
  readonly #bytes = { client: 0, server: 0 };
  readonly #events: { readonly at: number; readonly happens: () => void }[] = [];
  readonly #typed: UserInput[] = [];
  #drawn = '';
  #shown = '';
  #now = 0;

  constructor(pacing: Pacing, path: TypingPath) {
    this.#path = path;
    this.#random = randomNumbers(path.seed);
    this.#client = this.#makeClient();
    this.#server = this.#makeServer(pacing);
  }

  run(keys: number): TypedKeys {
    this.#runUntil(() => this.#now >= SETTLED, SETTLED);
    Object.assign(this.#bytes, { client: 0, server: 0 });
    const times: number[] = [];
    for (let count = 0; count < keys; count += 1) {
      const start = this.#now;
      this.#typed.push({ kind: 'keys', bytes: Buffer.of(97 + (count % 26)) });
      this.#client.changed(start);
      this.#runUntil(() => this.#shown.length > count);
      times.push(this.#now - start);
      const next = this.#now + 60 + ((count * 37) % 50);
      this.#runUntil(() => this.#now >= next, next);
    }
    return { times, bytesDown: this.#bytes.server, bytesUp: this.#bytes.client };
  }

  #makeClient(): Transport<number, string> {
    return new Transport<number, string>({
      ...this.#shared('client'),
      pacing: CLIENT,
      local: {
        initial: 0,
        current: () => this.#typed.length,
        same: (a, b) => a === b,
        diff: (from, to) => encodeUserMessage(this.#typed.slice(from, to)),
      },
      remote: {
        initial: '',
        apply: (base, diff) => base + textOf(diff),
        newest: ({ state }) => {
          this.#shown = state;
        },
      },
    });
  }

  #makeServer(pacing: Pacing): Transport<Drawing, { readonly length: number }> {
    return new Transport<Drawing, { readonly length: number }>({
      ...this.#shared('server'),
      pacing,
      local: {
        initial: { text: '', echoAck: 0 },
        current: () => ({ text: this.#drawn, echoAck: this.#echo.value(this.#now) }),
        same: (a, b) => a.text === b.text && a.echoAck === b.echoAck,
        diff: diffDrawings,
      },
      remote: new ClientInput({ take: (inputs, number) => this.#take(inputs, number) }),
    });
  }

  #shared(role: End): Pick<TransportParts<unknown, unknown>, 'channel' | 'role' | 'now' | 'datagramBytes' | 'send'> {
    const send = (datagram: Buffer): void => this.#launch(role, datagram);
    return { channel: this.#channels[role], role, now: 0, datagramBytes: () => 1252, send };
  }

  #take(inputs: readonly UserInput[], number: number): void {
    const text = inputs.map((input) => (input.kind === 'keys' ? Buffer.from(input.bytes).toString() : '')).join('');
    this.#echo.delivered(number, this.#now);
    this.#events.push({
      at: this.#now + ECHO,
      happens: () => {
        this.#drawn += text;
        this.#server.changed(this.#now);
      },
    });
  }

  #launch(from: End, datagram: Buffer): void {
    this.#bytes[from] += datagram.length;
    if (this.#random() < this.#path.loss) return;
    const to: End = from === 'client' ? 'server' : 'client';
    const happens = (): void => {
      const opened = this.#channels[to].open(datagram);
      if (opened !== undefined) (to === 'client' ? this.#client : this.#server).receive(opened, this.#now);
    };
    this.#events.push({ at: this.#now + this.#path.delay + JITTER * this.#random(), happens });
  }

  /** @param at when `done` holds, if that is known */
  #runUntil(done: () => boolean, at = NEVER): void {
    while (!done()) {
      const ends = [this.#client, this.#server].map((end) => end.dueAt(this.#now));
      const next = Math.min(at, this.#echo.dueAt, ...ends, ...this.#events.map((event) => event.at));
      if (next > LIMIT) throw new Error(`a key was not echoed, seed ${this.#path.seed}`);
      this.#now = Math.max(this.#now, next);
      this.#step();
    }
  }

  #step(): void {
    for (const event of this.#events.filter(({ at }) => at <= this.#now)) {
      this.#events.splice(this.#events.indexOf(event), 1);
      event.happens();
    }
    if (this.#echo.dueAt <= this.#now) {
      this.#echo.value(this.#now);
      this.#server.changed(this.#now);
    }
    this.#client.tick(this.#now);
    this.#server.tick(this.#now);
  }
}

function diffDrawings(from: Drawing, to: Drawing): Uint8Array {
  const parts: HostInstruction[] = [];
  if (to.echoAck !== from.echoAck) parts.push({ kind: 'echo-ack', number: to.echoAck });
  if (to.text !== from.text) parts.push({ kind: 'bytes', bytes: Buffer.from(to.text.slice(from.text.length)) });
  return encodeHostMessage(parts);
}

function textOf(diff: Uint8Array): string {
  const parts = decodeHostMessage(Buffer.from(diff)) ?? [];
  return parts.map((part) => (part.kind === 'bytes' ? Buffer.from(part.bytes).toString() : '')).join('');
}
