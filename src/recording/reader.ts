/**
 * Reads recordings back, frame by frame, up to the first frame that is not right. Never throws on what it
 * finds: files that are missing, cut, changed or hostile end in a report that says how far it came and why.
 * Follows the chain but judges neither the seal nor what is missing after the last frame (see verify.ts).
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFailure } from '../base/heldline-error.ts';
import { EventJoiner, parseEventLine, type RecordingEvent } from './event-line.ts';
import { frameHash, inflateFrame, readFrame, type StoredFrame } from './frame.ts';
import type { RecordingHead } from './frame-writer.ts';
import { isSegmentName, META_FILE, SEAL_FILE, segmentName } from './layout.ts';
import { chainStart, parseMeta, type RecordingMeta } from './meta.ts';
import { parseSeal, type Seal } from './seal.ts';

/** Twice what a segment grows to with the longest frames. */
const MAX_SEGMENT = 32 << 20;

/** `torn`: the file ends inside of a frame, as after a crash. `damaged`: anything else that is wrong. */
export type StopReason = { readonly kind: 'torn' | 'damaged' | 'unreadable'; readonly text: string };

/** How far a reading came. */
export interface ReadReport {
  readonly frames: number;
  /** Microseconds since the start; of the last event in the last good frame. */
  readonly lastTime: number;
  readonly head: RecordingHead;
  /** Bytes of good frames. */
  readonly bytes: number;
  /** Bytes after them, up to the end of the last segment. */
  readonly restBytes: number;
  /** The last good frame says that it is the last one. */
  readonly final: boolean;
  /** Why reading stopped; null when all of it was read. */
  readonly reason: StopReason | null;
}

/** The header line and what stands beside the segments. */
export interface RecordingFiles {
  readonly directory: string;
  readonly meta: RecordingMeta;
  readonly metaText: string;
  /** null while running, after a crash, or when it cannot be understood (`sealDamaged`). */
  readonly seal: Seal | null;
  readonly sealDamaged: boolean;
}

export type OpenedRecording =
  | { readonly kind: 'recording'; readonly files: RecordingFiles }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Where a frame stands. */
export interface FramePlace {
  /** Name of the segment's file. */
  readonly segment: string;
  readonly offset: number;
}

/** Takes a good frame with its text. Reading waits for the promise; `stop` ends it early. */
export type FrameVisitor = (
  frame: StoredFrame,
  text: string,
  place: FramePlace,
) => undefined | 'stop' | Promise<undefined | 'stop'>;

/** Takes the next event. Reading waits for the promise; `stop` ends it early. */
export type EventVisitor = (event: RecordingEvent) => undefined | 'stop' | Promise<undefined | 'stop'>;

/** Reads what stands beside the segments. */
export async function openRecording(directory: string): Promise<OpenedRecording> {
  try {
    const metaText = await readFile(join(directory, META_FILE), 'utf8');
    const meta = parseMeta(metaText);
    if (meta === null) return { kind: 'unreadable', why: `${META_FILE} is not that of a recording.` };
    const sealText = await readIfThere(join(directory, SEAL_FILE));
    const seal = sealText === null ? null : parseSeal(sealText);
    return {
      kind: 'recording',
      files: { directory, meta, metaText, seal, sealDamaged: sealText !== null && seal === null },
    };
  } catch (failure) {
    return { kind: 'unreadable', why: describeFailure(failure) };
  }
}

/** All events in order. */
export function readEvents(files: RecordingFiles, visit: EventVisitor): Promise<ReadReport> {
  const joiner = new EventJoiner();
  return readFrames(files, (_frame, text) => visitLines(text, joiner, visit));
}

/** The events of one frame's text. A frame never parts lines that belong together. */
export function eventsOf(text: string): RecordingEvent[] {
  const joiner = new EventJoiner();
  return text.split('\n').flatMap((line) => eventOf(line, joiner) ?? []);
}

/** All frames in order, with their text. */
export async function readFrames(files: RecordingFiles, visit: FrameVisitor): Promise<ReadReport> {
  const walk = new FrameWalk(files, visit);
  await walk.run();
  return walk.report();
}

