/**
 * Records one channel: takes what the target sends and what happens to it, puts it into frames and onto the
 * disk. Input is never recorded: there is no call for it, so that neither codes nor hidden text can get in.
 *
 * `output` never blocks and never drops. Bytes are on the disk within a flush interval, or when `critical`
 * resolves; what a killed process had taken within the last interval is lost. When the disk refuses,
 * `onFailure` is told at once; the owner stops the session and the recorder goes on trying.
 */
import { join } from 'node:path';
import type { Cancel, Clock } from '../base/clock.ts';
import type { HeldlineError } from '../base/heldline-error.ts';
import { rfc3339 } from '../base/rfc3339.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import { visibleShort } from '../base/visible.ts';
import type { ExitStatus, TerminalSize } from '../model/session.ts';
import type { DiskGuard } from './disk-guard.ts';
import { type EventData, eventLine, exitText, headerLine, type OutputStream, outputLines } from './event-line.ts';
import { FrameWriter, type RecordingHead } from './frame-writer.ts';
import { META_FILE, makeRecordingDirectory, recordingDirectory, writeOnce } from './layout.ts';
import { LiveFeed, type LiveListener } from './live-feed.ts';
import { chainStart, encodeMeta, type RecordingFacts, type RecordingMeta } from './meta.ts';
import type { RecordingQuota } from './recording-quota.ts';
import type { Seal } from './seal.ts';
import type { Sealer } from './sealer.ts';
import { Utf8Splitter } from './utf8-splitter.ts';

/** Text of a frame; a longer single event makes a longer frame. */
const FRAME_TEXT = 64 * 1024;
/** Most raw bytes in one output event. */
const EVENT_BYTES = 32 * 1024;
const FLUSH_MS = 500;
/** Output that arrives so close together becomes one event. */
const COALESCE_US = 5000;
const CHECKPOINT_US = 60_000_000;
const HIGH_WATER = 4 << 20;
const LOW_WATER = 1 << 20;
const LABEL_LENGTH = 1000;

export interface RecorderOptions {
  /** Directory of all recordings. */
  readonly root: string;
  readonly meta: RecordingFacts;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly guard?: DiskGuard;
  readonly quota?: RecordingQuota;
  /** Called with whatever a listener threw; the recording goes on. */
  readonly onListenerFailure: (failure: unknown) => void;
}

