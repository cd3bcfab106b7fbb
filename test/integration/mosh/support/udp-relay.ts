/**
 * A bad network on the loopback: forwards datagrams between one client and one server and drops, delays, doubles
 * and reorders them by a seed. `roam` goes on from another source address and port.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { randomNumbers } from '../../../support/random-numbers.ts';

export interface RelayQuality {
  readonly seed: number;
  /** 0 to 1, each way */
  readonly loss?: number;
  /** ms, each way */
  readonly delay?: number;
  /** 0 to 1: the datagram comes 20 to 60 ms later than it should. */
  readonly reorder?: number;
  readonly doubled?: number;
}

export interface RelayCounts {
  datagrams: number;
  bytes: number;
}

export class UdpRelay implements AsyncDisposable {
  /** Where the client sends to. */
  readonly port: number;
  readonly toServer: RelayCounts = { datagrams: 0, bytes: 0 };
  readonly toClient: RelayCounts = { datagrams: 0, bytes: 0 };
  /** The last datagrams of the client, for replays. */
  readonly seen: Buffer[] = [];
  quality: RelayQuality;
  /** Nothing goes through. */
  cut = false;
  readonly #front: Socket;
  readonly #server: number;
  readonly #random: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #back: Socket;
  #client: { readonly port: number; readonly address: string } | undefined;

  private constructor(front: Socket, back: Socket, server: number, quality: RelayQuality) {
    this.#front = front;
    this.#back = back;
    this.#server = server;
    this.quality = quality;
    this.port = front.address().port;
    this.#random = randomNumbers(quality.seed);
    front.on('message', (datagram, from) => {
      this.#client = from;
      if (this.seen.push(datagram) > 50) this.seen.shift();
      this.#forward(datagram, this.toServer, () => this.#back.send(datagram, this.#server, '127.0.0.1'));
    });
    this.#listenBack();
  }

  static async start(server: number, quality: RelayQuality): Promise<UdpRelay> {
    return new UdpRelay(await bound('127.0.0.1'), await bound('127.0.0.1'), server, quality);
  }

  /** The client appears at another address of this machine from now on. */
  async roam(address: string): Promise<void> {
    const old = this.#back;
    this.#back = await bound(address);
    this.#listenBack();
    old.close();
  }

  resetCounts(): void {
    Object.assign(this.toServer, { datagrams: 0, bytes: 0 });
    Object.assign(this.toClient, { datagrams: 0, bytes: 0 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#front.close();
    this.#back.close();
    await Promise.resolve();
  }

  #listenBack(): void {
    this.#back.on('message', (datagram) => {
      this.#forward(datagram, this.toClient, () => {
        if (this.#client !== undefined) this.#front.send(datagram, this.#client.port, this.#client.address);
      });
    });
  }

  #forward(datagram: Buffer, counts: RelayCounts, send: () => void): void {
    counts.datagrams += 1;
    counts.bytes += datagram.length;
    const { loss = 0, delay = 0, reorder = 0, doubled = 0 } = this.quality;
    const copies = this.#random() < doubled ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.cut || this.#random() < loss) continue;
      const late = this.#random() < reorder ? 20 + 40 * this.#random() : 0;
      if (delay + late === 0) send();
      else this.#later(delay + late, send);
    }
  }

  #later(ms: number, send: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send();
    }, ms);
    this.#timers.add(timer);
  }
}

async function bound(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  socket.setRecvBufferSize(1024 * 1024);
  return socket;
}
