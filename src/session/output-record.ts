/**
 * How much of a channel's output goes into its recording. A terminal is recorded whole. Output without a
 * terminal may be gigabytes of archive: it is recorded up to a limit, and then counted.
 */
import type { Recorder } from '../recording/recorder.ts';

export interface OutputRecord {
  add(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void;
  /** Writes down what was only counted. Call once, at the end. */
  finish(): void;
}

/** Everything: for terminals. */
export function recordWhole(recorder: Recorder): OutputRecord {
  return {
    add: (bytes, stream) => (stream === 'stdout' ? recorder.output(bytes) : recorder.errorOutput(bytes)),
    finish: () => {},
  };
}

/** The first `limit` bytes; of the rest the number. A limit of 0 is for file transfers. */
export function recordUpTo(recorder: Recorder, limit: number): OutputRecord {
  let room = limit;
  let counted = 0;
  return {
    add: (bytes, stream) => {
      const part = bytes.subarray(0, room);
      room -= part.length;
      counted += bytes.length - part.length;
      if (part.length === 0) return;
      if (stream === 'stdout') recorder.output(part);
      else recorder.errorOutput(part);
    },
    finish: () => {
      if (counted > 0) recorder.event('output.counted', { bytes: counted });
    },
  };
}
