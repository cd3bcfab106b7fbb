/**
 * Puts frames into segments and keeps the chain. Knows how far the recording is on the disk. A segment ends
 * after 8 MiB or 10 minutes, so that finished ones can be copied away.
 */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { type AppenderListener, DurableAppender } from '../base/durable-appender.ts';
import type { HeldlineError } from '../base/heldline-error.ts';
import { encodeFrame, type FrameHeader } from './frame.ts';
import { segmentName } from './layout.ts';

const SEGMENT_BYTES = 8 << 20;
const SEGMENT_MS = 600_000;

/** How far a recording goes; `frame` is -1 before the first one, when `hash` is the chain's start. */
export interface RecordingHead {
  readonly frame: number;
  /** Hex. */
  readonly hash: string;
}

/** What is on the disk. */
export interface DurableExtent extends RecordingHead {
  /** Bytes of whole frames in all segments. */
  readonly bytes: number;
}

interface StagedFrame {
  readonly end: number;
  readonly number: number;
  readonly hash: Buffer;
}

export interface FrameWriterOptions {
  readonly directory: string;
  readonly clock: Clock;
  /** 32 bytes that frame 0 links to. */
  readonly start: Buffer;
  readonly mayRetry: () => Promise<boolean>;
}

export class FrameWriter {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #appender: DurableAppender;
  #staged: StagedFrame[] = [];
  #hash: Buffer;
  #number = 0;
  #segment = 0;
  #segmentBytes = 0;
  #segmentSince: number;
  #extent: DurableExtent;

  private constructor(options: FrameWriterOptions, appender: DurableAppender) {
    this.#directory = options.directory;
    this.#clock = options.clock;
    this.#hash = options.start;
    this.#segmentSince = options.clock.monotonic();
    this.#extent = { frame: -1, hash: options.start.toString('hex'), bytes: 0 };
    this.#appender = appender;
  }

  /** Creates the first segment. */
  static async open(options: FrameWriterOptions): Promise<FrameWriter> {
    const { directory, clock, mayRetry } = options;
    const appender = await DurableAppender.create(join(directory, segmentName(0)), { clock, mayRetry });
    return new FrameWriter(options, appender);
  }

  /** Sets who hears; once, before the first `write`. */
  listen(listener: AppenderListener): void {
    this.#appender.listen({
      ...listener,
      onDurable: (position) => {
        this.#onDurable(position);
        listener.onDurable?.(position);
      },
    });
  }

  get pendingBytes(): number {
    return this.#appender.pendingBytes;
  }

  get failure(): HeldlineError | null {
    return this.#appender.failure;
  }

  /** The last frame on the disk. */
  get extent(): DurableExtent {
    return this.#extent;
  }

  /** Appends a frame; returns its size in bytes. */
  write(text: string, header: Omit<FrameHeader, 'number' | 'prev'>): number {
    const frame = encodeFrame(text, { ...header, number: this.#number, prev: this.#hash });
    const { length } = frame.bytes;
    this.#rollIfDue(length);
    this.#staged.push({ end: this.#appender.position + length, number: this.#number, hash: frame.hash });
    this.#appender.append(frame.bytes);
    this.#number += 1;
    this.#hash = frame.hash;
    this.#segmentBytes += length;
    return length;
  }

  /** Resolves when all frames are on the disk. @throws HeldlineError when the disk refuses */
  durable(): Promise<void> {
    return this.#appender.durable();
  }

  /** @throws HeldlineError when a frame could not be written */
  close(): Promise<void> {
    return this.#appender.close();
  }

  #rollIfDue(length: number): void {
    const now = this.#clock.monotonic();
    const full = this.#segmentBytes + length > SEGMENT_BYTES;
    if (this.#segmentBytes === 0 || (!full && now - this.#segmentSince < SEGMENT_MS)) return;
    this.#segment += 1;
    this.#segmentBytes = 0;
    this.#segmentSince = now;
    this.#appender.startFile(join(this.#directory, segmentName(this.#segment)));
  }

  #onDurable(position: number): void {
    const waiting = this.#staged.findIndex((frame) => frame.end > position);
    const done = waiting === -1 ? this.#staged.length : waiting;
    const last = this.#staged[done - 1];
    if (last === undefined) return;
    this.#staged = this.#staged.slice(done);
    this.#extent = { frame: last.number, hash: last.hash.toString('hex'), bytes: last.end };
  }
}
