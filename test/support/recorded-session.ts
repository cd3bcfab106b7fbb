/** A real shell's session as bytes with the keys between them, and its replay through tokenizer and tracker. */
import { FakeClock } from '../../src/base/fake-clock.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { type KeyToken, KeyTokenizer, UNFINISHED_WAIT } from '../../src/terminal/keys.ts';
import type { LineReading } from '../../src/terminal/line-reading.ts';
import { LineTracker } from '../../src/terminal/line-tracker.ts';

/** Milliseconds since the beginning; `i` keys or `o` output; bytes as the characters U+0000 to U+00FF. */
export type SessionEvent = readonly [at: number, direction: 'i' | 'o', bytes: string];

export interface RecordedSession {
  readonly id: string;
  readonly cols: number;
  readonly rows: number;
  /** What was read at each submission, `opaque: ` before what could not be read. */
  readonly lines: readonly string[];
  readonly events: readonly SessionEvent[];
}

/** How output is cut when it is replayed. */
export type Cutting = 'whole' | 'as recorded' | 'byte by byte';

/** What a reading says, in one line of text. */
export function summary(reading: LineReading): string {
  const text = reading.line.text ?? '';
  return reading.line.confidence === 'opaque' ? `opaque: ${text}` : text;
}

/** Every reading of the session, in order. */
export async function replay(session: RecordedSession, cutting: Cutting): Promise<LineReading[]> {
  const clock = new FakeClock();
  const emulator = new Emulator({ cols: session.cols, rows: session.rows });
  const tracker = new LineTracker({ emulator, clock, roundTrip: () => undefined });
  const keys = new KeyTokenizer(emulator);
  const readings: LineReading[] = [];
  const pass = async (tokens: readonly KeyToken[]): Promise<void> => {
    for (const token of tokens) {
      if (tracker.submits(token))
        readings.push(await inTime(tracker.resolve(token, new AbortController().signal), clock));
      tracker.sent(token);
    }
  };
  for (const [at, direction, text] of cut(session.events, cutting)) {
    clock.advance(Math.max(0, at - clock.monotonic()));
    const bytes = Buffer.from(text, 'latin1');
    if (direction === 'o') {
      emulator.write(bytes);
      tracker.received();
      continue;
    }
    // Recorded keys are whole keys: nothing more belongs to them.
    await pass([...keys.push(bytes, clock.monotonic()), ...keys.flush(clock.monotonic() + UNFINISHED_WAIT)]);
  }
  emulator.dispose();
  return readings;
}

function cut(events: readonly SessionEvent[], cutting: Cutting): readonly SessionEvent[] {
  if (cutting === 'as recorded') return events;
  if (cutting === 'byte by byte') {
    return events.flatMap(([at, direction, bytes]): SessionEvent[] =>
      direction === 'i' ? [[at, direction, bytes]] : [...bytes].map((byte): SessionEvent => [at, direction, byte]),
    );
  }
  const merged: SessionEvent[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    if (event[1] === 'o' && last?.[1] === 'o') merged[merged.length - 1] = [event[0], 'o', last[2] + event[2]];
    else merged.push(event);
  }
  return merged;
}

/** Moves the clock until the work is done. */
async function inTime<T>(work: Promise<T>, clock: FakeClock): Promise<T> {
  let done = false;
  const result = work.finally(() => {
    done = true;
  });
  for (let step = 0; step < 5000 && !done; step += 1) {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    if (!done) clock.advance(2);
  }
  return result;
}
