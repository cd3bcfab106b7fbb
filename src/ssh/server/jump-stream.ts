/**
 * A `direct-tcpip` channel as the stream under an inner SSH connection, with the back-pressure of the outer one.
 * The end of either ends both.
 */
import { Duplex } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import type { ChannelEndpoint } from '../adapter/channel-endpoint.ts';

const HIGH_WATER = 64 * 1024;

type Done = (failure?: Error | null) => void;

export class JumpStream extends Duplex {
  /** Read by the package for its log. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #channel: ServerChannel;
  readonly #endpoint: ChannelEndpoint;
  #written: Done | null = null;

  constructor(channel: ServerChannel, endpoint: ChannelEndpoint, remote: { address: string; port: number }) {
    super({ readableHighWaterMark: HIGH_WATER, writableHighWaterMark: HIGH_WATER, allowHalfOpen: false });
    this.#channel = channel;
    this.#endpoint = endpoint;
    this.remoteAddress = remote.address;
    this.remotePort = remote.port;
    endpoint.attach({
      onData: (bytes) => {
        if (!this.push(bytes)) endpoint.pause();
      },
      onEof: () => void this.push(null),
      onDrain: () => this.#drained(),
      onGone: () => void this.destroy(),
      onClosed: () => {},
    });
  }

  override _read(): void {
    this.#endpoint.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (this.#endpoint.write(bytes, 'stdout')) done();
    else this.#written = done;
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: Done): void {
    this.#endpoint.whenFlushed(() => {
      this.#channel.eof();
      this.#endpoint.close();
      done();
    });
  }

  override _destroy(failure: Error | null, done: Done): void {
    this.#endpoint.close();
    done(failure);
  }

  #drained(): void {
    const done = this.#written;
    this.#written = null;
    done?.();
  }
}
