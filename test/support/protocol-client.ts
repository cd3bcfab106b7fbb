/**
 * A Mosh client without a terminal and without sockets: speaks the protocol over whatever it is given, keeps the
 * screen as a terminal would. For tests that need to see every datagram.
 */
import type { Clock } from '../../src/base/clock.ts';
import { DrawnScreen } from '../../src/mosh/screen/drawn-screen.ts';
import { LIVELY } from '../../src/mosh/transport/sender.ts';
import { Transport } from '../../src/mosh/transport/transport.ts';
import { decodeHostMessage } from '../../src/mosh/wire/host-message.ts';
import { SealedChannel } from '../../src/mosh/wire/sealed-channel.ts';
import { encodeUserMessage, type UserInput } from '../../src/mosh/wire/user-message.ts';

export class ProtocolClient {
  readonly screen: DrawnScreen;
  /** Every echo ack, in order of arrival. */
  readonly echoAcks: number[] = [];
  /** All that was to be drawn. */
  drawn = '';
  readonly #inputs: UserInput[] = [];
  readonly #channel: SealedChannel;
  readonly #clock: Clock;
  readonly #transport: Transport<number, number>;

  constructor(key: Uint8Array, clock: Clock, send: (datagram: Buffer) => void, size = { cols: 80, rows: 24 }) {
    this.#clock = clock;
    this.#channel = new SealedChannel(key, 'to-server');
    this.screen = new DrawnScreen({ size, clipboard: true, onAnswer: () => {} });
    this.#inputs.push({ kind: 'resize', ...size });
    this.#transport = new Transport({
      channel: this.#channel,
      pacing: LIVELY,
      role: 'client',
      now: clock.monotonic(),
      datagramBytes: () => 1252,
      send,
      local: {
        initial: 0,
        current: () => this.#inputs.length,
        same: (a, b) => a === b,
        diff: (from, to) => encodeUserMessage(this.#inputs.slice(from, to)),
      },
      remote: {
        initial: 0,
        apply: (base) => base + 1,
        newest: ({ diff }) => this.#show(diff),
      },
    });
    this.#transport.changed(clock.monotonic());
  }

  get roundTrip(): number | undefined {
    return this.#transport.roundTrip;
  }

  /** The server has said goodbye. */
  get toldOfEnd(): boolean {
    return this.#transport.peerLeft;
  }

  /** The first row of the screen, right-trimmed. */
  row(index: number): string {
    const cells = this.screen.picture(0).rows[index]?.cells ?? [];
    return cells
      .map((cell) => cell.text)
      .join('')
      .trimEnd();
  }

  type(text: string): void {
    for (const byte of Buffer.from(text)) this.#inputs.push({ kind: 'keys', bytes: Buffer.from([byte]) });
    this.#transport.changed(this.#clock.monotonic());
  }

  resize(cols: number, rows: number): void {
    this.#inputs.push({ kind: 'resize', cols, rows });
    this.#transport.changed(this.#clock.monotonic());
  }

  leave(): void {
    this.#transport.end(this.#clock.monotonic());
  }

  receive(datagram: Buffer): void {
    const opened = this.#channel.open(datagram);
    if (opened !== undefined) this.#transport.receive(opened, this.#clock.monotonic());
  }

  tick(): void {
    this.#transport.tick(this.#clock.monotonic());
  }

  #show(diff: Uint8Array): void {
    for (const instruction of decodeHostMessage(Buffer.from(diff)) ?? []) {
      if (instruction.kind === 'echo-ack') this.echoAcks.push(instruction.number);
      else if (instruction.kind === 'resize') this.screen.resize(instruction);
      else {
        this.drawn += Buffer.from(instruction.bytes).toString();
        this.screen.write(instruction.bytes);
      }
    }
  }
}
