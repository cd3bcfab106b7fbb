/** The formats that recordings can be had in. */
import type { ReadReport, RecordingFiles } from '../reader.ts';
import { exportCast, exportCast3, exportRaw } from './cast.ts';
import { exportJson } from './json-lines.ts';
import type { TextSink } from './text-sink.ts';
import { exportText } from './transcript.ts';

/** `raw`: as it was written, for evidence; it may harm a terminal. All others are safe to look at. */
export const EXPORT_FORMATS = ['cast', 'cast3', 'txt', 'json', 'raw'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Writes a recording to `sink`, up to its first damaged frame. @returns how far it came and why it stopped */
export function exportRecording(files: RecordingFiles, format: ExportFormat, sink: TextSink): Promise<ReadReport> {
  switch (format) {
    case 'cast':
      return exportCast(files, sink);
    case 'cast3':
      return exportCast3(files, sink);
    case 'txt':
      return exportText(files, sink);
    case 'json':
      return exportJson(files, sink);
    case 'raw':
      return exportRaw(files, sink);
  }
}
