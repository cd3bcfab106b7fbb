/**
 * Recordings as plain text: what scrolled by, as it looked, through the emulator. Of a full-screen program the
 * last screen is kept, framed by a line that says so. Not evidence: what was overwritten on the screen is gone.
 */
import { visible } from '../../base/visible.ts';
import { Emulator, type LineMark, type Row } from '../../terminal/emulator.ts';
import type { RecordingEvent } from '../event-line.ts';
import type { RecordingMeta } from '../meta.ts';
import { type ReadReport, type RecordingFiles, readEvents } from '../reader.ts';
import { usableSize } from '../terminal-size.ts';
import type { TextSink } from './text-sink.ts';

const SCROLLBACK = 20_000;
/** Few enough bytes that they cannot push unread lines out of the scrollback. */
const SLICE = 2048;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const CLEARS = /\x1b\[2J|\x1b\[H\x1b\[0?J|\x1bc/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const ENTERS_ALTERNATE = /\x1b\[\?(?:1049|1047|47)h/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const LEAVES_ALTERNATE = /\x1b\[\?(?:1049|1047|47)l|\x1bc/;

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
export class Transcript {
  readonly #emulator: Emulator;
  /** The first line that was not given out yet. */
  #next: LineMark | undefined;
  #open = false;

  constructor(meta: Pick<RecordingMeta, 'size'>) {
    this.#emulator = new Emulator({ ...usableSize(meta.size), scrollback: SCROLLBACK });
    this.#next = this.#emulator.mark(0, 0);
  }

  /** What is now final. */
  push(event: RecordingEvent): string {
    if (event.kind === 'resize') {
      const { cols, rows } = usableSize(event.size);
      this.#emulator.resize(cols, rows);
      return this.#scrolledOut();
    }
    if (event.kind !== 'output') return '';
    let out = this.#beforeClearing(event.text);
    const bytes = event.bytes ?? Buffer.from(event.text);
    for (let at = 0; at < bytes.length; at += SLICE) {
      this.#emulator.write(bytes.subarray(at, at + SLICE));
      out += this.#scrolledOut();
    }
    return out;
  }

  /** What is left on the screen. */
  end(): string {
    const framed = this.#emulator.alternate ? this.#fullScreen() : this.#linesTo(this.#lastUsed() + 1);
    const newline = this.#open ? '\n' : '';
    this.#open = false;
    return framed + newline;
  }

  dispose(): void {
    this.#emulator.dispose();
  }

  #scrolledOut(): string {
    return this.#emulator.alternate ? '' : this.#linesTo(this.#emulator.top);
  }

  #beforeClearing(text: string): string {
    if (this.#emulator.alternate) return LEAVES_ALTERNATE.test(text) ? this.#fullScreen() : '';
    if (ENTERS_ALTERNATE.test(text)) return this.#linesTo(this.#emulator.cursor.line);
    if (!CLEARS.test(text)) return '';
    const shown = this.#linesTo(this.#lastUsed() + 1);
    this.#next?.dispose();
    this.#next = this.#emulator.mark(this.#emulator.top, 0);
    return shown;
  }

  #linesTo(end: number): string {
    const first = Math.max(0, this.#next?.line ?? 0);
    let out = '';
    for (let line = first; line < end; line += 1) out += this.#line(line);
    this.#next?.dispose();
    this.#next = this.#emulator.mark(Math.max(first, end), 0);
    return out;
  }

  #line(line: number): string {
    const row = this.#emulator.row(line);
    if (row === undefined) return '';
    const continues = this.#emulator.row(line + 1)?.wrapped === true;
    const before = this.#open && !row.wrapped ? '\n' : '';
    this.#open = true;
    return before + visible(continues ? cellText(row) : cellText(row).trimEnd());
  }

  #fullScreen(): string {
    const rows: string[] = [];
    for (let row = 0; row < this.#emulator.rows; row += 1) {
      const shown = this.#emulator.row(this.#emulator.top + row);
      rows.push(shown === undefined ? '' : visible(cellText(shown).trimEnd()));
    }
    while (rows.at(-1) === '') rows.pop();
    const newline = this.#open ? '\n' : '';
    this.#open = false;
    return `${newline}--- full-screen program, last screen ---\n${rows.map((row) => `| ${row}\n`).join('')}---\n`;
  }

  #lastUsed(): number {
    let line = this.#emulator.lines - 1;
    while (line >= 0 && isBlank(this.#emulator.row(line))) line -= 1;
    return line;
  }
}

/** The text of a row, erased cells as blanks. */
export function cellText(row: Row): string {
  return row.cells.map((cell) => (cell.width === 0 ? '' : cell.chars || ' ')).join('');
}

function isBlank(row: Row | undefined): boolean {
  return row === undefined || row.cells.every((cell) => cell.chars === '' || cell.chars === ' ');
}
