/**
 * The bastion's picture of the user's screen: an adapter over the pinned emulator library and the only file that
 * touches it. Whoever reads a row sees everything that was written before; a flood of plain lines is parsed only then,
 * and only as much of it as is still there to be seen.
 *
 * It answers no query by itself: the user's own terminal does, or the observer. It does not promise that what it shows is what the
 * user's terminal shows; a parser failure stops it for good (`failure`), and then nothing on it may be believed.
 */

import type { IBuffer, IBufferCell, IBufferLine, Terminal } from '@xterm/headless';
import headless from '@xterm/headless';
import { HeldlineError } from '../base/heldline-error.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import { type AttributeReader, isFaint, type StyledCell, styleOf } from './cell-style.ts';
import { useSystemWidths } from './character-width.ts';
import { type EmulatorCore, requireCore } from './emulator-core.ts';
import { exitCodeOf } from './end-mark.ts';
import { FishSignature } from './fish-signature.ts';
import { type OutputObserver, observeOutput } from './output-observer.ts';
import { PlainTail } from './plain-tail.ts';
import { QueryLedger } from './query-ledger.ts';
import { watchQueries } from './query-watch.ts';
import { type Cell, cellOf, type Row } from './screen-row.ts';
import { type Modes, modesOf, type ScreenState, screenStateOf } from './screen-state.ts';

/** ED 3: erases what is above the screen, and nothing else. */
const ERASE_ABOVE = Buffer.from('\x1b[3J');
/** Larger chunks would make the library's parse buffer grow and stay. */
const SLICE_BYTES = 8192;
/** Shorter output is parsed at once: it is the echo of a key, and somebody is about to look. */
const SHORTEST_HELD = 512;
/** Plain output is held back up to this, if its last lines need as much. Bytes. */
const LONGEST_HELD = 64 * 1024;
const SCROLLBACK = 200;
/** Rows kept between two changes of the screen: more than a line is long, and little memory while nothing happens. */
const KEPT_ROWS = 16;

export interface EmulatorOptions {
  readonly cols: number;
  readonly rows: number;
  /** Lines kept above the screen; with 0, line marks die when a long command scrolls. Default 200. */
  readonly scrollback?: number;
  /** Hears of what is not on the screen, answers to queries included. */
  readonly observer?: OutputObserver;
}

/** One cell of a row that is being read. Not to be kept: the next cell is the same object. */
export interface CellReader extends AttributeReader {
  /** Empty when nothing was written there since it was erased. */
  getChars(): string;
  /** 0 for the right half of a wide character */
  getWidth(): number;
  /** The packed foreground and background with all attributes but the underline's style: equal when drawn alike. */
  readonly fg: number;
  readonly bg: number;
}

export type { Cell, Row };

/** A place that moves with its line as the screen scrolls and reflows. */
export interface LineMark {
  /** Absolute line (row of the buffer, scrollback included); -1 once the line is gone. */
  readonly line: number;
  readonly column: number;
  dispose(): void;
}

/** A semantic prompt mark (OSC 133 or 633) seen in the output. */
export interface PromptMark {
  readonly kind: 'A' | 'B' | 'C' | 'D';
  readonly mark: LineMark;
  /** Count of marks so far; tells a new one from an old one. */
  readonly ordinal: number;
}

export interface Cursor {
  /** Absolute line */
  readonly line: number;
  /** Row of the screen */
  readonly row: number;
  /** 0 .. cols; cols means that the last column was written and the next character wraps */
  readonly column: number;
}

export class Emulator {
  /** Questions to the user's terminal seen in the output and not yet answered. */
  readonly queries: QueryLedger = new QueryLedger();
  readonly #terminal: Terminal;
  readonly #core: EmulatorCore;
  readonly #cell: IBufferCell;
  /** Rows as they were read since the screen last changed, by absolute line. */
  readonly #read = new Map<number, Row>();
  #parsing = false;
  readonly #scrollback: number;
  /** Output that was written and not parsed: plain lines that nobody has asked for. */
  readonly #unread = new PlainTail();
  /** Whether plain text would only print and scroll; undefined until that was looked up. */
  #printsOnly: boolean | undefined;
  #promptMark: PromptMark | undefined;
  readonly #fish = new FishSignature();
  #ended: LineMark | undefined;
  #ordinal = 0;
  #failure: string | undefined;
  readonly #ends = new Signal<number | null>((failure) => this.#fail(failure));

