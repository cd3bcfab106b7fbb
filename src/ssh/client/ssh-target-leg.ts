/**
 * The target's end of a channel over SSH. The end is told only when the exit status, both output streams and the
 * channel's close have all been seen, because targets close while output is still on its way.
 */
import type { ClientChannel } from 'ssh2';
import type { TerminalSize } from '../../model/session.ts';
import type { Clearance } from '../../session/clearance.ts';
import type { ExitStatus, TargetLeg, TargetLegListener } from '../../session/ports.ts';
import type { ChannelEndpoint } from '../adapter/channel-endpoint.ts';

const LONGEST_MESSAGE = 1024;

export class SshTargetLeg implements TargetLeg {
  readonly #endpoint: ChannelEndpoint;
  readonly #released: () => void;
  #listener: TargetLegListener | null = null;
  #status: ExitStatus | null = null;

  /** @param released called once when the channel has ended */
  constructor(channel: ClientChannel, endpoint: ChannelEndpoint, released: () => void) {
    this.#endpoint = endpoint;
    this.#released = released;
    channel.on('exit', (code: unknown, signal: unknown, dump: unknown, message: unknown) => {
      this.#status = exitStatus(code, signal, dump, message);
    });
  }

  attach(listener: TargetLegListener): void {
    if (this.#listener !== null) throw new TypeError('a target leg is attached once');
    this.#listener = listener;
    this.#endpoint.attach({
      onData: (bytes, stream) => listener.onOutput(bytes, stream),
      onEof: () => {},
      onDrain: () => listener.onDrain(),
      onGone: () => {},
      onClosed: () => {
        this.#released();
        listener.onEnd(this.#status);
      },
    });
  }

  write(clearance: Clearance): boolean {
    return this.#endpoint.write(clearance.bytes, 'stdout');
  }

  endInput(): void {
    this.#endpoint.end();
  }

  resize(size: TerminalSize): void {
    this.#endpoint.ask((protocol, channel) => protocol.windowChange(channel, size.rows, size.cols, 0, 0));
  }

  signal(name: string): void {
    try {
      this.#endpoint.ask((protocol, channel) => protocol.signal(channel, name));
    } catch {
      // The package refuses names that no system has; the target could do nothing with them either.
    }
  }

  pauseOutput(): void {
    this.#endpoint.pause();
  }

  resumeOutput(): void {
    this.#endpoint.resume();
  }

  close(): void {
    this.#endpoint.close();
  }
}

/** The package gives a number, or null and the signal's name with `SIG`. */
function exitStatus(code: unknown, signal: unknown, dump: unknown, message: unknown): ExitStatus {
  if (typeof code === 'number') return { kind: 'code', code };
  return {
    kind: 'signal',
    signal: typeof signal === 'string' ? signal.replace(/^SIG/, '') : 'KILL',
    coreDumped: dump === true,
    message: typeof message === 'string' ? message.slice(0, LONGEST_MESSAGE) : '',
  };
}
