/**
 * The lines of a recording: asciicast v2 events, and the union that readers see. One-letter codes and string
 * data only, because players keep no more.
 */
import type { ExitStatus, TerminalSize } from '../model/session.ts';
import { type RecordingMeta, titleOf } from './meta.ts';
import type { TextRun } from './utf8-splitter.ts';

export type OutputStream = 'stdout' | 'stderr';

/** A structured event: `t` names it, e.g. `command.submitted`; the rest depends on it. */
export type EventData = Readonly<Record<string, unknown>> & { readonly t: string };

/** What a reader sees; `time` is in microseconds since the start. */
export type RecordingEvent =
  | {
      readonly kind: 'output';
      readonly time: number;
      readonly text: string;
      /** The exact bytes when they were not UTF-8; else null and `text` has them. */
      readonly bytes: Buffer | null;
      readonly stream: OutputStream;
    }
  | { readonly kind: 'resize'; readonly time: number; readonly size: TerminalSize }
  | { readonly kind: 'marker'; readonly time: number; readonly label: string }
  | { readonly kind: 'event'; readonly time: number; readonly data: EventData }
  | { readonly kind: 'exit'; readonly time: number; readonly status: string }
  | { readonly kind: 'other'; readonly time: number; readonly code: string; readonly data: string };

/** One parsed line: `[seconds, code, data]`. */
export interface RawEvent {
  readonly time: number;
  readonly code: string;
  readonly data: string;
}

/** Tags the output line that follows. */
const STDERR_TAG = JSON.stringify({ t: 'stderr' });

/** The first line of a recording. */
export function headerLine(meta: RecordingMeta): string {
  const { v, format, startedAt, size, term, ...facts } = meta;
  const header = {
    version: 2,
    width: size.cols,
    height: size.rows,
    timestamp: Math.floor(Date.parse(startedAt) / 1000),
    env: { TERM: term },
    title: titleOf(meta),
    x_heldline: { ...facts, proto: meta.door === 'mosh' ? 'mosh' : 'ssh', v, format },
  };
  return `${JSON.stringify(header)}\n`;
}

/** A line of any code. @param time microseconds */
export function eventLine(time: number, code: string, data: string): string {
  return `[${time / 1e6},"${code}",${JSON.stringify(data)}]\n`;
}

/** The lines of a run of output: a tag for stderr, the exact bytes if needed, the text. */
export function outputLines(time: number, run: TextRun, stream: OutputStream): string {
  const tag = stream === 'stderr' ? eventLine(time, 'e', STDERR_TAG) : '';
  const exact = run.bytes === null ? '' : eventLine(time, 'B', run.bytes.toString('base64'));
  return `${tag}${exact}${eventLine(time, 'o', run.text)}`;
}

/** `137`, or `SIGTERM` for a signal. */
export function exitText(status: ExitStatus): string {
  return status.kind === 'code' ? String(status.code) : `SIG${status.signal}`;
}

/** Reads a line; null when it is not an event. */
export function parseEventLine(line: string): RawEvent | null {
  const value = parseJson(line);
  if (!Array.isArray(value)) return null;
  const [seconds, code, data] = value as unknown[];
  if (typeof seconds !== 'number' || !(seconds >= 0) || typeof code !== 'string' || typeof data !== 'string')
    return null;
  return { time: Math.round(seconds * 1e6), code, data };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Turns lines into events: joins exact bytes and stream tags with the output that they belong to. */
export class EventJoiner {
  #bytes: Buffer | null = null;
  #stream: OutputStream = 'stdout';

  /** The event that this line completes; null when it belongs to the next one. */
  push(raw: RawEvent): RecordingEvent | null {
    const { time, code, data } = raw;
    switch (code) {
      case 'o':
        return this.#output(time, data);
      case 'B':
        this.#bytes = Buffer.from(data, 'base64');
        return null;
      case 'r':
        return resizeEvent(raw);
      case 'm':
        return { kind: 'marker', time, label: data };
      case 'e':
        return this.#structured(raw);
      case 'x':
        return { kind: 'exit', time, status: data };
      default:
        return { kind: 'other', time, code, data };
    }
  }

  #output(time: number, text: string): RecordingEvent {
    const event = { kind: 'output', time, text, bytes: this.#bytes, stream: this.#stream } as const;
    this.#bytes = null;
    this.#stream = 'stdout';
    return event;
  }

  #structured(raw: RawEvent): RecordingEvent | null {
    const data = parseJson(raw.data);
    if (!isEventData(data)) return { kind: 'other', ...raw };
    if (data.t !== 'stderr') return { kind: 'event', time: raw.time, data };
    this.#stream = 'stderr';
    return null;
  }
}

function isEventData(value: unknown): value is EventData {
  return typeof value === 'object' && value !== null && 't' in value && typeof value.t === 'string';
}

function resizeEvent(raw: RawEvent): RecordingEvent {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(raw.data);
  if (match === null) return { kind: 'other', ...raw };
  return { kind: 'resize', time: raw.time, size: { cols: Number(match[1]), rows: Number(match[2]) } };
}
