/**
 * Our end of one SSH channel, on either leg: window accounting, back-pressure from the socket, a fair share of
 * every turn, and orderly ends. It takes the place of the package's own channel streams, which lose error
 * output when the window is full and know nothing of the socket behind them. Delivers nothing before `attach`.
 */
import type { Channel } from 'ssh2';
import type { ChannelSide, ProtocolInternals } from './connection-internals.ts';
import { LARGEST_WINDOW, sidesOf } from './connection-internals.ts';

export type ByteStream = 'stdout' | 'stderr';

export interface EndpointListener {
  onData(bytes: Buffer, stream: ByteStream): void;
  /** The peer sends no more; after all data. */
  onEof(): void;
  /** Room again after a write returned false. */
  onDrain(): void;
  /** The channel is closed and everything received was delivered. Once; last call. */
  onClosed(): void;
  /** The peer closed the channel or the connection is lost; data may still be waiting behind a pause. Once. */
  onGone(): void;
}

/** What an endpoint needs from its connection. */
export interface EndpointConnection {
  readonly protocol: ProtocolInternals;
  /** Whether the socket takes more now. */
  hasRoom(): boolean;
  /** Calls `endpoint.flush()` once there is room. */
  awaitRoom(endpoint: ChannelEndpoint): void;
  /** Runs `send`, which writes one packet, at once; packets of one turn share system calls. */
  gather(send: () => void): void;
  /** Counts bytes sent, for rekeying. */
  sent(bytes: number): void;
  /** Ends the connection of a peer that breaks the protocol. Always throws. */
  violate(why: string): never;
}

const STDERR = 1;
/** What the package grants every peer (Channel.js) and what we top up to. */
const WINDOW = 2 * 1024 * 1024;
const TOP_UP = WINDOW / 4;
/** Queued bytes from which a writer is told to wait, and below which it is told to go on. */
const HIGH_WATER = 256 * 1024;
const LOW_WATER = 64 * 1024;
/** Bytes one channel may send in one turn of the event loop, so that keystrokes are not behind a bulk stream. */
const TURN_BYTES = 256 * 1024;

interface Chunk {
  readonly bytes: Buffer;
  readonly stream: ByteStream;
}

export class ChannelEndpoint {
  readonly #connection: EndpointConnection;
  readonly #channel: Channel;
  readonly #outgoing: ChannelSide;
  readonly #received: Chunk[] = [];
  readonly #queue: Chunk[] = [];
  #afterFlush: (() => void)[] = [];
  #listener: EndpointListener | null = null;
  #paused = false;
  #incomingWindow = WINDOW;
  #consumed = 0;
  #queued = 0;
  #spentThisTurn = 0;
  #waited = false;
  #eof: 'none' | 'received' | 'told' = 'none';
  #state: 'open' | 'gone' | 'closed' = 'open';

  constructor(connection: EndpointConnection, channel: Channel) {
    this.#connection = connection;
    this.#channel = channel;
    this.#outgoing = sidesOf(channel).outgoing;
  }

  get gone(): boolean {
    return this.#state !== 'open';
  }

  /** Bytes taken but not sent yet. */
  get queued(): number {
    return this.#queued;
  }

