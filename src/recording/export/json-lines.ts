/** Recordings as JSON, one event a line, for scripts. The exact bytes are there where text could not keep them. */
import type { RecordingEvent } from '../event-line.ts';
import { type ReadReport, type RecordingFiles, readEvents } from '../reader.ts';
import type { TextSink } from './text-sink.ts';

/** Characters that JSON lets through and a terminal might obey. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;

/** The first line is the recording's description, each further one an event. */
export async function exportJson(files: RecordingFiles, sink: TextSink): Promise<ReadReport> {
  await sink(line({ ...files.meta, type: 'recording' }));
  return readEvents(files, async (event) => {
    await sink(line({ v: 1, ...membersOf(event) }));
    return undefined;
  });
}

function membersOf(event: RecordingEvent): Readonly<Record<string, unknown>> {
  const time = event.time / 1e6;
  switch (event.kind) {
    case 'output': {
      const exact = event.bytes === null ? {} : { base64: event.bytes.toString('base64') };
      return { type: 'output', time, stream: event.stream, text: event.text, ...exact };
    }
    case 'resize':
      return { type: 'resize', time, ...event.size };
    case 'marker':
      return { type: 'marker', time, label: event.label };
    case 'event':
      return { type: 'event', time, data: event.data };
    case 'exit':
      return { type: 'exit', time, status: event.status };
    case 'other':
      return { type: 'other', time, code: event.code, data: event.data };
  }
}

function line(members: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(members).replace(UNSAFE, escapeUnit)}\n`;
}

function escapeUnit(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}
