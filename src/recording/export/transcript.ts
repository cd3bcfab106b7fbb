/**
 * Recordings as plain text: what scrolled by, as it looked, through the emulator. Of a full-screen program the
 * last screen is kept, framed by a line that says so. Not evidence: what was overwritten on the screen is gone.
 */
import { visible } from '../../base/visible.ts';
import type { Row } from '../../terminal/emulator.ts';
import { cellText, usedColumns } from '../../terminal/screen-text.ts';
import type { RecordingEvent } from '../event-line.ts';
import type { RecordingMeta } from '../meta.ts';
import { type ReadReport, type RecordingFiles, readEvents } from '../reader.ts';
import { clearsScreen, entersAlternate, leavesAlternate } from '../screen-changes.ts';
import { UnreadLines } from '../unread-lines.ts';
import type { TextSink } from './text-sink.ts';

/** Renders a whole recording. */
export async function exportText(files: RecordingFiles, sink: TextSink): Promise<ReadReport> {
  const transcript = new Transcript(files.meta);
  try {
    const report = await readEvents(files, async (event) => {
      const text = transcript.push(event);
      if (text !== '') await sink(text);
      return undefined;
    });
    await sink(transcript.end());
    return report;
  } finally {
    transcript.dispose();
  }
}

/** Turns events into lines of text as they leave the screen. */
class Transcript {
  readonly #lines: UnreadLines;
  #open = false;

  constructor(meta: Pick<RecordingMeta, 'size'>) {
    this.#lines = new UnreadLines(meta.size);
  }

  /** What is now final. */
  push(event: RecordingEvent): string {
    if (event.kind === 'resize') {
      this.#lines.resize(event.size);
      return this.#scrolledOut();
    }
    if (event.kind !== 'output') return '';
    let out = this.#beforeChange(event.text);
    this.#lines.write(event.bytes ?? Buffer.from(event.text), () => {
      out += this.#scrolledOut();
    });
    return out;
  }

  /** What is left on the screen. */
  end(): string {
    const framed = this.#lines.emulator.alternate ? this.#fullScreen() : this.#linesTo(this.#lastUsed() + 1);
    const newline = this.#open ? '\n' : '';
    this.#open = false;
    const { failure } = this.#lines.emulator;
    const rest = failure === undefined ? '' : `--- the rest could not be rendered: ${visible(failure)} ---\n`;
    return framed + newline + rest;
  }

  dispose(): void {
    this.#lines.dispose();
  }

  #scrolledOut(): string {
    const { alternate, top } = this.#lines.emulator;
    return alternate ? '' : this.#linesTo(top);
  }

  /** What would be lost when this text is shown. */
  #beforeChange(text: string): string {
    const { alternate, cursor, top } = this.#lines.emulator;
    if (alternate) return leavesAlternate(text) ? this.#fullScreen() : '';
    if (entersAlternate(text)) return this.#linesTo(cursor.line);
    if (!clearsScreen(text)) return '';
    const shown = this.#linesTo(this.#lastUsed() + 1);
    this.#lines.readTo(top);
    return shown;
  }

  #linesTo(end: number): string {
    const { first } = this.#lines;
    if (end <= first) return '';
    let out = '';
    for (let line = first; line < end; line += 1) out += this.#line(line);
    this.#lines.readTo(end);
    return out;
  }

  #line(line: number): string {
    const row = this.#lines.emulator.row(line);
    if (row === undefined) return '';
    const continues = this.#lines.emulator.row(line + 1)?.wrapped === true;
    const before = this.#open && !row.wrapped ? '\n' : '';
    this.#open = true;
    return before + visible(continues ? rowText(row) : rowText(row).trimEnd());
  }

  #fullScreen(): string {
    const rows: string[] = [];
    for (let row = 0; row < this.#lines.emulator.rows; row += 1) {
      const shown = this.#lines.emulator.row(this.#lines.emulator.top + row);
      rows.push(shown === undefined ? '' : visible(rowText(shown).trimEnd()));
    }
    while (rows.at(-1) === '') rows.pop();
    const newline = this.#open ? '\n' : '';
    this.#open = false;
    return `${newline}--- full-screen program, last screen ---\n${rows.map((row) => `| ${row}\n`).join('')}---\n`;
  }

  #lastUsed(): number {
    let line = this.#lines.emulator.lines - 1;
    while (line >= 0 && isBlank(this.#lines.emulator.row(line))) line -= 1;
    return line;
  }
}

function rowText(row: Row): string {
  return cellText(row.cells, 0, row.cells.length);
}

function isBlank(row: Row | undefined): boolean {
  return row === undefined || usedColumns(row.cells) === 0;
}
