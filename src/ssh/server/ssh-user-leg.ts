/**
 * The user's end of a channel over SSH. Input waits in the channel's window until somebody attaches; output
 * waits for the user's socket. The end comes in the order that OpenSSH expects: output, exit status, EOF, close.
 */
import type { ServerChannel } from 'ssh2';
import type { Door, TerminalSize } from '../../model/session.ts';
import type { ExitStatus, Presence, UserLeg, UserLegListener } from '../../session/ports.ts';
import type { ChannelEndpoint } from '../adapter/channel-endpoint.ts';
import type { RoundTripMeter } from '../adapter/user-guard.ts';

export interface SshUserLegOptions {
  readonly channel: ServerChannel;
  readonly endpoint: ChannelEndpoint;
  readonly door: Door;
  readonly meter: RoundTripMeter;
  /** Told once when the channel has ended for good. */
  readonly onEnded: () => void;
}

/** Signals kept for a listener that is not there yet. */
const EARLY_SIGNALS = 8;
const SIGNAL_NAME = /^[A-Z0-9]{1,10}$/;
/** RFC 4254 §6.10 has no number for "unknown"; OpenSSH's client reports 255 for a session that was cut. */
const UNKNOWN_EXIT = 255;

export class SshUserLeg implements UserLeg {
  readonly door: Door;
  readonly presence: Presence = 'attached';
  readonly #channel: ServerChannel;
  readonly #endpoint: ChannelEndpoint;
  readonly #meter: RoundTripMeter;
  readonly #onEnded: () => void;
  readonly #earlySignals: string[] = [];
  #earlySize: TerminalSize | null = null;
  #listener: UserLegListener | null = null;
  #state: 'open' | 'finishing' | 'closed' = 'open';

  constructor(options: SshUserLegOptions) {
    this.#channel = options.channel;
    this.#endpoint = options.endpoint;
    this.door = options.door;
    this.#meter = options.meter;
    this.#onEnded = options.onEnded;
  }

  get roundTrip(): number | undefined {
    return this.#meter.value;
  }

  attach(listener: UserLegListener): void {
    if (this.#listener !== null) throw new TypeError('a user leg is attached once');
    this.#listener = listener;
    if (this.#state === 'closed') {
      listener.onClose();
      return;
    }
    this.#endpoint.attach({
      onData: (bytes) => this.#input(bytes),
      onEof: () => this.#whileOpen()?.onInputEnd(),
      onDrain: () => this.#whileOpen()?.onDrain(),
      onGone: () => this.#ended(),
      onClosed: () => {},
    });
    if (this.#earlySize !== null) this.#whileOpen()?.onResize(this.#earlySize);
    for (const name of this.#earlySignals) this.#whileOpen()?.onSignal(name);
  }

  write(bytes: Uint8Array): boolean {
    return this.#endpoint.write(bytes, 'stdout');
  }

  writeError(bytes: Uint8Array): boolean {
    return this.#endpoint.write(bytes, 'stderr');
  }

  pauseInput(): void {
    this.#endpoint.pause();
  }

  resumeInput(): void {
    this.#endpoint.resume();
  }

  /** Resolves when all was handed to the socket, or the user is gone. */
  finish(status: ExitStatus | null): Promise<void> {
    if (this.#state !== 'open') return Promise.resolve();
    this.#state = 'finishing';
    return new Promise((resolve) => {
      this.#endpoint.whenFlushed(() => {
        this.#sayStatus(status);
        this.#channel.eof();
        this.close();
        resolve();
      });
    });
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#endpoint.close();
    this.#ended();
  }

  /** The client's terminal changed its size. */
  resized(size: TerminalSize): void {
    if (this.#listener === null) this.#earlySize = size;
    else this.#whileOpen()?.onResize(size);
  }

  /** The client sent a signal; names that no signal has are dropped. */
  signalled(name: string): void {
    if (!SIGNAL_NAME.test(name)) return;
    if (this.#listener !== null) this.#whileOpen()?.onSignal(name);
    else if (this.#earlySignals.length < EARLY_SIGNALS) this.#earlySignals.push(name);
  }

  #whileOpen(): UserLegListener | null {
    return this.#state === 'open' ? this.#listener : null;
  }

  #input(bytes: Buffer): void {
    if (this.#state !== 'open') return;
    this.#meter.refresh();
    this.#listener?.onInput(bytes);
  }

  #sayStatus(status: ExitStatus | null): void {
    if (this.#endpoint.gone) return;
    if (status?.kind === 'signal' && SIGNAL_NAME.test(status.signal)) {
      this.#channel.exit(status.signal, status.coreDumped, status.message);
    } else {
      this.#channel.exit(status?.kind === 'code' ? status.code : UNKNOWN_EXIT);
    }
  }

  #ended(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#onEnded();
    this.#listener?.onClose();
  }
}
