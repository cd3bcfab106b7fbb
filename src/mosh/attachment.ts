/**
 * One client under one key: its transport, its address, its timers. It shows a stage and hands the stage its
 * keys. A new connection of the same person is another attachment with another key; a key is never used again.
 */
import type { Cancel, Clock } from '../base/clock.ts';
import { ClientInput, type InputSink, type InputState } from './client-input.ts';
import { CursorKeys } from './cursor-keys.ts';
import { EchoAck } from './echo-ack.ts';
import { RoamAllowance } from './roam-allowance.ts';
import { INITIAL_SCREEN, type Screen, sameScreen } from './screen/screen.ts';
import { diffScreens } from './screen/screen-diff.ts';
import type { Stage } from './stage.ts';
import { LIVELY } from './transport/sender.ts';
import { type Heard, Transport } from './transport/transport.ts';
import type { OpenedDatagram, SealedChannel } from './wire/sealed-channel.ts';
import type { UserInput } from './wire/user-message.ts';

export interface PeerAddress {
  readonly address: string;
  readonly port: number;
}

/** Where datagrams go out. */
export interface DatagramPort {
  /** Largest datagram that paths of this kind take, in bytes. */
  readonly datagramBytes: number;
  /** `onTooLarge` when the path does not take it. Nothing else is told: datagrams get lost. */
  send(datagram: Buffer, to: PeerAddress, onTooLarge: () => void): void;
}

/** `left`: the client said goodbye. `ended`: ours was answered or given up. `dropped`: without any goodbye. */
export type AttachmentEnd = 'left' | 'ended' | 'dropped';

export interface AttachmentListener {
  /** Whether the client is served at this address. What it sends from another one is not taken and not answered. */
  allows(from: PeerAddress): boolean;
  /** The first authentic datagram, and each newest one from a new address; its keys are taken after this. */
  onMoved(from: PeerAddress | null, to: PeerAddress): void;
  /** Something authentic and new came. */
  onHeard(): void;
  /** Once; nothing is called after it. */
  onEnd(how: AttachmentEnd): void;
}

export interface AttachmentParts {
  /** Of this attachment alone. */
  readonly channel: SealedChannel;
  readonly port: DatagramPort;
  readonly clock: Clock;
  readonly stage: Stage;
  readonly listener: AttachmentListener;
}

/** What must stay known after the end, to tell a client that returns. */
export interface AttachmentRemains {
  readonly channel: SealedChannel;
  readonly port: DatagramPort;
  /** A state that the client surely has. */
  readonly acknowledgedNumber: number;
  readonly expectedSequence: number;
  readonly address: PeerAddress | undefined;
}

/** What every path takes. */
const SMALL_DATAGRAM = 500;
/** ms that a goodbye takes at most. */
const GOODBYE_LIMIT = 10_500;

export class Attachment implements InputSink {
  readonly #parts: AttachmentParts;
  readonly #channel: SealedChannel;
  readonly #transport: Transport<Screen, InputState>;
  readonly #echo = new EchoAck();
  readonly #keys = new CursorKeys();
  readonly #allowance = new RoamAllowance();
  #stage: Stage;
  #address: PeerAddress | undefined;
  #datagramBytes: number;
  #armed: { readonly at: number; readonly cancel: Cancel } | undefined;
  #frozen: Screen | undefined;
  #cancelGoodbye: Cancel = () => {};
  #ended = false;