  attach(listener: EndpointListener): void {
    this.#listener = listener;
    if (this.#state !== 'open') listener.onGone();
    this.#deliver();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  /** Takes bytes to send. False: wait for `onDrain` before the next ones. Bytes for a closed channel are dropped. */
  write(bytes: Uint8Array, stream: ByteStream): boolean {
    if (this.gone || this.#outgoing.state !== 'open') return true;
    if (bytes.length > 0) {
      this.#queue.push({ bytes: asBuffer(bytes), stream });
      this.#queued += bytes.length;
      this.flush();
    }
    if (this.#queued < HIGH_WATER) return true;
    this.#waited = true;
    return false;
  }

  /** Sends a request about the channel, also when the input has ended: the package's own methods drop it then. */
  ask(request: (protocol: ProtocolInternals, channel: number) => void): void {
    if (!this.gone && this.#outgoing.state !== 'closing') request(this.#connection.protocol, this.#outgoing.id);
  }

  /** Runs `action` when all that was written is sent, or at once when the channel is gone. */
  whenFlushed(action: () => void): void {
    if (this.gone || this.#queue.length === 0) action();
    else this.#afterFlush.push(action);
  }

  /** Sends EOF after what was written. */
  end(): void {
    this.whenFlushed(() => this.#channel.eof());
  }

  /** Closes the channel at once; what was not sent is dropped. The peer's CLOSE still has to come. */
  close(): void {
    this.#dropQueue();
    if (this.#state === 'open') this.#channel.close();
  }

  /** Sends as much as window, socket and turn allow. */
  flush(): void {
    this.#send();
    if (this.#waited && this.#queued <= LOW_WATER) {
      this.#waited = false;
      this.#listener?.onDrain();
    }
  }

  /** The peer sent data. */
  receive(bytes: Buffer, stream: ByteStream): void {
    if (bytes.length > this.#incomingWindow) this.#connection.violate('more data than the window allows');
    if (this.#state !== 'open' || this.#eof !== 'none') return;
    this.#incomingWindow -= bytes.length;
    if (this.#listener === null || this.#paused || this.#received.length > 0) {
      this.#received.push({ bytes, stream });
      return;
    }
    this.#hand({ bytes, stream });
  }

  /** The peer lets us send `amount` bytes more. */
  widen(amount: number): void {
    this.#outgoing.window += amount;
    if (this.#outgoing.window > LARGEST_WINDOW) this.#connection.violate('a window above 2^32-1');
    this.flush();
  }

  receiveEof(): void {
    if (this.#eof !== 'none') return;
    this.#eof = 'received';
    this.#deliver();
  }

  /** The peer closed the channel, or the connection is lost. */
  peerGone(): void {
    if (this.#state !== 'open') return;
    this.#state = 'gone';
    this.#dropQueue();
    this.#listener?.onGone();
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#paused && this.#listener !== null) {
      const chunk = this.#received.shift();
      if (chunk === undefined) {
        this.#deliverEnd(this.#listener);
        return;
      }
      this.#hand(chunk);
    }
  }

  #deliverEnd(listener: EndpointListener): void {
    if (this.#eof === 'received') {
      this.#eof = 'told';
      listener.onEof();
    }
    if (this.#state === 'gone') {
      this.#state = 'closed';
      listener.onClosed();
    }
  }

  #hand(chunk: Chunk): void {
    this.#consumed += chunk.bytes.length;
    if (this.#consumed >= TOP_UP && this.#state === 'open') this.#topUp();
    this.#listener?.onData(chunk.bytes, chunk.stream);
  }

  #topUp(): void {
    this.#connection.protocol.channelWindowAdjust(this.#outgoing.id, this.#consumed);
    this.#incomingWindow += this.#consumed;
    this.#consumed = 0;
  }

  #send(): void {
    while (this.#queue.length > 0 && this.#outgoing.window > 0) {
      if (this.#spentThisTurn >= TURN_BYTES) return;
      if (!this.#connection.hasRoom()) {
        this.#connection.awaitRoom(this);
        return;
      }
      this.#sendOne();
    }
    if (this.#queue.length === 0) this.#runAfterFlush();
  }

  #sendOne(): void {
    const chunk = this.#queue[0];
    if (chunk === undefined) return;
    const length = Math.min(chunk.bytes.length, this.#outgoing.window, this.#outgoing.packetSize);
    if (length === chunk.bytes.length) this.#queue.shift();
    else this.#queue[0] = { bytes: chunk.bytes.subarray(length), stream: chunk.stream };
    this.#account(length);
    const part = chunk.bytes.subarray(0, length);
    const { protocol } = this.#connection;
    this.#connection.gather(() => {
      if (chunk.stream === 'stdout') protocol.channelData(this.#outgoing.id, part);
      else protocol.channelExtData(this.#outgoing.id, part, STDERR);
    });
    this.#connection.sent(length);
  }

  #account(length: number): void {
    this.#queued -= length;
    this.#outgoing.window -= length;
    if (this.#spentThisTurn === 0) setImmediate(() => this.#nextTurn());
    this.#spentThisTurn += length;
  }

  #nextTurn(): void {
    this.#spentThisTurn = 0;
    if (this.#queue.length > 0 && !this.gone) this.flush();
  }

  #runAfterFlush(): void {
    const actions = this.#afterFlush;
    this.#afterFlush = [];
    for (const action of actions) action();
  }

  #dropQueue(): void {
    this.#queue.length = 0;
    this.#queued = 0;
    this.#runAfterFlush();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
