/** A client that can break the protocol: ssh2's own, with its protocol object laid open. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { internalsOf, type ProtocolInternals } from '../../../../src/ssh/adapter/connection-internals.ts';
import type { TestDoor } from './test-door.ts';

/** More of the package's protocol than the program itself may touch. */
export interface RawProtocol extends ProtocolInternals {
  session(channel: number, window: number, packetSize: number): void;
  exec(channel: number, command: string, wantReply: boolean): void;
  shell(channel: number, wantReply: boolean): void;
  pty(
    channel: number,
    rows: number,
    cols: number,
    height: number,
    width: number,
    term: string,
    modes: Buffer,
    wantReply: boolean,
  ): void;
  authNone(user: string): void;
  authPassword(user: string, password: string): void;
  channelEOF(channel: number): void;
  openssh_agentForward(channel: number, wantReply: boolean): void;
  openssh_directStreamLocal(
    channel: number,
    window: number,
    packetSize: number,
    where: { readonly socketPath: string },
  ): void;
  x11Forward(
    channel: number,
    options: { readonly single: boolean; readonly protocol: string; readonly cookie: string; readonly screen: number },
    wantReply: boolean,
  ): void;
}

interface PacketParts {
  readonly _packetRW: {
    readonly write: { readonly allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
}

export class RawClient implements AsyncDisposable {
  readonly client: Client;
  readonly socket: Socket;
  readonly closed: Promise<void>;

  private constructor(client: Client, socket: Socket) {
    this.client = client;
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
  }

  get protocol(): RawProtocol {
    return internalsOf(this.client).protocol as RawProtocol;
  }

  /** Connects and, unless told otherwise, signs in as alice. */
  static async open(
    door: TestDoor,
    config: Partial<ConnectConfig> = {},
    until: 'ready' | 'handshake' = 'ready',
  ): Promise<RawClient> {
    const socket = connect({ port: door.port, host: '127.0.0.1' });
    const client = new ssh2.Client();
    const raw = new RawClient(client, socket);
    client.on('error', () => {});
    client.connect({
      sock: socket,
      username: 'alice@db1',
      privateKey: readFileSync(door.key.file),
      hostVerifier: () => true,
      ...config,
    });
    await once(client, until);
    return raw;
  }

  /** Sends a message of any content, encrypted as it must be. */
  send(payload: Uint8Array): void {
    const { _packetRW: packets, _cipher: cipher } = this.protocol as RawProtocol & PacketParts;
    const packet = packets.write.alloc(payload.length);
    packet.set(payload, packets.write.allocStart);
    cipher.encrypt(packets.write.finalize(packet));
  }

  /** Resolves with what the handler was called with next. The package's own handler is not called. */
  next(name: keyof ProtocolInternals['_handlers'] | 'CHANNEL_OPEN_FAILURE'): Promise<readonly unknown[]> {
    return new Promise((resolve) => {
      Object.assign(this.protocol._handlers, {
        [name]: (_protocol: unknown, ...rest: readonly unknown[]) => resolve(rest),
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    this.socket.destroy();
    if (!this.socket.closed) await once(this.socket, 'close');
  }
}
