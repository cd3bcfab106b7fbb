/**
 * Looks for text in a recording: in its commands (the markers that begin with `$`), and in its output as it
 * looked on the screen, through the emulator, so that colours and corrections do not hide anything. A line is
 * looked at when it is left, cleared or at the end; what a program overwrote before that is not found.
 */
import { visibleShort } from '../base/visible.ts';
import { cellText } from '../terminal/screen-text.ts';
import type { RecordingEvent } from './event-line.ts';
import { type ReadReport, type RecordingFiles, readEvents } from './reader.ts';
import { changesScreen } from './screen-changes.ts';
import { UnreadLines } from './unread-lines.ts';

/** One line that holds the text. */
export interface SearchHit {
  readonly session: string;
  /** Microseconds since the start: when the line was left. */
  readonly time: number;
  readonly kind: 'command' | 'output';
  /** The line, with invisible characters made visible, at most 500 characters. */
  readonly text: string;
}

export interface SearchOptions {
  /** Most hits wanted. */
  readonly limit: number;
}

const LINE_LENGTH = 500;
/** The same line again within this time is the same hit: a screen that is drawn over and over. */
const REPEAT_US = 2_000_000;
/** How often the screen of a full-screen program is looked at. */
const LOOK_US = 500_000;

/**
 * All hits in order, up to the limit.
 * @param text matched as it is; in any case of letters when it has no upper-case letter
 */
export async function searchRecording(
  files: RecordingFiles,
  text: string,
  options: SearchOptions,
): Promise<{ readonly hits: readonly SearchHit[]; readonly report: ReadReport }> {
  const search = new Search(files, text);
  try {
    const report = await readEvents(files, (event) => {
      search.push(event);
      return search.hits.length >= options.limit ? 'stop' : undefined;
    });
    search.end(report.lastTime);
    return { hits: search.hits.slice(0, options.limit), report };
  } finally {
    search.dispose();
  }
}

class Search {
  readonly hits: SearchHit[] = [];
  readonly #session: string;
  readonly #wanted: string;
  readonly #anyCase: boolean;
  readonly #lines: UnreadLines;
  readonly #lastSeen = new Map<string, number>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(files: RecordingFiles, text: string) {
    this.#session = files.meta.session;
    this.#anyCase = text === text.toLowerCase();
    this.#wanted = text;
    this.#lines = new UnreadLines(files.meta.size);
  }

  push(event: RecordingEvent): void {
    switch (event.kind) {
      case 'marker':
        if (event.label.startsWith('$ ')) this.#look(event.label.slice(2), event.time, 'command');
        return;
      case 'resize':
        this.#lines.resize(event.size);
        return;
      case 'output':
        this.#output(event.text, event.bytes ?? Buffer.from(event.text), event.time);
        return;
      case 'event':
      case 'exit':
      case 'other':
        return;
    }
  }

  end(time: number): void {
    this.#lookAtScreen(time);
  }

  dispose(): void {
    this.#lines.dispose();
  }

  #output(text: string, bytes: Buffer, time: number): void {
    if (changesScreen(text)) this.#lookAtScreen(time);
    this.#lines.write(bytes, () => this.#lookAtLinesLeft(time));
    if (this.#lines.emulator.alternate && time - this.#lookedAt >= LOOK_US) this.#lookAtScreen(time);
  }

  #lookAtLinesLeft(time: number): void {
    const { alternate, cursor } = this.#lines.emulator;
    if (alternate || cursor.line === this.#lines.first) return;
    this.#lookAtLines(this.#lines.first, cursor.line, time);
    this.#lines.readTo(cursor.line);
  }

  /** What is on the screen and was not looked at yet; in a full-screen program all of it. */
  #lookAtScreen(time: number): void {
    const { top, rows, alternate } = this.#lines.emulator;
    if (alternate) this.#lookedAt = time;
    const from = alternate ? top : Math.max(top, this.#lines.first);
    this.#lookAtLines(from, top + rows, time);
  }

  /** Joins lines that were wrapped. */
  #lookAtLines(from: number, to: number, time: number): void {
    let whole = '';
    for (let line = from; line < to; line += 1) {
      const row = this.#lines.emulator.row(line);
      if (row === undefined) break;
      if (!row.wrapped) {
        this.#look(whole, time, 'output');
        whole = '';
      }
      whole += cellText(row.cells, 0, row.cells.length);
    }
    this.#look(whole, time, 'output');
  }

  #look(line: string, time: number, kind: SearchHit['kind']): void {
    const text = this.#anyCase ? line.toLowerCase() : line;
    if (this.#wanted === '' || !text.includes(this.#wanted)) return;
    const shown = visibleShort(line.trimEnd(), LINE_LENGTH);
    const key = `${kind} ${shown}`;
    const last = this.#lastSeen.get(key) ?? Number.NEGATIVE_INFINITY;
    this.#lastSeen.set(key, time);
    if (time - last >= REPEAT_US) this.hits.push({ session: this.#session, time, kind, text: shown });
  }
}