interface Run {
  readonly time: number;
  readonly stream: OutputStream;
  readonly chunks: Uint8Array[];
  length: number;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #meta: RecordingMeta;
  readonly #writer: FrameWriter;
  readonly #feed: LiveFeed;
  readonly #failed: Signal<HeldlineError>;
  readonly #recovered: Signal<void>;
  readonly #drained: Signal<void>;
  readonly #checkpoints: Signal<RecordingHead>;
  readonly #overQuota: Signal<void>;
  readonly #splitters: Readonly<Record<OutputStream, Utf8Splitter>> = {
    stdout: new Utf8Splitter(),
    stderr: new Utf8Splitter(),
  };
  readonly #began: number;
  #text = '';
  #from = 0;
  #to = 0;
  #run: Run | null = null;
  #congested = false;
  #quotaLeft = true;
  #checkpointAt = CHECKPOINT_US;
  #cancelFlush: Cancel | null = null;
  #closing: Promise<Seal> | null = null;

  private constructor(options: RecorderOptions, meta: RecordingMeta, writer: FrameWriter) {
    this.#options = options;
    this.#meta = meta;
    this.#writer = writer;
    this.#began = options.clock.monotonic();
    const report = options.onListenerFailure;
    this.#feed = new LiveFeed(report);
    this.#failed = new Signal(report);
    this.#recovered = new Signal(report);
    this.#drained = new Signal(report);
    this.#checkpoints = new Signal(report);
    this.#overQuota = new Signal(report);
    writer.listen({
      onDurable: () => this.#onDurable(),
      onFailure: (failure) => this.#onFailure(failure),
      onRecovered: () => this.#recovered.tell(),
    });
    this.#add(0, headerLine(meta));
  }

  /** Makes the recording's directory and its `meta.json`. @throws HeldlineError or the disk's own error */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const { root, clock, guard } = options;
    const now = clock.now();
    const meta: RecordingMeta = { v: 1, format: 'hlrec/1', ...options.meta, startedAt: rfc3339(now) };
    const directory = recordingDirectory(root, meta.session, now);
    const metaText = encodeMeta(meta);
    await makeRecordingDirectory(directory);
    await writeOnce(join(directory, META_FILE), metaText);
    const mayRetry = guard === undefined ? () => Promise.resolve(true) : () => guard.hasRoom();
    const start = chainStart(meta.session, metaText);
    return new Recorder(options, meta, await FrameWriter.open({ directory, clock, start, mayRetry }));
  }

  /** What is on the disk; for checkpoints in the audit log. */
  get head(): RecordingHead {
    const { frame, hash } = this.#writer.extent;
    return { frame, hash };
  }

  /** Bytes taken and not yet on the disk. */
  get pendingBytes(): number {
    return this.#writer.pendingBytes + this.#text.length + (this.#run?.length ?? 0);
  }

  /** More than 4 MiB wait for the disk: read no more from the target until `onDrained`. */
  get congested(): boolean {
    this.#congested ||= this.pendingBytes > HIGH_WATER;
    return this.#congested;
  }

  /** Why nothing reaches the disk at the moment; null when all is well. */
  get failure(): HeldlineError | null {
    return this.#writer.failure;
  }

  /** Hears at once when the disk refuses: stop forwarding input and showing output. */
  onFailure(listener: (failure: HeldlineError) => void): Unsubscribe {
    return this.#failed.subscribe(listener);
  }

  /** Hears when everything that had been refused is on the disk after all. */
  onRecovered(listener: () => void): Unsubscribe {
    return this.#recovered.subscribe(listener);
  }

  /** Hears when a `congested` recorder has room again. */
  onDrained(listener: () => void): Unsubscribe {
    return this.#drained.subscribe(listener);
  }

  /** Hears about every 60 s, while something is recorded, what to anchor in the audit log. */
  onCheckpoint(listener: (head: RecordingHead) => void): Unsubscribe {
    return this.#checkpoints.subscribe(listener);
  }

  /** Hears once when the user's allowance is used up. */
  onOverQuota(listener: () => void): Unsubscribe {
    return this.#overQuota.subscribe(listener);
  }

  /** For watching: what is in memory, then everything new. See `LiveFeed`. */
  subscribe(listener: LiveListener): Unsubscribe {
    return this.#feed.subscribe(listener);
  }

  /** Takes output of the target. The bytes must not be changed afterwards. */
  output(bytes: Uint8Array): void {
    this.#take(bytes, 'stdout');
  }

  errorOutput(bytes: Uint8Array): void {
    this.#take(bytes, 'stderr');
  }

  resize(size: TerminalSize): void {
    const time = this.#endRun();
    this.#feed.resize(time, size);
    this.#add(time, eventLine(time, 'r', `${size.cols}x${size.rows}`));
  }

  /** A label that players can jump to. Foreign text is made visible and cut to 1000 characters. */
  marker(label: string): void {
    const time = this.#endRun();
    const shown = visibleShort(label, LABEL_LENGTH);
    this.#feed.marker(time, shown);
    this.#add(time, eventLine(time, 'm', shown));
  }

  /** A structured event with the same ids as in the audit log. Never pass codes or hidden text. */
  event(type: string, data: Readonly<Record<string, unknown>> = {}): void {
    const time = this.#endRun();
    const body: EventData = { ...data, t: type };
    this.#add(time, eventLine(time, 'e', JSON.stringify(body)));
  }

  /** How the program ended. */
  exit(status: ExitStatus): void {
    const time = this.#endRun();
    this.#add(time, eventLine(time, 'x', exitText(status)));
  }

  /** Everything taken so far is on the disk when this resolves. @throws HeldlineError when the disk refuses */
  async critical(): Promise<RecordingHead> {
    this.#endRun();
    if (this.#text !== '') this.#flush({ critical: true, final: false });
    await this.#writer.durable();
    return this.head;
  }

  /**
   * Writes what is left and the seal; the first call decides, and nothing is taken after it. `failed` when the session ended because
   * recording did, or when the rest cannot be written.
   * @throws when not even the seal can be written; recovery will seal what is there
   */
  close(state: 'complete' | 'failed'): Promise<Seal> {
    this.#closing ??= this.#finish(state);
    return this.#closing;
  }

  #take(bytes: Uint8Array, stream: OutputStream): void {
    if (bytes.length === 0 || this.#closing !== null) return;
    const time = this.#time();
    this.#feed.output(time, bytes, stream);
    for (let start = 0; start < bytes.length; start += EVENT_BYTES) {
      this.#coalesce(time, bytes.subarray(start, start + EVENT_BYTES), stream);
    }
    this.#flushLater();
  }

  #coalesce(time: number, bytes: Uint8Array, stream: OutputStream): void {
    if (this.#run !== null && !fits(this.#run, time, bytes.length, stream)) this.#endRun();
    this.#run ??= { time, stream, chunks: [], length: 0 };
    this.#run.chunks.push(bytes);
    this.#run.length += bytes.length;
  }

  /** Turns the collected output into lines; returns the time for what follows. */
  #endRun(): number {
    const run = this.#run;
    if (run !== null) {
      this.#run = null;
      const [first] = run.chunks;
      const whole = run.chunks.length === 1 && first !== undefined ? first : Buffer.concat(run.chunks, run.length);
      const text = this.#splitters[run.stream].push(whole);
      if (text !== null) this.#add(run.time, outputLines(run.time, text, run.stream));
    }
    return this.#time();
  }

  #add(time: number, lines: string): void {
    if (this.#closing !== null) return;
    if (this.#text === '') this.#from = time;
    this.#to = time;
    this.#text += lines;
    if (this.#text.length >= FRAME_TEXT) this.#flush({ critical: false, final: false });
    else this.#flushLater();
  }

  #flush(how: { readonly critical: boolean; readonly final: boolean }): void {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    const size = this.#writer.write(this.#text, { ...how, from: this.#from, to: this.#to });
    this.#text = '';
    this.#from = this.#to;
    if (this.#options.quota?.spend(size) !== false || !this.#quotaLeft) return;
    this.#quotaLeft = false;
    this.#overQuota.tell();
  }

  #flushLater(): void {
    if (this.#cancelFlush !== null) return;
    this.#cancelFlush = this.#options.clock.after(FLUSH_MS, () => {
      this.#cancelFlush = null;
      this.#endRun();
      if (this.#text !== '') this.#flush({ critical: false, final: false });
    });
  }

  async #finish(state: 'complete' | 'failed'): Promise<Seal> {
    const time = this.#endRun();
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#splitters[stream].flush();
      if (rest !== null) this.#add(time, outputLines(time, rest, stream));
    }
    this.#flush({ critical: true, final: true });
    this.#feed.close(time);
    const written = await this.#closeWriter();
    const { sealer, clock } = this.#options;
    const { frame, hash, bytes } = this.#writer.extent;
    const { session, startedAt } = this.#meta;
    return sealer.seal(recordingDirectory(this.#options.root, session, Date.parse(startedAt)), {
      session,
      state: written ? state : 'failed',
      frames: frame + 1,
      head: hash,
      bytes,
      startedAt,
      endedAt: rfc3339(clock.now()),
    });
  }

  /** False when the rest could not be written; `onFailure` has told why. */
  async #closeWriter(): Promise<boolean> {
    try {
      await this.#writer.close();
      return true;
    } catch {
      return false;
    }
  }

  #onDurable(): void {
    if (this.#congested && this.pendingBytes < LOW_WATER) {
      this.#congested = false;
      this.#drained.tell();
    }
    const time = this.#time();
    if (time < this.#checkpointAt) return;
    this.#checkpointAt = time + CHECKPOINT_US;
    this.#checkpoints.tell(this.head);
  }

  #onFailure(failure: HeldlineError): void {
    this.#failed.tell(failure);
    this.#options.guard?.dropBallast().catch(this.#options.onListenerFailure);
  }

  /** Microseconds since the start. */
  #time(): number {
    return Math.round((this.#options.clock.monotonic() - this.#began) * 1000);
  }
}

function fits(run: Run, time: number, length: number, stream: OutputStream): boolean {
  return run.stream === stream && time - run.time <= COALESCE_US && run.length + length <= EVENT_BYTES;
}
