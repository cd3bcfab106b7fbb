/**
 * What the player knows of a recording before it plays: where the frames are, when, and the markers. Frames are
 * inflated again when they are needed, so that a long recording does not have to fit into memory.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { TerminalSize } from '../../model/session.ts';
import type { RecordingEvent } from '../event-line.ts';
import { inflateFrame, readFrame } from '../frame.ts';
import { eventsOf, type FramePlace, type ReadReport, type RecordingFiles, readFrames } from '../reader.ts';
import { usableSize } from '../terminal-size.ts';

/** A label in time, microseconds since the start. */
export interface Mark {
  readonly time: number;
  readonly label: string;
}

/** A place between events: the next event is the one at `index` in `frame`. */
export interface Cursor {
  readonly frame: number;
  readonly index: number;
}

/** A size change, which stands just before `cursor`. */
export interface ResizeMark {
  readonly cursor: Cursor;
  readonly time: number;
}

interface FrameEntry extends FramePlace {
  readonly length: number;
}

interface Marks {
  readonly labels: Mark[];
  readonly resizes: ResizeMark[];
}

export class Timeline {
  readonly size: TerminalSize;
  readonly marks: readonly Mark[];
  readonly resizes: readonly ResizeMark[];
  /** How far the recording could be read, and why no further. */
  readonly report: ReadReport;
  readonly #directory: string;
  readonly #frames: readonly FrameEntry[];
  #cached: { readonly frame: number; readonly events: readonly RecordingEvent[] } | null = null;

  private constructor(files: RecordingFiles, frames: readonly FrameEntry[], marks: Marks, report: ReadReport) {
    this.size = usableSize(files.meta.size);
    this.#directory = files.directory;
    this.#frames = frames;
    this.marks = marks.labels;
    this.resizes = marks.resizes;
    this.report = report;
  }

  /** Reads the recording once. Damage ends it early; `report` says so. */
  static async load(files: RecordingFiles): Promise<Timeline> {
    const frames: FrameEntry[] = [];
    const marks: Marks = { labels: [], resizes: [] };
    const report = await readFrames(files, (frame, text, place) => {
      for (const [index, event] of eventsOf(text).entries())
        noteMarks(event, { frame: frames.length, index: index + 1 }, marks);
      frames.push({ ...place, length: frame.bytes.length });
      return undefined;
    });
    return new Timeline(files, frames, marks, report);
  }

  /** Microseconds. */
  get duration(): number {
    return this.report.lastTime;
  }

  get frameCount(): number {
    return this.#frames.length;
  }

  /** The events of a frame; none when it cannot be read any more. */
  async events(frame: number): Promise<readonly RecordingEvent[]> {
    if (this.#cached?.frame === frame) return this.#cached.events;
    const events = await this.#load(frame);
    this.#cached = { frame, events };
    return events;
  }

  async #load(frame: number): Promise<readonly RecordingEvent[]> {
    const entry = this.#frames[frame];
    if (entry === undefined) return [];
    const bytes = Buffer.alloc(entry.length);
    const handle = await open(join(this.#directory, entry.segment), 'r');
    try {
      await handle.read(bytes, 0, entry.length, entry.offset);
    } finally {
      await handle.close();
    }
    const reading = readFrame(bytes, 0);
    const text = reading.kind === 'frame' ? inflateFrame(reading.frame) : null;
    return text === null ? [] : eventsOf(text);
  }
}

function noteMarks(event: RecordingEvent, cursor: Cursor, marks: Marks): void {
  const { time } = event;
  if (event.kind === 'marker') marks.labels.push({ time, label: event.label });
  if (event.kind !== 'resize') return;
  marks.labels.push({ time, label: sizeLabel(event.size) });
  marks.resizes.push({ cursor, time });
}

function sizeLabel(size: TerminalSize): string {
  return `resized to ${size.cols}x${size.rows}`;
}