  /** @throws HeldlineError `emulator.shape` when the emulator library is not the pinned one */
  constructor(options: EmulatorOptions) {
    this.#scrollback = options.scrollback ?? SCROLLBACK;
    this.#terminal = new headless.Terminal({
      cols: options.cols,
      rows: options.rows,
      scrollback: this.#scrollback,
      allowProposedApi: true,
      logLevel: 'off',
    });
    this.#core = requireCore(this.#terminal);
    this.#cell = this.#terminal.buffer.active.getNullCell();
    useSystemWidths(this.#terminal.unicode);
    if (options.observer !== undefined) observeOutput(this.#terminal, options.observer);
    watchQueries(this.#terminal.parser, this.queries);
    for (const code of [133, 633]) {
      this.#terminal.parser.registerOscHandler(code, (data) => this.#markSeen(data));
    }
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** Why the screen can no longer be believed; undefined while all is well. */
  get failure(): string | undefined {
    this.#settle();
    return this.#failure;
  }

  /** Takes output; whoever looks sees its effect. Never throws: a failure is kept in `failure`. */
  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) return;
    this.#read.clear();
    try {
      this.#take(bytes);
    } catch (failure) {
      this.#fail(failure);
    }
  }

  /** Output since `lineEnded` looked like that of the shell fish. */
  get fishSeen(): boolean {
    return this.#fish.seen;
  }

  /** A line was submitted: what comes goes on in no row up to `last`, its last one. */
  lineEnded(last: number): void {
    this.#fish.forget();
    this.#ended?.dispose();
    this.#ended = this.mark(last, 0);
  }

  /** The line before goes on after all. */
  lineResumed(): void {
    this.#ended?.dispose();
    this.#ended = undefined;
  }

  /** The last row of the line before; -1 without one, and in the alternate buffer. */
  get endedLine(): number {
    return this.alternate ? -1 : (this.#ended?.line ?? -1);
  }

  resize(cols: number, rows: number): void {
    this.#settle();
    this.#read.clear();
    this.#printsOnly = undefined;
    try {
      this.#terminal.resize(cols, rows);
    } catch (failure) {
      this.#fail(failure);
    }
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  /**
   * Forgets the lines above the screen and gives their memory back. False when that has to wait: a full-screen program
   * is shown, or half a sequence was written.
   */
  forgetAbove(): boolean {
    if (this.#failure !== undefined || this.alternate || !this.isGround) return false;
    const buffer = this.#core._bufferService.buffer;
    const { top } = this;
    // The library would keep what it erases until other lines come to stand there, and misplaces the saved cursor.
    for (let line = 0; line < top; line += 1) buffer.lines.set(line, undefined);
    this.write(ERASE_ABOVE);
    buffer.savedY = Math.max(0, buffer.savedY - top);
    return true;
  }

  /** Whether the parser stands between sequences and characters, so that other output may be put in here. */
  get isGround(): boolean {
    const { _parser, _utf8Decoder } = this.#core._inputHandler;
    return _parser.currentState === _parser.initialState && _utf8Decoder.interim[0] === 0;
  }

  /** The alternate buffer is shown: a full-screen program. */
  get alternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  get cursor(): Cursor {
    const buffer = this.#buffer;
    return { line: buffer.baseY + buffer.cursorY, row: buffer.cursorY, column: buffer.cursorX };
  }

  /** Absolute line of the top row of the screen. */
  get top(): number {
    return this.#buffer.baseY;
  }

  /** Number of absolute lines: scrollback and screen. */
  get lines(): number {
    return this.#buffer.length;
  }

  /** The row at an absolute line of the active buffer; undefined outside. */
  row(line: number): Row | undefined {
    const read = this.#read.get(line);
    if (read !== undefined) return read;
    const source = this.#buffer.getLine(line);
    if (source === undefined) return undefined;
    const cells: Cell[] = [];
    this.#eachCell(source, (cell) => {
      const faint = !cell.isAttributeDefault() && isFaint(asReader(cell));
      cells.push(cellOf(cell.getChars(), cell.getWidth(), faint, cell.isInverse() !== 0));
    });
    const row = { cells, wrapped: source.isWrapped };
    // A handler that reads while output is parsed reads what is about to change.
    if (!this.#parsing && this.#read.size < KEPT_ROWS) this.#read.set(line, row);
    return row;
  }

  /** Text of the columns `from` to `to` (exclusive) of an absolute line, blanks included; empty outside. */
  text(line: number, from: number, to: number): string {
    return this.#buffer.getLine(line)?.translateToString(false, from, to) ?? '';
  }

  /** The row at an absolute line with full styles, for painting; undefined outside. */
  styledRow(line: number): { readonly cells: readonly StyledCell[]; readonly wrapped: boolean } | undefined {
    const source = this.#buffer.getLine(line);
    if (source === undefined) return undefined;
    const cells: StyledCell[] = [];
    this.#eachCell(source, (cell) => {
      cells.push({ chars: cell.getChars(), width: cell.getWidth(), style: styleOf(asReader(cell)) });
    });
    return { cells, wrapped: source.isWrapped };
  }

  /**
   * Reads the cells of an absolute line from left to right, without making a value of each. Returns whether the
   * line continues the one above; undefined outside of the buffer.
   */
  readLine(line: number, visit: (cell: CellReader) => void): boolean | undefined {
    const source = this.#buffer.getLine(line);
    if (source === undefined) return undefined;
    this.#eachCell(source, (cell) => visit(asReader(cell)));
    return source.isWrapped;
  }

  /** Marks an absolute line of the normal buffer; undefined in the alternate buffer, whose lines do not live. */
  mark(line: number, column: number): LineMark | undefined {
    const marker = this.#terminal.registerMarker(line - this.cursor.line);
    if (marker === undefined) return undefined;
    const settle = (): void => this.#settle();
    return {
      get line(): number {
        settle();
        return marker.isDisposed ? -1 : marker.line;
      },
      column,
      dispose: () => marker.dispose(),
    };
  }

  /** Marks the cursor's line and column. */
  markCursor(): LineMark | undefined {
    const { line, column } = this.cursor;
    return this.mark(line, column);
  }

  /** The latest semantic prompt mark that the output has set. */
  get promptMark(): PromptMark | undefined {
    return this.#promptMark;
  }

  /** Tells of each mark with which a shell says that a command ended, with the code that it names. Proves nothing. */
  onCommandEnd(listener: (code: number | null) => void): Unsubscribe {
    return this.#ends.subscribe(listener);
  }

  get modes(): Modes {
    return modesOf(this.#terminal, this.#core);
  }

  get screenState(): ScreenState {
    this.#settle();
    return screenStateOf(this.#core);
  }

  /** The buffer that is shown, everything written parsed. */
  get #buffer(): IBuffer {
    this.#settle();
    return this.#terminal.buffer.active;
  }

  #take(bytes: Uint8Array): void {
    if (this.#holds(bytes)) {
      if (this.#unread.size > LONGEST_HELD) this.#settle();
      return;
    }
    this.#settle();
    this.#fish.take(bytes);
    this.#parse(bytes);
    this.#printsOnly = undefined;
  }

  #holds(bytes: Uint8Array): boolean {
    if (bytes.length < SHORTEST_HELD && this.#unread.size === 0) return false;
    this.#printsOnly ??= this.#isWholeNormalScreen();
    // After so many lines nothing of what stood on the screen or above it is left.
    return this.#printsOnly && this.#unread.add(bytes, 2 * this.rows + this.#scrollback);
  }

  /** With margins, what stands outside of them never scrolls away. */
  #isWholeNormalScreen(): boolean {
    const { scrollTop, scrollBottom } = this.#core._bufferService.buffer;
    return !this.alternate && this.isGround && scrollTop === 0 && scrollBottom === this.rows - 1;
  }

  #settle(): void {
    if (this.#unread.size === 0) return;
    this.#fish.interrupted();
    for (const bytes of this.#unread.take()) this.#parse(bytes);
  }

  #parse(output: Uint8Array): void {
    if (this.#failure !== undefined) return;
    this.#parsing = true;
    try {
      for (let start = 0; start < output.length; start += SLICE_BYTES) {
        this.#core.writeSync(output.subarray(start, start + SLICE_BYTES));
      }
    } catch (failure) {
      this.#fail(failure);
    } finally {
      this.#parsing = false;
    }
  }

  #eachCell(line: IBufferLine, visit: (cell: IBufferCell) => void): void {
    const { cols } = this;
    for (let column = 0; column < cols; column += 1) {
      const read = line.getCell(column, this.#cell);
      if (read !== undefined) visit(read);
    }
  }

  #fail(failure: unknown): void {
    this.#failure = failure instanceof Error ? failure.message : String(failure);
  }

  #markSeen(data: string): boolean {
    const kind = data.charAt(0);
    const valid = kind === 'A' || kind === 'B' || kind === 'C' || kind === 'D';
    if (!valid || (data.length > 1 && data.charAt(1) !== ';')) return false;
    const mark = this.markCursor();
    if (mark === undefined) return false;
    this.#promptMark?.mark.dispose();
    this.#ordinal += 1;
    this.#promptMark = { kind, mark, ordinal: this.#ordinal };
    const code = exitCodeOf(data);
    if (code !== undefined) this.#ends.tell(code);
    return false;
  }
}

/** A public cell carries the underline methods too, though its declared type does not say so. */
function asReader(cell: IBufferCell): CellReader {
  if (!isReader(cell)) {
    throw new HeldlineError('emulator.shape', 'the terminal emulator library is not the pinned version');
  }
  return cell;
}

function isReader(cell: IBufferCell): cell is IBufferCell & CellReader {
  return 'getUnderlineStyle' in cell && 'getUnderlineColor' in cell && 'fg' in cell && 'bg' in cell;
}
