/**
 * Recordings as asciicast files that asciinema and its player read: version 2 with absolute times, version 3
 * with intervals. Output is made safe for the viewer's terminal; exact bytes are left out. `exportRaw` gives
 * the recording as it was written, for evidence.
 */
import { visible } from '../../base/visible.ts';
import { eventLine, headerLine, type RecordingEvent } from '../event-line.ts';
import { type RecordingMeta, titleOf } from '../meta.ts';
import { type ReadReport, type RecordingFiles, readEvents, readFrames } from '../reader.ts';
import { usableSize } from '../terminal-size.ts';
import { SafeOutput } from './safe-output.ts';
import type { TextSink } from './text-sink.ts';

/** asciicast v2. */
export async function exportCast(files: RecordingFiles, sink: TextSink): Promise<ReadReport> {
  await sink(headerLine(safeMeta(files.meta)));
  return exportEvents(files, (time, code, data) => sink(eventLine(time, code, data)));
}

/** asciicast v3. */
export async function exportCast3(files: RecordingFiles, sink: TextSink): Promise<ReadReport> {
  const meta = safeMeta(files.meta);
  const header = {
    version: 3,
    term: { cols: meta.size.cols, rows: meta.size.rows, type: meta.term },
    timestamp: Math.floor(Date.parse(meta.startedAt) / 1000),
    title: titleOf(meta),
    env: { TERM: meta.term },
  };
  await sink(`${JSON.stringify(header)}\n`);
  let last = 0;
  return exportEvents(files, (time, code, data) => {
    const interval = time - last;
    last = time;
    return sink(eventLine(interval, code, data));
  });
}

/** The recording as it was written, exact bytes and structured events included. May harm a terminal. */
export function exportRaw(files: RecordingFiles, sink: TextSink): Promise<ReadReport> {
  return readFrames(files, async (_frame, text) => {
    await sink(text);
    return undefined;
  });
}

type Emit = (time: number, code: string, data: string) => void | Promise<void>;

async function exportEvents(files: RecordingFiles, emit: Emit): Promise<ReadReport> {
  const filters = { stdout: new SafeOutput(), stderr: new SafeOutput() };
  return readEvents(files, async (event) => {
    const line = lineOf(event, filters);
    if (line !== null) await emit(event.time, line.code, line.data);
    return undefined;
  });
}

function lineOf(
  event: RecordingEvent,
  filters: Readonly<Record<'stdout' | 'stderr', SafeOutput>>,
): { readonly code: string; readonly data: string } | null {
  switch (event.kind) {
    case 'output': {
      const data = filters[event.stream].push(event.text);
      return data === '' ? null : { code: 'o', data };
    }
    case 'resize': {
      const { cols, rows } = usableSize(event.size);
      return { code: 'r', data: `${cols}x${rows}` };
    }
    case 'marker':
      return { code: 'm', data: visible(event.label) };
    case 'event':
      return { code: 'e', data: JSON.stringify(event.data) };
    case 'exit':
      return { code: 'x', data: visible(event.status) };
    case 'other':
      return null;
  }
}

function safeMeta(meta: RecordingMeta): RecordingMeta {
  return { ...meta, size: usableSize(meta.size), term: visible(meta.term) };
}