async function visitLines(text: string, joiner: EventJoiner, visit: EventVisitor): Promise<undefined | 'stop'> {
  for (const line of text.split('\n')) {
    const event = eventOf(line, joiner);
    if (event === null) continue;
    const answer = visit(event);
    if ((answer instanceof Promise ? await answer : answer) === 'stop') return 'stop';
  }
  return undefined;
}

function eventOf(line: string, joiner: EventJoiner): RecordingEvent | null {
  const raw = line.startsWith('[') ? parseEventLine(line) : null;
  return raw === null ? null : joiner.push(raw);
}

class FrameWalk {
  readonly #files: RecordingFiles;
  readonly #visit: FrameVisitor;
  #frames = 0;
  #hash: Buffer;
  #lastTime = 0;
  #bytes = 0;
  #restBytes = 0;
  #final = false;
  #reason: StopReason | null = null;

  constructor(files: RecordingFiles, visit: FrameVisitor) {
    this.#files = files;
    this.#visit = visit;
    this.#hash = chainStart(files.meta.session, files.metaText);
  }

  async run(): Promise<void> {
    try {
      const names = (await readdir(this.#files.directory)).filter(isSegmentName).sort();
      for (const [index, name] of names.entries()) {
        if (name !== segmentName(index)) return this.#stop('damaged', `Segment ${segmentName(index)} is missing.`);
        if (!(await this.#readSegment(name, index === names.length - 1))) return;
      }
    } catch (failure) {
      this.#stop('unreadable', describeFailure(failure));
    }
  }

  report(): ReadReport {
    return {
      frames: this.#frames,
      lastTime: this.#lastTime,
      head: { frame: this.#frames - 1, hash: this.#hash.toString('hex') },
      bytes: this.#bytes,
      restBytes: this.#restBytes,
      final: this.#final,
      reason: this.#reason,
    };
  }

  /** @returns whether to go on */
  async #readSegment(name: string, last: boolean): Promise<boolean> {
    const path = join(this.#files.directory, name);
    if ((await stat(path)).size > MAX_SEGMENT) {
      this.#stop('damaged', `${name} is longer than a segment can be.`);
      return false;
    }
    const segment = await readFile(path);
    for (let offset = 0; offset < segment.length; ) {
      this.#restBytes = segment.length - offset;
      const reading = readFrame(segment, offset);
      if (reading.kind === 'torn')
        this.#stop(last ? 'torn' : 'damaged', `${name} ends inside of frame ${this.#frames}.`);
      if (reading.kind === 'damaged') this.#stop('damaged', `${name}, frame ${this.#frames}: ${reading.detail}.`);
      if (reading.kind !== 'frame' || !(await this.#takeFrame(reading.frame, { segment: name, offset }))) return false;
      offset += reading.frame.bytes.length;
      this.#restBytes = segment.length - offset;
    }
    return true;
  }

  async #takeFrame(frame: StoredFrame, place: FramePlace): Promise<boolean> {
    const wrong = this.#whatIsWrong(frame);
    const text = wrong === null ? inflateFrame(frame) : null;
    if (text === null) {
      this.#stop(
        'damaged',
        `${place.segment}, frame ${this.#frames}: ${wrong ?? 'its text does not match its checksum'}.`,
      );
      return false;
    }
    this.#frames += 1;
    this.#hash = frameHash(frame.bytes);
    this.#lastTime = frame.to;
    this.#bytes += frame.bytes.length;
    this.#final = frame.final;
    return (await this.#visit(frame, text, place)) !== 'stop';
  }

  #whatIsWrong(frame: StoredFrame): string | null {
    if (this.#final) return 'it stands after the last one';
    if (frame.number !== this.#frames) return `it says that it is frame ${frame.number}`;
    return frame.prev.equals(this.#hash) ? null : 'it does not continue the frame before it';
  }

  #stop(kind: StopReason['kind'], text: string): void {
    this.#reason = { kind, text };
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'ENOENT') return null;
    throw failure;
  }
}