  constructor(parts: AttachmentParts) {
    this.#parts = parts;
    this.#stage = parts.stage;
    this.#datagramBytes = parts.port.datagramBytes;
    this.#channel = parts.channel;
    this.#transport = new Transport({
      channel: this.#channel,
      pacing: LIVELY,
      local: {
        initial: INITIAL_SCREEN,
        current: () => this.#picture(),
        same: sameScreen,
        diff: diffScreens,
      },
      remote: new ClientInput(this),
      role: 'server',
      now: parts.clock.monotonic(),
      datagramBytes: () => this.#datagramBytes,
      send: (datagram) => this.#send(datagram),
    });
  }

  get address(): PeerAddress | undefined {
    return this.#address;
  }

  get expectedSequence(): number {
    return this.#transport.expectedSequence;
  }

  /** ms of the monotonic clock; undefined before anything authentic came. */
  get heardAt(): number | undefined {
    return this.#transport.heardAt;
  }

  /** Smoothed, ms; undefined before it was measured. */
  get roundTrip(): number | undefined {
    return this.#transport.roundTrip;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get remains(): AttachmentRemains {
    return {
      channel: this.#channel,
      port: this.#parts.port,
      acknowledgedNumber: this.#transport.acknowledgedNumber,
      expectedSequence: this.#transport.expectedSequence,
      address: this.#address,
    };
  }

  /** Shows something else from now on. */
  show(stage: Stage): void {
    this.#stage = stage;
    this.changed();
  }

  /** What the stage shows may have changed. */
  changed(): void {
    if (this.#ended || this.#frozen !== undefined) return;
    this.#transport.changed(this.#now);
    this.#arm();
  }

  /** undefined when it was not sealed with this attachment's key. */
  open(datagram: Buffer): OpenedDatagram | undefined {
    return this.#channel.open(datagram);
  }

  /** Takes a datagram that `open` has opened. */
  receive(opened: OpenedDatagram, from: PeerAddress): Heard {
    if (this.#ended || !this.#stage.hasRoom) return 'late';
    const elsewhere = this.#address?.address !== from.address || this.#address.port !== from.port;
    if (elsewhere && !this.#parts.listener.allows(from)) return 'late';
    // Before its keys are taken: a new address may mean that they are not for the session.
    if (elsewhere && opened.sequence >= this.expectedSequence) this.#move(from, opened.plaintext.length);
    const heard = this.#transport.receive(opened, this.#now);
    if (heard === 'newer') {
      this.#allowance.received(opened.plaintext.length, this.#transport.acknowledgedNumber);
      this.#parts.listener.onHeard();
    }
    this.#afterEvent();
    return heard;
  }

  take(inputs: readonly UserInput[], stateNumber: number): void {
    inputs.forEach((input, index) => {
      if (input.kind === 'keys') {
        this.#stage.input(this.#keys.translate(input.bytes, this.#stage.applicationCursor));
      } else if (inputs[index + 1]?.kind !== 'resize') {
        this.#stage.resize({ cols: input.cols, rows: input.rows });
        this.#transport.changed(this.#now);
      }
    });
    this.#echo.delivered(stateNumber, this.#now);
  }

  /** Says goodbye with what is shown now; `onEnd` comes when the client knows or does not answer. */
  end(): void {
    if (this.#ended || this.#frozen !== undefined) return;
    this.#frozen = this.#picture();
    this.#transport.end(this.#now);
    if (this.#transport.heardAt === undefined) return this.drop();
    // Nothing is sent to who has been silent for long, and so nothing else would notice the end.
    this.#cancelGoodbye = this.#parts.clock.after(GOODBYE_LIMIT, () => this.#finish('ended'), { unref: true });
    this.#arm();
  }

  /** Ends without a word. Idempotent. */
  drop(): void {
    this.#finish('dropped');
  }

  get #now(): number {
    return this.#parts.clock.monotonic();
  }

  #picture(): Screen {
    return this.#frozen ?? this.#stage.picture(this.#echo.value(this.#now));
  }

  #move(to: PeerAddress, bytes: number): void {
    const from = this.#address;
    this.#address = to;
    if (from !== undefined) this.#allowance.roamed(this.#transport.lastNumber, bytes, this.#now);
    this.#parts.listener.onMoved(from ?? null, to);
  }

  #send(datagram: Buffer): void {
    const to = this.#address;
    if (to === undefined) return;
    if (!this.#allowance.allows(datagram.length, this.#now, this.#transport.roundTrip ?? 0)) return;
    this.#parts.port.send(datagram, to, () => {
      this.#datagramBytes = SMALL_DATAGRAM;
    });
  }

  /** Sends what is due and sees whether this is the end. */
  #afterEvent(): void {
    if (this.#ended) return;
    if (this.#channel.exhausted) return this.#finish('dropped');
    const now = this.#now;
    if (this.#echo.dueAt <= now) {
      this.#echo.value(now);
      if (this.#frozen === undefined) this.#transport.changed(now);
    }
    this.#transport.tick(now);
    if (this.#transport.peerLeft) return this.#finish('left');
    const ending = this.#transport.ending(now);
    if (ending === 'acknowledged' || ending === 'given-up') return this.#finish('ended');
    this.#arm();
  }

  #arm(): void {
    const now = this.#now;
    const due = Math.min(this.#transport.dueAt(now), this.#echo.dueAt);
    if (this.#armed !== undefined && this.#armed.at <= due) return;
    this.#armed?.cancel();
    this.#armed = undefined;
    if (due === Number.POSITIVE_INFINITY) return;
    const fire = (): void => {
      this.#armed = undefined;
      this.#afterEvent();
    };
    const cancel = this.#parts.clock.after(Math.max(0, Math.ceil(due - now)), fire, { unref: true });
    this.#armed = { at: due, cancel };
  }

  #finish(how: AttachmentEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelGoodbye();
    this.#armed?.cancel();
    this.#armed = undefined;
    this.#parts.listener.onEnd(how);
  }
}
