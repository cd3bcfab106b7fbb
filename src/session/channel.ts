/**
 * Joins the two ends of one open channel through its gate. Output is recorded before it is shown. When the
 * recording fails, nothing passes in either direction until it works again.
 */
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { ExitStatus, TerminalSize } from '../model/session.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { ChannelGate } from './channel-gate.ts';
import { FlowValve } from './flow-valve.ts';
import type { OutputRecord } from './output-record.ts';
import type { TargetLeg, TargetLegListener, UserLeg, UserLegListener } from './ports.ts';

export interface ChannelParts {
  readonly user: UserLeg;
  readonly target: TargetLeg;
  readonly recorder: Recorder;
  /** Takes output into the recording, all of it or up to a limit. */
  readonly record: OutputRecord;
  readonly logger: Logger;
}

interface Output {
  readonly bytes: Uint8Array;
  readonly stream: 'stdout' | 'stderr';
}

export class Channel {
  readonly #parts: ChannelParts;
  readonly #valve: FlowValve;
  readonly #ended: Promise<ExitStatus | null>;
  #end: (status: ExitStatus | null) => void = () => {};
  #gate: ChannelGate | undefined;
  #frozen = false;
  #userGone = false;
  /** Somebody froze the user's input. */
  #halted = false;
  /** Output that arrived after the freeze, before the target noticed. */
  #late: Output[] = [];

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#valve = new FlowValve(
      () => parts.target.pauseOutput(),
      () => parts.target.resumeOutput(),
    );
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Lets bytes flow. Resolves with how the program ended, after all of its output was handed on. */
  async run(gate: ChannelGate): Promise<ExitStatus | null> {
    this.#gate = gate;
    const { recorder, target } = this.#parts;
    const stop = [
      recorder.onFailure(() => this.freeze()),
      recorder.onRecovered(() => this.thaw()),
      recorder.onDrained(() => this.#valve.open('recorder')),
    ];
    target.attach(this.#targetListener());
    try {
      return await this.#ended;
    } finally {
      for (const unsubscribe of stop) unsubscribe();
      gate.close('the session ended');
    }
  }

  /** The target's output stops here while somebody cannot take more. */
  get valve(): FlowValve {
    return this.#valve;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** The user's end was closed before the target's. */
  get userGone(): boolean {
    return this.#userGone;
  }

  /** Stops the user's input, not the output; what is held is denied with `why`. */
  halt(why: string): void {
    this.#halted = true;
    this.#guard(() => this.#gate?.halt(why));
  }

  /** Lets input pass again that comes from now on. */
  resume(): void {
    this.#halted = false;
    this.#guard(() => this.#gate?.resume());
  }

  /** Stops both directions at once; what is held is denied. */
  freeze(): void {
    if (this.#frozen) return;
    this.#frozen = true;
    this.#gate?.drop('the recording failed');
    this.#valve.shut('frozen');
    this.#parts.user.pauseInput();
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    const late = this.#late;
    this.#late = [];
    for (const output of late) this.#pass(output);
    this.#valve.open('frozen');
    this.#parts.user.resumeInput();
  }

  /** What the user's leg tells; to be given to it once the channel is open. */
  userListener(): UserLegListener {
    return {
      onInput: (bytes) => {
        if (!this.#frozen) this.#guard(() => this.#gate?.input(bytes));
      },
      onInputEnd: () => this.#guard(() => this.#gate?.inputEnd()),
      onResize: (size) => this.#resize(size),
      onSignal: (name) => {
        if (!this.#frozen && !this.#halted) this.#parts.target.signal(name);
      },
      onDrain: () => this.#valve.open('user'),
      onPresence: (presence) => this.#guard(() => this.#gate?.presence(presence)),
      onClose: () => this.#userClosed(),
    };
  }

  #targetListener(): TargetLegListener {
    return {
      onOutput: (bytes, stream) => {
        if (this.#frozen) this.#late.push({ bytes, stream });
        else this.#pass({ bytes, stream });
      },
      onDrain: () => this.#guard(() => this.#gate?.targetDrained()),
      onEnd: (status) => this.#end(status),
    };
  }

  #resize(size: TerminalSize): void {
    this.#guard(() => {
      this.#parts.recorder.resize(size);
      this.#gate?.resize(size);
      this.#parts.target.resize(size);
    });
  }

  /** The user's end is gone: what is held is denied and the target's end is closed. */
  #userClosed(): void {
    this.#userGone = true;
    this.#gate?.close('the connection ended');
    this.#parts.target.close();
    this.#valve.open('user');
  }

  #pass({ bytes, stream }: Output): void {
    this.#guard(() => {
      this.#parts.record.add(bytes, stream);
      if (this.#parts.recorder.congested) this.#valve.shut('recorder');
      if (!this.#userGone) this.#gate?.output(bytes, stream);
    });
  }

  /** A bug in a gate or a recorder ends this channel and no other; nothing more reaches the target. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (failure) {
      this.#parts.logger.error('a channel failed', { failure: describeFailure(failure) });
      this.#gate?.close('an internal failure');
      this.#parts.target.close();
    }
  }
}
